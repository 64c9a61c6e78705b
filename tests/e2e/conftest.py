"""Node-RED processes that tests share, because each takes seconds to start."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from scripts.node_red import NodeRed
from scripts.tools import LINES, ensure_packages, install_package
from tests.contract.server import TOKEN, Service

SETTINGS = {
    "credentialSecret": "a secret of the tests",
    "debugMaxLength": 100_000,
    "logging": {"console": {"level": "debug", "metrics": False, "audit": False}},
}


def user_directory(folder: Path, packages: Path) -> Path:
    """Return a new user directory; its packages are shared with other directories."""
    directory = folder / "user"
    directory.mkdir()
    (directory / "node_modules").symlink_to(packages, target_is_directory=True)
    return directory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests in the event loop that the shared processes belong to."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", params=list(LINES))
def line(request: pytest.FixtureRequest) -> str:
    """Yield each line of Node-RED that is supported."""
    name: str = request.param
    ensure_packages(LINES[name])
    return name


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a node_modules with the package as npm installs it, and with the other node that a seed flow uses."""
    folder = tmp_path_factory.mktemp("packages")
    install_package(folder, "node-red-contrib-image-output@0.6.4")
    return folder / "node_modules"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cloud_service() -> AsyncIterator[Service]:
    """Yield the cloud for all tests; a Node-RED knows its address from its environment."""
    async with Service() as service:
        yield service


@pytest_asyncio.fixture(loop_scope="session")
async def cloud(cloud_service: Service) -> AsyncIterator[Service]:
    """Yield the cloud as if it were new."""
    cloud_service.reset()
    yield cloud_service


@pytest_asyncio.fixture(loop_scope="session")
async def sdk() -> AsyncIterator[Service]:
    """Yield an on-premise SDK."""
    async with Service("sdk") as service:
        yield service


@pytest.fixture(scope="session")
def environment(cloud_service: Service) -> dict[str, str]:
    """Return what every Node-RED finds in its environment: a ready Python, and the tests' cloud."""
    return {"PLATE_RECOGNIZER_PYTHON": sys.executable, "PLATE_RECOGNIZER_CLOUD_URL": cloud_service.url}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def red(
    line: str, packages: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[NodeRed]:
    """Yield the Node-RED of a line that all tests share that neither end it nor its worker."""
    directory = user_directory(tmp_path_factory.mktemp("red"), packages)
    async with NodeRed(line, directory, settings=SETTINGS, environment=environment) as shared:
        yield shared
    assert not [text for text in shared.log if TOKEN in text], "the token is in Node-RED's log"


@pytest_asyncio.fixture(loop_scope="session")
async def own(line: str, packages: Path, environment: dict[str, str], tmp_path: Path) -> AsyncIterator[NodeRed]:
    """Yield a Node-RED that the test may end."""
    directory = user_directory(tmp_path, packages)
    async with NodeRed(line, directory, settings=SETTINGS, environment=environment) as process:
        yield process
