"""The Python environment that the package makes in Node-RED's user directory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.node_red import NodeRed
from scripts.tools import LINES
from tests.contract.server import Service

from .conftest import SETTINGS, user_directory
from .driver import PICTURE_IN_FLOW, deployed
from .flows import driven, plate_recognizer


@pytest.mark.parametrize("line", list(LINES)[:1], indirect=True)
async def test_without_python_the_node_says_what_to_install_and_makes_its_environment_once_python_is_there(
    line: str, packages: Path, tmp_path: Path, sdk: Service
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    variables = {"PATH": str(programs), "PLATE_RECOGNIZER_PYTHON": None}
    directory = user_directory(tmp_path, packages)
    async with NodeRed(line, directory, settings=SETTINGS, environment=variables) as red:
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            await red.logged(r"\[error\].*Python 3\.10")
            await driver.status("Install Python 3.10")
            assert (
                "Python 3.10" in (await driver.message(payload=PICTURE_IN_FLOW)).refused["payload"]["error"]["message"]
            )
            (programs / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
            await driver.status("creating a Python environment")
            await driver.status("installing aiohttp")
            await driver.cleared()
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        installed = {package.name for package in directory.glob("plate-recognizer/env-*/lib/python*/site-packages/*")}
        assert "aiohttp" in installed
        assert "numpy" not in installed, "the embedded engine's packages come when a node needs them"

    before = sorted(directory.glob("plate-recognizer/env-*"))
    async with NodeRed(line, directory, settings=SETTINGS, environment=variables) as red:
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        assert not [text for text in red.log if "creating a Python environment" in text]
    assert sorted(directory.glob("plate-recognizer/env-*")) == before
