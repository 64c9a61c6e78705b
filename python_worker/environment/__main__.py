"""`python -I launch.py python_worker.environment …`: prints a JSON object per line of what happens, the result last."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from . import locks, pip
from .build import Builder, Reporter
from .causes import Cause, of_error
from .imports import broken
from .places import tidy


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python_worker.environment", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the environments live")
    parser.add_argument("--hashes", default="auto", choices=("auto", "always", "never"))
    parser.add_argument("--suspect", action="store_true", help="the environment did not work: look at it closely")
    parser.add_argument("--tidy", action="store_true", help="remove what nobody needs any more")
    parser.add_argument("--check", action="store_true", help="only tell whether this interpreter has what is needed")
    parser.add_argument("lock", choices=list(locks.MODULES), help="what is needed")
    options = parser.parse_args(arguments)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if options.check:
        return _check(options.lock)
    folder = options.folder
    if folder is None:
        parser.error("--folder is missing")
    if options.tidy:
        _print(removed=tidy(folder) if folder.is_dir() else [])
        return 0
    report = Reporter(
        lambda text: _print(status=text),
        lambda level, text: _print(level=level, log=text),
    )
    builder = Builder(folder, options.hashes, report)
    try:
        made = builder.base(suspect=options.suspect) if options.lock == locks.BASE else builder.with_extra(options.lock)
    except Cause as cause:
        _print(trouble=_portable(cause))
        return 1
    except OSError as error:
        _print(trouble=_portable(of_error(error, str(folder))))
        return 1
    _print(
        python=str(made.python),
        packages=[str(path) for path in made.packages],
        outdated=made.outdated,
        trouble=made.trouble and _portable(made.trouble),
    )
    return 0


def _check(lock: str) -> int:
    reason = broken(Path(sys.executable), locks.MODULES[lock])
    if reason is None:
        _print(python=sys.executable)
        return 0
    command = f'"{sys.executable}" -m pip install -r "{locks.path(lock)}"'
    module = reason.partition(" cannot be imported")[0]
    _print(
        trouble={
            "status": f"missing in your Python: {module}"[:40],
            "message": f"{sys.executable} has not all that the worker needs: {reason}. Install it there: {command}",
        }
    )
    return 1


def _portable(cause: Cause) -> dict[str, str]:
    return {"status": cause.status, "message": cause.message}


def _print(**content: object) -> None:
    print(json.dumps(content), flush=True)


def _end_with_parent() -> None:
    """End when standard input closes, which it does however the parent ends."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    pip.end_all()
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
