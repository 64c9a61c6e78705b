"""A real Node-RED process with the package installed, on a free port and with a user directory of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

from .journal import PATIENCE, Journal
from .tools import node_red

Flow: TypeAlias = "list[dict[str, Any]]"

_SETTINGS: dict[str, Any] = {
    "uiHost": "127.0.0.1",
    "flowFile": "flows.json",
    "lang": "en-US",
    "credentialSecret": "only a demonstration",
    "telemetry": {"enabled": False},
    "editorTheme": {"tours": False},
}
_ENDED = "(end of the log)"


class NodeRedError(Exception):
    """Node-RED did not start, refused a request, or did not end."""


class NodeRed:
    """Starts with `async with`, and is gone after the block, with all that it started.

    Attributes:
        log: lines that the process printed.
        url: the editor's address, without a slash at the end.
        user_directory: Node-RED's.
    """

    def __init__(
        self,
        line: str,
        user_directory: Path,
        *,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str | None] | None = None,
        listen: Callable[[str], None] | None = None,
        settings_file: str = "settings.js",
    ) -> None:
        """Prepare, without starting it.

        Args:
            line: "4.1" or "5.0".
            user_directory: with the package in its node_modules.
            settings: for settings.js, in addition to those here.
            environment: variables to set, or to remove (None).
            listen: gets each line of the log.
            settings_file: name in the user directory; two processes with one directory need one each.
        """
        self.user_directory = user_directory
        self.log: Journal[str] = Journal()
        self._line = line
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._settings = {**_SETTINGS, **(settings or {}), "uiPort": self._port}
        # The example flows ask this variable for the port, as Node-RED's own settings.js does.
        self._environment = {**os.environ, "PORT": str(self._port), **(environment or {})}
        self._listen = listen
        self._settings_file = settings_file

    async def __aenter__(self) -> NodeRed:
        """Start it, and wait until its flows run and its web server answers.

        Raises:
            NodeRedError: it ended before.
        """
        settings = self.user_directory / self._settings_file
        settings.write_text(f"module.exports = {json.dumps(self._settings, indent=4)};\n")
        self._process = await asyncio.create_subprocess_exec(
            *node_red(self._line),
            *("--userDir", str(self.user_directory), "--settings", str(settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            limit=2**24,
            env={name: value for name, value in self._environment.items() if value is not None},
        )
        self._reader = asyncio.create_task(self._read())
        # Node-RED closes idle connections; a request must not go into one that is just being closed.
        self._http = aiohttp.ClientSession(self.url, connector=aiohttp.TCPConnector(force_close=True))
        try:
            for sign in ("Started flows", "Server now running"):
                if await self.logged(f"{sign}|{re.escape(_ENDED)}") == _ENDED:
                    raise NodeRedError("Node-RED does not start:\n" + "\n".join(self.log))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """End it; see `stop`."""
        await self._http.close()
        await self.stop(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def ended(self) -> None:
        """Wait until the process and all that held its output are gone."""
        await asyncio.gather(self._process.wait(), self._reader)

    async def stop(self, number: signal.Signals) -> None:
        """End the process by a signal, and wait for its end.

        Raises:
            NodeRedError: it, or what it started, did not end; the process itself has been killed then.
        """
        if self._process.returncode is None:
            self._process.send_signal(number)
        try:
            await asyncio.wait_for(self.ended(), PATIENCE)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            raise NodeRedError("Node-RED, or a process that it started, outlived its end") from None

    async def logged(self, pattern: str, after: int = 0) -> str:
        """Wait for a line in the log, from that index on, and return it."""
        look = re.compile(pattern).search
        return await self.log.until(lambda lines: next((line for line in lines[after:] if look(line)), None))

    async def deploy(self, flow: Flow, kind: str = "full") -> None:
        """Replace all flows and wait until they are started.

        Args:
            flow: nodes, tabs and their credentials.
            kind: full, flows or nodes, as in the editor's deploy menu.
        """
        headers = {"Node-RED-API-Version": "v2", "Node-RED-Deployment-Type": kind}
        before = len(self.log)
        await self.request("POST", "/flows", json={"flows": flow}, headers=headers)
        await self.logged(r"Started (modified )?(flows|nodes)", after=before)

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """Call Node-RED's admin API, or an http-in node, and return the JSON or text that it answers.

        Raises:
            NodeRedError: the answer is an error.
        """
        async with self._http.request(method, path, **options) as response:
            text = await response.text()
            if response.status >= 400:
                raise NodeRedError(f"{method} {path}: {response.status} {text[:500]}")
            return json.loads(text) if response.content_type == "application/json" else text

    async def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        async for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            await self.log.add(text)
            if self._listen:
                self._listen(text)
        await self.log.add(_ENDED)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
