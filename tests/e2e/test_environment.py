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
async def test_without_python_the_node_says_what_to_install_and_makes_its_environment_once_python_is_there_and_keeps_it(
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
            await driver.status("1 of 2: base")
            await driver.status("2 of 2: base")
            await driver.status("ready")
            await driver.cleared()
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        installed = {package.name for package in directory.glob("plate-recognizer/env-*/lib/python*/site-packages/*")}
        assert "aiohttp" in installed
        assert "numpy" not in installed, "the embedded engine's packages come when a node needs them"

    before = sorted(directory.glob("plate-recognizer/env-*"))
    # Installed packages need no index any more, and neither does an upgrade that does not change the locks.
    variables["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
    async with NodeRed(line, directory, settings=SETTINGS, environment=variables) as red:
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        assert not [text for text in red.log if "installing base" in text]
    assert sorted(directory.glob("plate-recognizer/env-*")) == before

    # The damage keeps the file's size, so that only the worker's failure to start shows it; nothing can replace the
    # file.
    (module,) = directory.glob("plate-recognizer/env-base-*/lib/python*/site-packages/msgpack/__init__.py")
    whole = module.read_text()
    module.write_text("?" * len(whole))
    async with NodeRed(line, directory, settings=SETTINGS, environment=variables) as red:
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            await driver.status("no internet: 127.0.0.1")
            await red.logged(r"\[error\].*The package index 127\.0\.0\.1 cannot be reached")
            assert sorted(directory.glob("plate-recognizer/env-base-*")) == [*before, *_unfinished(before)]
        module.write_text(whole)
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            await driver.cleared()
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


def _unfinished(folders: list[Path]) -> list[Path]:
    """Return what pip can go on with next time."""
    return [folder.with_name(f"{folder.name}.new") for folder in folders]


@pytest.mark.parametrize("line", list(LINES)[:1], indirect=True)
async def test_two_node_reds_on_one_user_directory_make_one_environment(
    line: str, packages: Path, tmp_path: Path, sdk: Service
) -> None:
    variables = {"PLATE_RECOGNIZER_PYTHON": None}
    directory = user_directory(tmp_path, packages)
    async with (
        NodeRed(line, directory, settings=SETTINGS, environment=variables) as first,
        NodeRed(line, directory, settings=SETTINGS, environment=variables) as second,
        deployed(first, driven(plate_recognizer(url=sdk.url))) as one,
        deployed(second, driven(plate_recognizer(url=sdk.url))) as other,
    ):
        for driver in (one, other):
            await driver.status("ready")
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        assert sum("installing base" in text for red in (first, second) for text in red.log) == 1
    assert len(list(directory.glob("plate-recognizer/env-*"))) == 1
