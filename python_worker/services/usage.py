"""How many calls were made in each calendar month, counted on this machine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import datetime, timezone
from pathlib import Path

from .base import Answer


class UsageCounter:
    """Counts in an SQLite file, so that the counts outlive a crash; without a file, in memory.

    A count is written when `count` returns: whoever answers a call afterwards has counted it.
    """

    def __init__(self, state: Path | None) -> None:
        if state is not None:
            state.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            ":memory:" if state is None else state / "usage.sqlite",
            isolation_level=None,
            check_same_thread=False,
            timeout=10,
        )
        # A write-ahead log: one write a call, and readers in other processes do not wait.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("CREATE TABLE IF NOT EXISTS usage (month TEXT PRIMARY KEY, calls INTEGER NOT NULL)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    async def count(self) -> None:
        """Count one call of the current month."""
        await asyncio.to_thread(
            self._execute,
            "INSERT INTO usage VALUES (?, 1) ON CONFLICT (month) DO UPDATE SET calls = calls + 1",
            _month(_now()),
        )

    async def calls(self) -> int:
        """Return the calls of the current month."""
        rows = await asyncio.to_thread(self._execute, "SELECT calls FROM usage WHERE month = ?", _month(_now()))
        return rows[0][0] if rows else 0

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

    def _execute(self, statement: str, *parameters: str) -> list[tuple[int]]:
        with self._lock:
            return self._database.execute(statement, parameters).fetchall()


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _month(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}"
