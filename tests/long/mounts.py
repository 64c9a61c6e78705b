"""File systems that are small, or cannot be written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class MountError(Exception):
    """Mounting is not allowed here."""


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount an empty file system of that size on a folder until the block ends.

    Raises:
        MountError: this is not allowed here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "plates", str(folder))
    try:
        yield folder
    finally:
        # What still has a file open there sees it to its end.
        _run("umount", "--lazy", str(folder))


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Let nobody write into a folder until the block ends; permissions would not hold root back.

    Raises:
        MountError: this is not allowed here.
    """
    _run("mount", "--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,bind,ro", str(folder))
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def resize(folder: Path, megabytes: int) -> None:
    """Make a mounted file system larger."""
    _run("mount", "-o", f"remount,size={megabytes}m", str(folder))


def fill(folder: Path) -> Path:
    """Write a file until there is no room for a byte more, and return it."""
    path = folder / "filling"
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    return path


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MountError(done.stderr.strip())
