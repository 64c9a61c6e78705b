"""Work for a child in tests that cannot be loaded as long as a file says so."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from python_worker.child.work import Work

from .toys import load as load_toys


def load() -> Work:
    """Note the attempt, and fail as the file says."""
    folder = Path(os.environ["UNLOADABLE"])
    with (folder / "attempts").open("a", encoding="ascii") as attempts:
        attempts.write("x")
    how = (folder / "how").read_text("ascii")
    if how == "raise":
        raise ImportError("libsomething.so.1: cannot open shared object file")
    if how == "illegal instruction":
        os.kill(os.getpid(), signal.SIGILL)
    return load_toys()
