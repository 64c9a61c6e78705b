"""A list in a file that others change: a spreadsheet, a script, a share."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .entry import Entry
from .table import MOST_BYTES, TableError, read_list

_SETTLED = 1.0
"""A file that has changed is read when it has been as it is for so many seconds: it may be half written before."""

_Stamp: TypeAlias = "tuple[int, int, int]"


class WatchedFile:
    """The entries of a file, read again when it has changed. For one thread at a time.

    If the file cannot be read, or holds no list, the entries stay as they were, and `trouble` says so.

    Args:
        path: of a CSV or JSON file, see `table`.
        clock: seconds that go on evenly.

    Attributes:
        entries: of the last good reading; None if there was none yet.
        problems: what was wrong with single entries then; these are left out.
        trouble: why the file as it is now is not in use; None if it is.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self.entries: tuple[Entry, ...] | None = None
        self.problems: list[str] = []
        self.trouble: str | None = None
        self._clock = clock
        self._read: _Stamp | None = None
        self._seen: tuple[_Stamp, float] | None = None

    def refresh(self) -> bool:
        """Look at the file, read it if it has changed, and return whether there are other entries now."""
        try:
            stamp = self._stamp()
            if stamp == self._read:
                return False
            if self.entries is not None and not self._is_settled(stamp):
                self.trouble = "it is being written"
                return False
            self._read = stamp
            return self._read_entries()
        except OSError as error:
            self._read = None
            self.trouble = error.strerror or str(error)
            return False

    def _read_entries(self) -> bool:
        try:
            data = self._data()
            # A program that writes a file anew empties it first.
            if not data.strip() and self.entries is not None:
                raise TableError("it is empty")
            found, problems = read_list(data)
        except TableError as error:
            self.trouble = str(error)
            return False
        self.entries, self.problems, self.trouble = tuple(found), problems, None
        return True

    def _data(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(MOST_BYTES + 1)

    def _stamp(self) -> _Stamp:
        status = self.path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _is_settled(self, stamp: _Stamp) -> bool:
        if time.time() - stamp[0] / 1e9 >= _SETTLED:
            return True
        # The clock of a share may be ahead of ours.
        now = self._clock()
        if self._seen is None or self._seen[0] != stamp:
            self._seen = stamp, now
        return now - self._seen[1] >= _SETTLED
