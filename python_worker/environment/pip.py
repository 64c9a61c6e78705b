"""Running pip and venv: what they say becomes progress, and a failure a cause."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from . import locks
from .causes import hide_passwords, of_output

SILENCE = 1800.0
"""Seconds without a word after which a command counts as hung; a small machine unpacks a large wheel for minutes."""

_FLAGS = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--no-user", "--retries", "2")
# Complete locks need no resolver, and whatever has no wheel would be compiled for hours.
_EXACTLY = ("--no-deps", "--only-binary", ":all:")
# A file is processed, whatever comes from an index is collected.
_COLLECTING = re.compile(
    r"\s*(?:Collecting |Processing (?:.*[/\\])?(?=[^/\\]+\.whl))([A-Za-z0-9_.]+(?:-[A-Za-z][\w.]*)*)"
)
_running: set[subprocess.Popen[str]] = set()

Progress = Callable[[int, str], None]
"""Is told the step, 1 or 2, and the package that it is about, else an empty text."""


def make_environment(folder: Path, say: Callable[[str], None]) -> None:
    """Make an empty virtual environment.

    Raises:
        Cause: it cannot be made.
    """
    run([sys.executable, "-I", "-m", "venv", "--clear", str(folder)], folder, "a Python environment", say)


def install(
    python: Path,
    lock: str,
    folder: Path,
    *,
    hashes: bool,
    say: Callable[[str], None],
    progress: Progress,
    lock_file: int | None = None,
) -> None:
    """Install a lock's packages: the base into the interpreter's environment, an extra into the folder itself.

    Args:
        python: interpreter with pip.
        lock: name of the lock.
        folder: that is being built.
        hashes: whether files must be those that the lock names, not only the versions.
        say: is told each line.
        progress: is told how far it is.
        lock_file: open file that pip shall hold, too.

    Raises:
        Cause: something failed.
    """
    # Beside the result: a system's folder for temporary files is often small, and in memory.
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    if hashes:
        wanted = ["--require-hashes", "-r", str(locks.path(lock))]
    else:
        plain = temporary / f"{lock}.txt"
        plain.write_text(locks.without_hashes(lock), "utf-8")
        wanted = ["-r", str(plain)]
    log = temporary / "pip.log"
    target = [] if lock == locks.BASE else ["--target", str(folder), "--upgrade"]

    def follow(line: str) -> None:
        say(line)
        if found := _COLLECTING.match(line):
            progress(1, found[1])
        elif line.startswith("Installing collected packages"):
            progress(2, "")

    command = [str(python), "-I", "-m", "pip", "install", *_FLAGS, *_EXACTLY, *target, "--log", str(log), *wanted]
    run(command, folder, f"the packages of {lock}", follow, log, temporary, lock_file)


def run(
    command: Sequence[str],
    folder: Path,
    what: str,
    say: Callable[[str], None],
    log: Path | None = None,
    temporary: Path | None = None,
    lock_file: int | None = None,
) -> None:
    """Run a command to its end.

    Raises:
        Cause: it failed.
    """
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if temporary is not None:
        environment.update({name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")})
    lines: list[str] = []
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        pass_fds=() if lock_file is None or sys.platform == "win32" else (lock_file,),
        # What it starts ends with it.
        start_new_session=True,
    )
    _running.add(process)
    quiet = threading.Timer(SILENCE, _end, [process])
    quiet.start()
    assert process.stdout is not None  # noqa: S101 - for the type checker
    for line in process.stdout:
        quiet.cancel()
        quiet = threading.Timer(SILENCE, _end, [process])
        quiet.daemon = True
        quiet.start()
        lines.append(hide_passwords(line.rstrip()))
        say(lines[-1])
    quiet.cancel()
    status = process.wait()
    _running.discard(process)
    if status:
        # The log has what pip says only to those who ask for it: why an index gave nothing.
        logged = log.read_text("utf-8", errors="replace").splitlines() if log is not None and log.exists() else []
        raise of_output([*logged, *lines], status, str(folder), what)


def end_all() -> None:
    """End what is running, because nobody waits for it any more."""
    for process in list(_running):
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
