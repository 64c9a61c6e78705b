"""The child's side: loads a module's work and does it for one frame after the other, until the parent ends."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import logging
import os
import queue
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from ..errors import RecognitionError
from . import frames
from .frames import Frame

_log = logging.getLogger(__name__)

_KILLED_WITH_PARENT = 1
"""Linux' PR_SET_PDEATHSIG."""

_PREFERRED_VICTIM = "900"
"""Thousandths of all memory that the kernel adds to this process's own when it chooses a process to end."""


Do: TypeAlias = "Callable[[dict[str, Any], bytes], Frame]"


class Work(NamedTuple):
    """What a module's function `load` returns.

    Attributes:
        do: takes a call's options and its payload, and returns the answer; called in several threads. A
            `RecognitionError` that it raises keeps its words.
        concurrency: how many calls are best made at once.
    """

    do: Do
    concurrency: int


def work(module: str, parameters: dict[str, Any], parent: int, level: int) -> None:
    """Do a module's work until the parent closes standard input; never returns.

    Args:
        module: its name.
        parameters: what its `load` takes.
        parent: process id of the parent.
        level: from which on messages are logged.
    """
    _end_with(parent)
    # A signal for the parent often goes to all its processes. The child must still finish what the parent has accepted;
    # the parent closes standard input after that.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _be_the_first_victim()
    # If native code crashes, the log says what called it.
    faulthandler.enable(all_threads=False)
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(message)s")
    # Whatever a library prints goes to the log, not between the frames.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    waiting: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    # Starts before anything is loaded, to notice at any time that the parent has ended.
    threading.Thread(target=_receive, args=(sys.stdin.buffer, waiting), daemon=True).start()
    _Answers(answers, waiting).give(module, parameters)


def _end_with(parent: int) -> None:
    """Let the kernel kill this process when its parent ends, even if it is stopped or stuck in native code (Linux)."""
    if sys.platform == "linux":
        # If the system forbids what ctypes needs, the end of the pipe still shows it.
        with contextlib.suppress(Exception):
            import ctypes

            ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
        # The parent may have ended before.
        if os.getppid() != parent:
            os._exit(0)


def _be_the_first_victim() -> None:
    """Let the kernel end this process rather than the worker or Node-RED where memory runs out (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_PREFERRED_VICTIM, "ascii")


def _receive(stream: BinaryIO, waiting: queue.SimpleQueue[Frame]) -> None:
    try:
        while (frame := frames.read(stream)) is not None:
            waiting.put(frame)
    finally:
        # At once: threads in native code cannot be asked to end.
        os._exit(0)


class _Answers:
    """Gives the answers."""

    def __init__(self, stream: BinaryIO, waiting: queue.SimpleQueue[Frame]) -> None:
        self._stream = stream
        self._waiting = waiting
        self._writing = threading.Lock()

    def give(self, module: str, parameters: dict[str, Any]) -> None:
        try:
            loaded: Work = importlib.import_module(module).load(**parameters)
        except Exception as error:
            _log.exception("%s cannot be loaded", module)
            self._write(frames.pack(Frame({"failed": f"{type(error).__name__}: {error}"})))
            os._exit(1)
        self._write(frames.pack(Frame({"concurrency": loaded.concurrency})))
        for _ in range(loaded.concurrency - 1):
            threading.Thread(target=self._work, args=(loaded.do,), daemon=True).start()
        self._work(loaded.do)

    def _work(self, do: Do) -> None:
        while True:
            frame = self._waiting.get()
            self._write(_answer(do, frame))
            # Do not keep the image and its answer until the next ones come.
            del frame

    def _write(self, packed: bytes) -> None:
        data = memoryview(packed)
        with self._writing:
            while data:
                data = data[self._stream.write(data) :]


def _answer(do: Do, frame: Frame) -> bytes:
    number = frame.value["number"]
    try:
        answer = do(frame.value["options"], frame.payload)
        return frames.pack(Frame({"number": number, "answer": answer.value}, answer.payload))
    except RecognitionError as error:
        failure: dict[str, Any] = {"status": error.status, "message": error.message}
    except MemoryError:
        failure = {"memory": True}
    except Exception as error:
        _log.exception("A call failed")
        failure = {"unexpected": type(error).__name__}
    return frames.pack(Frame({"number": number, **failure}))
