"""A lock between processes: two Node-REDs on one user directory make one environment, one after the other."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(file: int, *, shared: bool) -> None:
        # There are no shared locks; an open file keeps its folder from being moved, which is what they are for.
        if not shared:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: int, *, shared: bool) -> None:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


_POLL = 0.2


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """Return an open file that holds a lock until it is closed, however its process ends; None where another has it.

    The system keeps the lock, not a file's content: nothing is left behind that could be out of date.

    Raises:
        OSError: the file cannot be opened.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(file, shared=shared)
    except (BlockingIOError, PermissionError):
        os.close(file)
        return None
    except OSError:
        # Some network file systems have no locks. Working without one is better than not working.
        return file
    return file


@contextlib.contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Be the only process in the block; `waiting` is called once where another is in it.

    Yields:
        The open file. A child process that has it, too, keeps the lock until it ends.
    """
    file = try_lock(path)
    if file is None:
        waiting()
        while (file := try_lock(path)) is None:
            time.sleep(_POLL)
    try:
        yield file
    finally:
        os.close(file)
