"""How many calls were made in each calendar month, counted on this machine."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from .base import Answer
from .usage_file import UsageFile

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 5.0
"""When the file cannot be written, calls are counted only in memory for so long, as a locked file makes each call
wait."""


class UsageCounter:
    """Counts in an SQLite file, so that the counts outlive a crash; without a file, in memory.

    When `count` returns, the count is written, so a call that is answered afterwards is counted. If the file cannot be
    written (the disk is full, another program holds it), the count stays in memory, and a later call, `statistics`, or
    `close` adds it to the file; if the process ends before that, it is lost. A failed count fails no call.
    """

    def __init__(self, state: Path | None) -> None:
        """Prepare; the file is opened by the first count."""
        self._file = None if state is None else UsageFile(state)
        self._lock = threading.Lock()
        self._unwritten: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self._retry_at = 0.0
        self._told = False

    def close(self) -> None:
        """Write what is still in memory, and close the file."""
        with self._lock:
            if self._file is None:
                return
            if self._unwritten:
                self._retry_at = 0.0
                self._write(_month(_now()))
            if self._unwritten:
                _log.warning("%d calls are not in %s and are lost", self._unwritten.total(), self._file.path)
            self._file.close()

    async def count(self) -> None:
        """Count one call of the current month."""
        await asyncio.to_thread(self._count, _month(_now()), 1)

    async def calls(self) -> int:
        """Return the calls of the current month."""
        return await asyncio.to_thread(self._count, _month(_now()), 0)

    async def statistics(self) -> Answer:
        """Return the month's usage in the form of `GET /v1/statistics/`; there is no limit, so no total."""
        now = _now()
        following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=timezone.utc)
        return {
            "usage": {
                "month": now.month,
                "calls": await self.calls(),
                "year": now.year,
                "resets_on": following.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "total_calls": None,
            "status": 200,
            "statusText": "OK",
            "calls_remaining": None,
        }

    def _count(self, month: str, calls: int) -> int:
        """Add calls to a month, and return all of its calls."""
        with self._lock:
            if calls:
                self._unwritten[month] += calls
            if self._file is not None:
                self._write(month)
            return self._written[month] + self._unwritten[month]

    def _write(self, month: str) -> None:
        """Add what is unwritten to the file, and note how many calls of a month are written now."""
        if self._file is None or time.monotonic() < self._retry_at:
            return
        try:
            self._written[month] = self._file.add(self._unwritten, month, self._written)
        except (sqlite3.Error, OSError) as error:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            if not self._told:
                _log.warning(
                    "%s cannot be used (%s). The calls are counted in memory until it can; what ends the worker before "
                    "that loses them.",
                    *(self._file.path, error),
                )
                self._told = True
            return
        self._unwritten.clear()
        if self._told:
            _log.info("%s can be used again", self._file.path)
            self._told = False


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _month(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}"
