"""Where the faults happen: real Node-REDs with the package, a service that answers them, and folders of their own."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from scripts.node_red import Flow, NodeRed
from scripts.tools import LINES, ensure_packages, install_package
from tests.contract.server import Service
from tests.e2e.conftest import user_directory
from tests.e2e.flows import node, tab

from . import machine

DRIVER = Path(__file__).parent / "driver"
SETTINGS = {"credentialSecret": "a secret of the fault runs"}
GATE, ENGINE = "gate", "engine"


def recognizer(node_id: str, url: str, **config: Any) -> dict[str, Any]:
    """Return a plate-recognizer node that takes all messages, and asks for the fault that a message's camera names."""
    defaults = {"ignoreDuring": False, "cameraId": "camera", "cameraIdType": "msg", "timeout": 10, "tries": 2}
    return node("plate-recognizer", node_id, url=url, **{**defaults, **config})


def flow(*recognizers: Mapping[str, Any]) -> Flow:
    """Return a flow of recognizers whose outputs lead to a node that takes all."""
    wired = [{**each, "wires": [["sink"], ["sink"]]} for each in recognizers]
    return [tab(), *wired, node("long-driver", "sink")]


class Stage:
    """What all faults of a run share; use with `async with`.

    Attributes:
        line: of Node-RED, "4.1" or "5.0".
        quick: whether this is the short run.
        folder: for temporary files, removed at the end.
        built: a user directory with a Python environment, for faults that need one.
        sdk: the service that answers all recognitions but the engine's; each answer takes 30 ms.
    """

    def __init__(self, line: str, folder: Path, *, quick: bool) -> None:
        self.line = line
        self.quick = quick
        self.folder = folder
        self.built: Path | None = None
        self.sdk = Service("sdk", keep=1, delay=0.03)
        self._packages = folder / "packages" / "node_modules"
        self._count = 0
        self._stack = AsyncExitStack()
        self._shared: NodeRed | None = None
        self._sharing = asyncio.Lock()

    async def __aenter__(self) -> Stage:
        ensure_packages(LINES[self.line])
        self._packages.parent.mkdir()
        await asyncio.to_thread(install_package, self._packages.parent)
        await self._stack.enter_async_context(self.sdk)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stack.aclose()

    def new_folder(self, name: str) -> Path:
        """Return a new, empty folder."""
        self._count += 1
        folder = self.folder / f"{self._count}-{name}"
        folder.mkdir()
        return folder

    def new_user_directory(self, name: str = "red", content: Flow | None = None) -> Path:
        """Return a new user directory of Node-RED with the package, the driver, and a flow."""
        directory = user_directory(self.new_folder(name), self._packages)
        (directory / "nodes").symlink_to(DRIVER, target_is_directory=True)
        if content is not None:
            (directory / "flows.json").write_text(json.dumps(content))
        return directory

    @asynccontextmanager
    async def node_red(
        self,
        content: Flow,
        *,
        directory: Path | None = None,
        settings: Mapping[str, Any] | None = None,
        own_environment: bool = False,
        environment: Mapping[str, str | None] | None = None,
        settings_file: str = "settings.js",
    ) -> AsyncIterator[NodeRed]:
        """Run a Node-RED; what it started and did not end itself is ended with the block.

        Args:
            content: the flow.
            directory: the user directory, with a flow already; a new one when None.
            settings: for settings.js.
            own_environment: make the Python environment that users get, in place of using this one.
            environment: variables.
            settings_file: another name, when two Node-REDs use one directory.
        """
        directory = directory or self.new_user_directory(content=content)
        variables: dict[str, str | None] = {
            "PLATE_RECOGNIZER_PYTHON": None if own_environment else sys.executable,
            **(environment or {}),
        }
        red = NodeRed(
            self.line,
            directory,
            settings={**SETTINGS, **(settings or {})},
            environment=variables,
            settings_file=settings_file,
        )
        started: list[machine.Process] = []
        try:
            async with red:
                try:
                    yield red
                finally:
                    started = machine.descendants(red.pid)
                    # One that stands still would outlive Node-RED, and hold its output.
                    for each in started:
                        each.kill(signal.SIGCONT)
        finally:
            for each in started:
                if not await each.gone(10):
                    each.kill()

    async def shared(self) -> NodeRed:
        """Return a Node-RED with a gate and an engine node, for faults after which it goes on."""
        async with self._sharing:
            if self._shared is None:
                self._shared = await self._stack.enter_async_context(self.node_red(self.usual()))
            return self._shared

    def usual(self) -> Flow:
        """Return a flow with a gate, whose pictures the service reads, and an engine."""
        return flow(recognizer(GATE, self.sdk.url), recognizer(ENGINE, "embedded:"))
