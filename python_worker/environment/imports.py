"""Whether packages can be imported: asked in a process of its own, since what is damaged may take its process down."""

from __future__ import annotations

import errno
import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SECONDS = 120
_LAUNCH = Path(__file__).resolve().parent.parent / "launch.py"
_NO_MEMORY = ("cannot allocate memory", "failed to map segment", "not enough memory", "paging file")


def broken(python: Path, modules: Sequence[str], extras: Sequence[Path] = (), seconds: float = SECONDS) -> str | None:
    """Return why modules cannot be imported by an interpreter with folders of packages, None where they can.

    A check that takes too long, runs out of memory or is ended says nothing about the packages: None.
    """
    folders = [part for folder in extras for part in ("-p", str(folder))]
    command = [str(python), "-I", str(_LAUNCH), *folders, __name__, *modules]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        return None if _is_shortage(error) else f"{python} cannot be run: {error.strerror}"
    try:
        reason = json.loads(done.stdout.splitlines()[-1])["broken"]
    except (IndexError, KeyError, TypeError, ValueError):
        # It said nothing: a signal ended it, or an interpreter that does not start for want of its own library.
        return None if done.returncode < 0 or done.returncode > 128 else f"{python} does not work: {_last(done.stderr)}"
    return None if reason is None else str(reason)


def _is_shortage(error: BaseException) -> bool:
    """Tell whether something failed for want of memory or files, and would not fail another time."""
    number = getattr(error, "errno", None)
    return (
        isinstance(error, MemoryError)
        or number in (errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
        or any(text in str(error).lower() for text in _NO_MEMORY)
    )


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _main(modules: Sequence[str]) -> None:
    reason = None
    for name in modules:
        try:
            # A folder without its __init__.py passes for a package that is spread over several places.
            if importlib.import_module(name).__file__ is None:
                raise ImportError("its own files are missing")
        except Exception as error:
            # A damaged file raises anything.
            if not _is_shortage(error):
                reason = f"{name} cannot be imported: {_last(str(error))}"
                break
    print(json.dumps({"broken": reason}), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1:])
