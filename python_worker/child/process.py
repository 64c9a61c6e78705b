"""One child process, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgpack

from . import frames
from .endings import Cause, Ending, ending
from .frames import Frame
from .memory import Resident

_log = logging.getLogger(__name__)

_PACKAGES = Path(__file__).parents[2]
_START = Path(__file__).with_name("start.py")

_LARGEST_MAP = 16 * 2**20
_LARGEST_PAYLOAD = 64 * 2**20

_LEVEL = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ")

_GRACE = 2.0
"""Seconds that a child has to end after its standard input was closed."""


class Process:
    """A child that does one module's work.

    Attributes:
        pid: its process id.
        concurrency: how many calls are best made at once; 0 before it is ready.
        ended: becomes the reason once the process is gone.
    """

    def __init__(self, process: asyncio.subprocess.Process, name: str, answered: Callable[[Frame], None]) -> None:
        self.pid = process.pid
        self.concurrency = 0
        self._process = process
        self._name = name
        self._answered = answered
        self._memory = Resident(process.pid)
        self._ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._killed: Ending | None = None
        self._over = False
        self.ended: asyncio.Task[Ending] = asyncio.create_task(self._follow())

    @classmethod
    async def begin(
        cls, module: str, parameters: Mapping[str, Any], name: str, answered: Callable[[Frame], None]
    ) -> Process:
        """Start a process; it is not `ready` yet.

        Args:
            module: name of the module whose work it does.
            parameters: what the module's `load` takes.
            name: what the log calls it.
            answered: takes each answer.

        Raises:
            OSError: the system starts no process.
        """
        # It has no use for a secret in the environment.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PLATE_RECOGNIZER_")}
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-I", str(_START)], stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
        begin = {
            "path": [str(_PACKAGES), *(entry for entry in sys.path if entry != str(_PACKAGES))],
            "module": module,
            "parameters": dict(parameters),
            "parent": os.getpid(),
            "level": logging.getLogger().getEffectiveLevel(),
        }
        _stdin(process).write(json.dumps(begin).encode() + b"\n")
        return cls(process, name, answered)

    async def ready(self, seconds: float) -> Ending | None:
        """Wait until it can work. If it cannot, it has ended; return the reason."""
        either: set[asyncio.Future[Any]] = {self._ready, self.ended}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            self.kill(Ending(Cause.CRASH, f"it was not ready within {seconds:.0f} seconds"))
            return await asyncio.shield(self.ended)
        self.concurrency = self._ready.result()
        return None

    @property
    def listens(self) -> bool:
        """Whether a call can be handed over: false as soon as its end shows."""
        return not (_stdin(self._process).is_closing() or self._over)

    def send(self, frame: Frame) -> None:
        """Hand a call over. If the process has just ended, nothing happens."""
        stream = _stdin(self._process)
        stream.write(frames.head(frame))
        stream.write(frame.payload)

    def memory(self) -> int:
        """Return the bytes that it has in memory, 0 where that is unknown."""
        return self._memory.bytes()

    def kill(self, ending: Ending) -> None:
        """End it at once."""
        self._killed = self._killed or ending
        self._over = True
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def retire(self) -> None:
        """Let it end by itself; what it works on is dropped."""
        self._killed = self._killed or Ending(Cause.CLOSED, "it was not needed any more")
        _stdin(self._process).close()

    async def close(self) -> None:
        """End it, by force where it does not end by itself."""
        self.retire()
        done, _ = await asyncio.wait({self.ended}, timeout=_GRACE)
        if not done:
            self._kill()
        await asyncio.shield(self.ended)

    async def _follow(self) -> Ending:
        logged = asyncio.create_task(self._follow_log())
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            await self._follow_answers()
        self._over = True
        # When its answers end, the process ends. Not by force at once: if it gets a signal at that moment, asyncio may
        # miss how it ended.
        try:
            status = await asyncio.wait_for(self._process.wait(), _GRACE)
        except asyncio.TimeoutError:
            self._kill()
            status = await self._process.wait()
        await logged
        self._memory.close()
        return self._killed or ending(status)

    async def _follow_answers(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101 - it was asked for
        while True:
            size, rest = frames.HEADER.unpack(await stream.readexactly(frames.HEADER.size))
            if size > _LARGEST_MAP or rest > _LARGEST_PAYLOAD:
                self.kill(Ending(Cause.CRASH, "its answer makes no sense"))
                return
            self._take(Frame(msgpack.unpackb(await stream.readexactly(size)), await stream.readexactly(rest)))

    def _take(self, frame: Frame) -> None:
        if "concurrency" in frame.value:
            self._ready.set_result(frame.value["concurrency"])
        elif "failed" in frame.value:
            self._killed = Ending(Cause.CRASH, frame.value["failed"])
        else:
            self._answered(frame)

    async def _follow_log(self) -> None:
        """Put what it says into this process's log. A line without a level continues the one before: a traceback."""
        stream = self._process.stderr
        level = logging.WARNING
        while stream is not None:
            # A line that is longer than the stream's limit is dropped.
            with contextlib.suppress(ValueError):
                line = await stream.readline()
                if not line:
                    return
                level = self._log(line, level)

    def _log(self, line: bytes, level: int) -> int:
        text = line.decode("utf-8", "replace").rstrip()
        found = _LEVEL.match(text)
        if found:
            level, text = getattr(logging, found[1]), text[found.end() :]
        _log.log(level, "%s: %s", self._name, text)
        return level


def _stdin(process: asyncio.subprocess.Process) -> asyncio.StreamWriter:
    stream = process.stdin
    assert stream is not None  # noqa: S101 - it was asked for
    return stream
