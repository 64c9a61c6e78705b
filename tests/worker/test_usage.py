"""The embedded engine's calls are counted by calendar month and survive restarts."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path

import pytest

from python_worker.services import usage
from python_worker.services.usage import UsageCounter


async def test_counts_survive_a_restart(tmp_path: Path) -> None:
    counter = UsageCounter(tmp_path / "state")
    await asyncio.gather(*(counter.count() for _ in range(20)))
    # Not closed: a killed worker does not close its file either.
    again = UsageCounter(tmp_path / "state")
    assert await again.calls() == 20
    again.close()
    counter.close()


async def test_a_new_month_starts_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 12, 31, 23, 59, tzinfo=timezone.utc)
    monkeypatch.setattr(usage, "_now", lambda: now)
    counter = UsageCounter(None)
    await counter.count()
    answer = await counter.statistics()
    assert answer["usage"] == {"month": 12, "calls": 1, "year": 2026, "resets_on": "2027-01-01T00:00:00Z"}
    assert answer["total_calls"] is answer["calls_remaining"] is None
    now = datetime(2027, 1, 1, tzinfo=timezone.utc)
    assert await counter.calls() == 0
    counter.close()
