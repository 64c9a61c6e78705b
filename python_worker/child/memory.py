"""How much memory a child has and may have; known only on Linux."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from .. import groups

_SHARE = 0.6
_LEAST = 600_000_000
_MOST = 2_000_000_000

_VERSION_1 = groups.ROOT / "memory" / "memory.limit_in_bytes"


def bound() -> int | None:
    """Return the bytes that a child may have: 60 % of the machine's or the container's, between 0.6 and 2 GB."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    return round(min(_MOST, max(_LEAST, _SHARE * min([machine, *_group_limits()]))))


def _group_limits() -> Iterator[int]:
    """Yield the limits of the control groups that this process is in."""
    with contextlib.suppress(OSError, ValueError):
        yield int(_VERSION_1.read_text("ascii"))
    for text in groups.limits("memory.max"):
        # "max" means no limit.
        with contextlib.suppress(ValueError):
            yield int(text)


class Resident:
    """The memory of a process, from a file of the kernel's that stays open, so that it cannot be another process's."""

    def __init__(self, pid: int) -> None:
        try:
            self._file: int | None = os.open(f"/proc/{pid}/statm", os.O_RDONLY)
        except OSError:
            self._file = None

    def bytes(self) -> int:
        """Return the bytes in memory, 0 where that is unknown or the process has ended."""
        try:
            return 0 if self._file is None else int(os.pread(self._file, 100, 0).split()[1]) * _PAGE
        except (OSError, IndexError):
            return 0

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
