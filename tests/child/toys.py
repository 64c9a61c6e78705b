"""Work for a child in tests: it misbehaves as the call says."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import python_worker
from python_worker.child.frames import Frame
from python_worker.child.work import Work
from python_worker.errors import InputError


def load() -> Work:
    """Return the work."""
    return Work(_do, 2)


def _do(options: dict[str, Any], payload: bytes) -> Frame:
    return _WORKS[options["work"]](options, payload)


def _echo(options: dict[str, Any], payload: bytes) -> Frame:
    return Frame({"pid": os.getpid(), "said": options.get("say")}, payload)


def _about(options: dict[str, Any], payload: bytes) -> Frame:
    return Frame({"package": python_worker.__file__, "environment": list(os.environ), "modules": list(sys.modules)})


def _print(options: dict[str, Any], payload: bytes) -> Frame:
    print("printed", flush=True)
    os.write(1, b"written by native code\n")
    os.write(2, b"x" * 200_000 + b"\n")
    return _echo(options, payload)


def _signal(options: dict[str, Any], payload: bytes) -> Frame:
    os.kill(os.getpid(), options["signal"])
    return _hang(options, payload)


def _exit(options: dict[str, Any], payload: bytes) -> Frame:
    os._exit(3)


def _hang(options: dict[str, Any], payload: bytes) -> Frame:
    threading.Event().wait()
    raise AssertionError


def _stuck(options: dict[str, Any], payload: bytes) -> Frame:
    """Stay in native code that holds the interpreter's lock, after the marker is made."""
    Path(options["marker"]).touch()
    while True:
        ctypes.PyDLL(None).pause()


def _swell(options: dict[str, Any], payload: bytes) -> Frame:
    kept = []
    while True:
        kept.append(b"x" * 10_000_000)


def _no_memory(options: dict[str, Any], payload: bytes) -> Frame:
    raise MemoryError


def _refuse(options: dict[str, Any], payload: bytes) -> Frame:
    raise InputError("not this one")


def _bug(options: dict[str, Any], payload: bytes) -> Frame:
    raise KeyError("a bug")


def _unpackable(options: dict[str, Any], payload: bytes) -> Frame:
    return Frame({"number": 2**70})


def _note(options: dict[str, Any], payload: bytes) -> Frame:
    """Note in a file that the call has come, and wait until another file is there."""
    with Path(options["notes"]).open("a", encoding="ascii") as notes:
        notes.write(f"{options['say']}\n")
    while not Path(options["until"]).exists():
        threading.Event().wait(0.01)
    return _echo(options, payload)


def _first(options: dict[str, Any], payload: bytes) -> Frame:
    """Make a marker and hang; if the marker exists, answer."""
    try:
        Path(options["marker"]).touch(exist_ok=False)
    except FileExistsError:
        return _echo(options, payload)
    return _hang(options, payload)


def _die_beside(options: dict[str, Any], payload: bytes) -> Frame:
    """Crash once another call has made its marker."""
    while not Path(options["marker"]).exists():
        threading.Event().wait(0.01)
    os.kill(os.getpid(), signal.SIGSEGV)
    return _hang(options, payload)


_WORKS = {
    "about": _about,
    "bug": _bug,
    "die beside": _die_beside,
    "echo": _echo,
    "exit": _exit,
    "first": _first,
    "hang": _hang,
    "no memory": _no_memory,
    "note": _note,
    "print": _print,
    "refuse": _refuse,
    "signal": _signal,
    "stuck": _stuck,
    "swell": _swell,
    "unpackable": _unpackable,
}
