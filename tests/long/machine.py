"""Processes as Linux tells of them: who started which, how much memory they have, and when they are gone."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.node_red import NodeRed


@dataclass(frozen=True)
class Process:
    """A process; its start tells it from a later one with the same id."""

    pid: int
    start: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs, or stands still."""
        fields = _fields(self.pid)
        return fields is not None and fields[19] == self.start and fields[0] not in "ZX"

    @property
    def megabytes(self) -> float:
        """Resident memory, 0 when it is gone."""
        return _size(self.pid, "VmRSS")

    @property
    def peak(self) -> float:
        """The most resident memory that it had since `forget_peak`, or since its start, in MB."""
        return _size(self.pid, "VmHWM")

    def forget_peak(self) -> None:
        """Begin to look for the peak anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def kill(self, number: signal.Signals = signal.SIGKILL) -> float:
        """Send a signal, and return when, as `time.time()`."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return time.time()

    async def gone(self, within: float) -> bool:
        """Wait until it is gone; return whether that came in time."""
        return await until(lambda: not self.is_alive, within)


def of(pid: int) -> Process:
    """Return a process that runs now."""
    fields = _fields(pid)
    if fields is None:
        raise ProcessLookupError(pid)
    return Process(pid, fields[19])


def children(pid: int) -> list[Process]:
    """Return the processes that a process started and that run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(folder.name))
        if fields is not None and int(fields[1]) == pid and fields[0] not in "ZX":
            found.append(Process(int(folder.name), fields[19]))
    return found


def descendants(pid: int) -> list[Process]:
    """Return the processes that a process started, and that those started."""
    found = children(pid)
    return found + [further for child in found for further in descendants(child.pid)]


def commands(process: Process) -> str:
    """Return a process's command line."""
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


async def worker(red: NodeRed, other_than: Process | None = None, within: float = 60) -> Process:
    """Wait until a Node-RED has exactly one worker, that is another one than before, and return it.

    Raises:
        AssertionError: it has none in time.
    """
    return await _the_one(
        lambda: [each for each in children(red.pid) if " bridge " in commands(each)], other_than, within
    )


async def engine(worker: Process, other_than: Process | None = None, within: float = 60) -> Process:
    """Wait until a worker has a process for the engine, and return that.

    Raises:
        AssertionError: it has none in time.
    """
    return await _the_one(lambda: children(worker.pid), other_than, within)


async def _the_one(look: Callable[[], list[Process]], other_than: Process | None, within: float) -> Process:
    found: list[Process] = []

    def is_one() -> bool:
        found[:] = [each for each in look() if each != other_than]
        return len(found) == 1

    if not await until(is_one, within):
        raise AssertionError(f"{len(found)} processes where there should be one: {list(map(commands, found))}")
    return found[0]


async def until(holds: Callable[[], bool], within: float) -> bool:
    """Look again and again, for that is all one can do with what belongs to others; return whether it came to hold."""
    end = time.monotonic() + within
    while not (found := holds()) and time.monotonic() < end:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.02)
    return found


def end(processes: Iterable[Process]) -> list[Process]:
    """Kill what is still there, and return it."""
    left = [each for each in processes if each.is_alive]
    for each in left:
        each.kill()
    return left


def _fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the state on, see proc(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _size(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:")), 0.0)
