"""The file that the counts are kept in."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

_log = logging.getLogger(__name__)

_LOCKED_SECONDS = 1.0
"""How long a call waits for another program that writes the file. A reading is done by then and must not wait long."""

# A file that is no database, a broken one, and a database without our table's columns. Python 3.10 gives no codes,
# hence the text.
_DAMAGED_CODES = (1, 11, 26)  # SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_NOTADB
_DAMAGED_TEXTS = ("malformed", "not a database", "no such column", "no column named")


class UsageFile:
    """An SQLite file with the calls of each month. Opened when it is needed; one thread at a time.

    Attributes:
        path: of the file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "usage.sqlite"
        self._database: sqlite3.Connection | None = None

    def add(self, calls: Mapping[str, int], month: str, known: Mapping[str, int]) -> int:
        """Add calls by month, and return all of one month.

        A damaged file is set aside, and a new one begun with the calls that are known to have been in it.

        Raises:
            sqlite3.Error, OSError: the file cannot be used; nothing was added.
        """
        try:
            return self._add(calls, month)
        except sqlite3.Error as error:
            self.close()
            if not _is_damage(error):
                raise
            self._set_aside(error)
        return self._add({each: calls.get(each, 0) + known.get(each, 0) for each in {*calls, *known}}, month)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _add(self, calls: Mapping[str, int], month: str) -> int:
        database = self._opened()
        # One transaction: a failure adds nothing.
        with database:
            if calls:
                database.executemany(
                    "INSERT INTO usage VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET calls = calls + excluded.calls",
                    calls.items(),
                )
            row = database.execute("SELECT CAST(calls AS INTEGER) FROM usage WHERE month = ?", (month,)).fetchone()
        return row[0] if row and row[0] else 0

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self.path, check_same_thread=False, timeout=_LOCKED_SECONDS)
            try:
                # A write-ahead log: each call writes once, and readers in other processes do not wait.
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute("CREATE TABLE IF NOT EXISTS usage (month TEXT PRIMARY KEY, calls INTEGER NOT NULL)")
            except sqlite3.Error:
                database.close()
                raise
            self._database = database
        return self._database

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename the file and what belongs to it."""
        aside = self.path.with_name(f"usage.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
        self.path.rename(aside)
        for suffix in ("-wal", "-shm"):
            beside = self.path.with_name(self.path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
        _log.warning("%s is damaged (%s). It is now %s, and a new count has begun.", self.path, error, aside.name)


def _is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _DAMAGED_CODES
    return any(text in str(error) for text in _DAMAGED_TEXTS)
