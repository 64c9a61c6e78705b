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
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

from scripts.tools import node_red

from .journal import PATIENCE, Journal

Flow: TypeAlias = "list[dict[str, Any]]"

_SETTINGS: dict[str, Any] = {
    "uiHost": "127.0.0.1",
    "flowFile": "flows.json",
    "lang": "en-US",
    "credentialSecret": "a secret of the tests",
    "debugMaxLength": 100_000,
    "telemetry": {"enabled": False},
    "logging": {"console": {"level": "debug", "metrics": False, "audit": False}},
}

_ENDED = "(end of the log)"


class NodeRed:
    """Starts with `async with`, and is gone after the block, with the worker.

    Attributes:
        log: lines that the process printed.
        url: the editor's address, without a slash at the end.
        user_directory: Node-RED's.
    """

    def __init__(
        self,
        line: str,
        user_directory: Path,
        packages: Path,
        *,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str | None] | None = None,
    ) -> None:
        """Prepare, without starting it.

        Args:
            line: "4.1" or "5.0".
            user_directory: may exist, with what an earlier process left.
            packages: the node_modules in which the package is installed.
            settings: for settings.js, beside the tests' own.
            environment: variables to set, or to remove (None).
        """
        self.user_directory = user_directory
        self.log: Journal[str] = Journal()
        self._line = line
        self._packages = packages
        self._settings = {**_SETTINGS, **(settings or {})}
        self._environment = environment or {}

    async def __aenter__(self) -> NodeRed:
        self.user_directory.mkdir(parents=True, exist_ok=True)
        modules = self.user_directory / "node_modules"
        if not modules.exists():
            modules.symlink_to(self._packages, target_is_directory=True)
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        settings = self.user_directory / "settings.js"
        settings.write_text(f"module.exports = {json.dumps({**self._settings, 'uiPort': self._port})};\n")
        environment = {**os.environ, **self._environment}
        self._process = await asyncio.create_subprocess_exec(
            *node_red(self._line),
            *("--userDir", str(self.user_directory), "--settings", str(settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            limit=2**24,
            env={name: value for name, value in environment.items() if value is not None},
        )
        self._reader = asyncio.create_task(self._read())
        self._http = aiohttp.ClientSession(self.url)
        try:
            for sign in ("Started flows", "Server now running"):
                line = await self.logged(f"{sign}|{re.escape(_ENDED)}")
                assert line != _ENDED, "Node-RED does not start:\n" + "\n".join(self.log)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._http.close()
        await self.stop(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def stop(self, number: signal.Signals) -> None:
        """End the process by a signal, and wait until it and all that held its output are gone."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        try:
            await asyncio.wait_for(asyncio.gather(self._process.wait(), self._reader), PATIENCE)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            raise AssertionError("Node-RED, or a process that it started, outlived its end") from None

    async def logged(self, pattern: str, after: int = 0) -> str:
        """Wait for a line in the log, from that index on, and return it."""
        look = re.compile(pattern).search
        return await self.log.until(lambda lines: next((line for line in lines[after:] if look(line)), None))

    async def worker(self) -> int:
        """Return the process id of the worker, which must run by now."""
        workers = await children(self.pid, "python_worker")
        assert len(workers) == 1, workers
        return workers[0]

    async def deploy(self, flow: Flow, kind: str = "full") -> None:
        """Replace all flows and wait until they are started.

        Args:
            flow: nodes, tabs and their credentials.
            kind: full, flows or nodes, as in the editor's deploy menu.
        """
        headers = {"Node-RED-API-Version": "v2", "Node-RED-Deployment-Type": kind}
        started = len(self.log)
        await self.request("POST", "/flows", json={"flows": flow}, headers=headers)
        await self.logged(r"Started (modified )?(flows|nodes)", after=started)

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """Call Node-RED's admin API, or an http-in node, and return the JSON or text that it answers."""
        async with self._http.request(method, path, **options) as response:
            text = await response.text()
            assert response.status < 400, f"{method} {path}: {response.status} {text[:500]}"
            return json.loads(text) if response.content_type == "application/json" else text

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            await self.log.add(line.decode(errors="replace").rstrip())
        await self.log.add(_ENDED)


async def children(pid: int, marker: str) -> list[int]:
    """Return the ids of a process's direct children with `marker` on their command line."""
    listing = await asyncio.create_subprocess_exec("ps", "-A", "-ww", "-o", "pid=,ppid=,args=", stdout=subprocess.PIPE)
    output, _ = await listing.communicate()
    rows = (row.split(maxsplit=2) for row in output.decode().splitlines())
    return [int(row[0]) for row in rows if int(row[1]) == pid and marker in row[-1]]


def alive(pid: int) -> bool:
    """Return whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
