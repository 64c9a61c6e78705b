"""The package as npm packs and installs it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from python_worker.nodes.registry import NODE_TYPES
from scripts.node_red import NodeRed
from scripts.tools import PACKAGE, ROOT, install_package, npm
from tests.contract.server import Service

from .conftest import SETTINGS
from .driver import PICTURE_IN_FLOW, deployed
from .flows import driven, plate_recognizer
from .processes import gone, worker_of

ALLOWED = re.compile(
    r"package\.json|README\.md|LICENSE|CHANGELOG\.md|pyproject\.toml"
    r"|nodes/[\w-]+\.(js|html)|nodes/lib/[\w-]+\.js|nodes/icons/[\w-]+\.svg"
    r"|nodes/locales/[\w-]+/[\w-]+\.(json|html)"
    r"|resources/([\w-]+/)*[\w-]+\.(js|css|jpg)"
    r"|examples/[\w -]+\.json"
    r"|python_worker/([a-z_]+/)*[a-z_-]+(\.schema)?\.(py|json)|python_worker/py\.typed"
    r"|python_worker/api/page/[a-z]+\.(html|css|js)"
    r"|python_worker/locks/[a-z]+\.txt"
    r"|python_worker/engine/weights/([a-z]+\.(onnx|txt)|LICENSE|NOTICE|SHA256SUMS)"
)
NEEDED = {
    "LICENSE",
    "README.md",
    "nodes/plate-list.html",
    "nodes/plate-list.js",
    "nodes/plate-recognizer.html",
    "nodes/plate-recognizer.js",
    "nodes/plate-statistics.html",
    "nodes/plate-statistics.js",
    "package.json",
    "pyproject.toml",
    "python_worker/__main__.py",
    "python_worker/engine/weights/NOTICE",
    "python_worker/engine/weights/characters.txt",
    "python_worker/engine/weights/detector.onnx",
    "python_worker/engine/weights/recogniser.onnx",
    "python_worker/engine/weights/vehicles.onnx",
    "python_worker/known/match.schema.json",
    "python_worker/locks/base.txt",
    "python_worker/locks/embedded.txt",
    "python_worker/py.typed",
    "python_worker/schemas/frames.json",
}


@pytest.fixture(scope="module")
def packed() -> set[str]:
    """Return the paths of the files that would be published."""
    (listing,) = json.loads(npm("pack", "--dry-run", "--json"))
    return {file["path"] for file in listing["files"]}


def test_the_tarball_has_what_a_user_needs(packed: set[str]) -> None:
    assert packed >= NEEDED
    assert packed >= {f"examples/{flow.name}" for flow in (ROOT / "flows").iterdir()}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "python_worker").rglob("*.py")}
    assert packed >= modules


def test_the_tarball_has_nothing_else(packed: set[str]) -> None:
    assert [path for path in sorted(packed) if not ALLOWED.fullmatch(path)] == []


def test_packing_leaves_no_copy_of_the_examples_behind(packed: set[str]) -> None:
    assert packed
    assert not (ROOT / "examples").exists()


async def test_node_red_lists_the_examples_in_its_import_menu(red: NodeRed) -> None:
    flows = {flow.stem for flow in (ROOT / "flows").glob("*.json")}
    assert flows
    assert PACKAGE in await red.request("GET", "/library/examples/flows/")
    listed = await red.request("GET", f"/library/examples/flows/{PACKAGE}")
    assert {entry["fn"] for entry in listed} == flows


async def test_every_example_imports(red: NodeRed) -> None:
    for entry in await red.request("GET", f"/library/examples/flows/{PACKAGE}"):
        path = f"/library/examples/flows/{PACKAGE}/{entry['fn']}"
        content: Any = await red.request("GET", path)
        await red.deploy(json.loads(content) if isinstance(content, str) else content)


async def test_all_node_types_are_in_the_palette(red: NodeRed) -> None:
    modules = await red.request("GET", "/nodes", headers={"Accept": "application/json"})
    mine = [entry for entry in modules if entry["module"] == PACKAGE]
    assert {kind for entry in mine for kind in entry["types"]} == NODE_TYPES.keys()
    assert [entry.get("err") for entry in mine] == [None] * len(NODE_TYPES)


def test_the_package_needs_few_others(packages: Path) -> None:
    """The parts of msgpackr that are compiled are optional."""
    package = json.loads((packages / PACKAGE / "package.json").read_text())
    assert set(package["dependencies"]) == {"msgpackr", "papaparse", "ws"}
    assert "scripts" not in package or not {"preinstall", "install", "postinstall"} & set(package["scripts"])


async def test_the_palette_manager_removes_the_package_and_its_worker_ends(
    line: str, environment: dict[str, str], tmp_path: Path, sdk: Service
) -> None:
    install_package(tmp_path)
    async with NodeRed(line, tmp_path, settings=SETTINGS, environment=environment) as red:
        async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
            await driver.message(payload=PICTURE_IN_FLOW)
            worker = await worker_of(red)
        # Node-RED does not remove a package whose nodes are in use.
        await red.deploy([])
        await red.request("DELETE", f"/nodes/{PACKAGE}")
        modules = await red.request("GET", "/nodes", headers={"Accept": "application/json"})
        assert PACKAGE not in {entry["module"] for entry in modules}
        assert not (tmp_path / "node_modules" / PACKAGE).exists()
        await gone(worker)
