"""The short version of `npm run test:long`: every fault, a few times."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .faults import FAULTS
from .stage import Stage
from .table import Row, table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rows(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Row]]:
    """Yield what came of each fault; most of them wait most of the time, so tracks of them go side by side."""
    found: dict[str, Row] = {}

    async def follow(track: int, stage: Stage) -> None:
        for name, fault in FAULTS.items():
            if fault.track == track:
                found[name] = await fault.happen(name, stage, fault.quick)

    async with Stage("4.1", Path(tmp_path_factory.mktemp("long")), quick=True) as stage:
        await asyncio.gather(*(follow(track, stage) for track in {fault.track for fault in FAULTS.values()}))
    print(table(found.values()))
    yield found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", FAULTS)
async def test_it_costs_the_messages_on_their_way_at_most(rows: dict[str, Row], name: str) -> None:
    row = rows[name]
    assert not row.broken, table([row])
    assert row.lost == row.doubled == 0
