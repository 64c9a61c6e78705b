"""Why a child process ended, in words."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from enum import Enum

_SIGNALS = {
    "SIGSEGV": "it crashed in native code",
    "SIGBUS": "it crashed in native code",
    "SIGFPE": "it crashed in native code",
    "SIGABRT": "native code gave up",
    "SIGKILL": "it was killed, as the system does when memory runs out",
}

_WINDOWS = {0xC0000005: "it crashed in native code", 0xC0000409: "native code gave up"}

_WINDOWS_ILLEGAL_INSTRUCTION = 0xC000001D


class Cause(Enum):
    """What made a process end."""

    CRASH = 1
    TIME = 2
    MEMORY = 3
    INSTRUCTION = 4
    CLOSED = 5


@dataclass(frozen=True)
class Ending:
    """A process's end; the reason is half a sentence, such as "it crashed in native code (SIGSEGV)"."""

    cause: Cause
    reason: str


def ending(status: int) -> Ending:
    """Return what an exit status tells; a negative one is a signal's number."""
    if sys.platform == "win32":
        unsigned = status & 0xFFFFFFFF
        if unsigned == _WINDOWS_ILLEGAL_INSTRUCTION:
            return Ending(Cause.INSTRUCTION, _lacking(f"{unsigned:#x}"))
        if unsigned in _WINDOWS:
            return Ending(Cause.CRASH, f"{_WINDOWS[unsigned]} ({unsigned:#x})")
    if status >= 0:
        return Ending(Cause.CRASH, f"it ended with status {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name == "SIGILL":
        return Ending(Cause.INSTRUCTION, _lacking(name))
    return Ending(Cause.CRASH, f"{_SIGNALS.get(name, 'it was ended')} ({name})")


def _lacking(name: str) -> str:
    return f"this processor lacks instructions that the installed packages need ({name})"
