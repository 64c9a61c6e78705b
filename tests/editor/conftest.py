"""A browser, and a Node-RED of each line for it to open."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from scripts.node_red import NodeRed
from scripts.tools import LINES, ensure_packages, install_package

from .browser import started_browser
from .page import EditorPage

SETTINGS = {
    "credentialSecret": "a secret of the tests",
    # The palette's own editor asks the internet for catalogues.
    "editorTheme": {"tours": False, "palette": {"editable": False}},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in the event loop that the shared processes belong to, and some of them on one line alone."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    items[:] = [
        item for item in items if not (item.get_closest_marker("one_line") and _line(item) != next(iter(LINES)))
    ]


def _line(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("red") if callspec else None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Yield the browser that all tests share."""
    async with started_browser() as running:
        yield running


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a node_modules with the package as npm installs it."""
    folder = tmp_path_factory.mktemp("packages")
    install_package(folder)
    return folder / "node_modules"


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=list(LINES))
async def red(
    request: pytest.FixtureRequest, packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[NodeRed]:
    """Yield a Node-RED of each line that is supported."""
    ensure_packages(LINES[request.param])
    directory = tmp_path_factory.mktemp("red")
    (directory / "node_modules").symlink_to(packages, target_is_directory=True)
    environment = {"PLATE_RECOGNIZER_PYTHON": sys.executable}
    async with NodeRed(request.param, directory, settings=SETTINGS, environment=environment) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def editor(red: NodeRed, browser: Browser) -> AsyncIterator[EditorPage]:
    """Yield an editor in a browser as it is after its installation; afterwards nothing may have gone wrong in it."""
    context = await browser.new_context(viewport={"width": 1400, "height": 950}, locale="en-US")
    page = EditorPage(await context.new_page(), red)
    yield page
    await context.close()
    assert page.complaints == []
