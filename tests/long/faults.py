"""All faults, how often each is done, and which may be done side by side."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from . import answers, deploys, ends, environments, frames, kills, lines, memory, states
from .stage import Stage
from .table import Row


@dataclass(frozen=True)
class Fault:
    """A fault that can be done.

    Attributes:
        run: does it so many times, and tells what came of it.
        times: in the long run.
        quick: in the short run.
        limit: seconds for one time, in the long run; whatever hangs ends then.
        track: in the short run the faults of one track follow each other, and tracks go side by side.
    """

    run: Callable[[Stage, int], Awaitable[Row]]
    times: int
    quick: int
    limit: float
    track: int

    async def happen(self, name: str, stage: Stage, times: int) -> Row:
        """Do it, at most for its limit."""
        begun = time.monotonic()
        row = await self._happen(name, stage, times)
        row.seconds = time.monotonic() - begun
        return row

    async def _happen(self, name: str, stage: Stage, times: int) -> Row:
        running = asyncio.ensure_future(self.run(stage, times))
        try:
            await asyncio.wait({running}, timeout=120 + self.limit * times)
        finally:
            is_late = running.cancel()
            await asyncio.wait({running})
        try:
            if is_late:
                return Row(name, times, broken=["it did not come to an end in time"])
            return running.result()
        except aiohttp.ClientError as error:
            return Row(name, times, broken=[f"Node-RED does not answer any more: {error}"])
        except Exception:
            return Row(name, times, broken=[f"it could not be done:\n{traceback.format_exc()}"])


FAULTS = {
    "kill-worker": Fault(kills.kill_worker, 100, 2, 60, 1),
    "kill-engine": Fault(kills.kill_engine, 20, 1, 60, 1),
    "stop-worker": Fault(kills.stop_worker, 20, 1, 120, 2),
    "pause-worker": Fault(kills.pause_worker, 10, 1, 60, 1),
    "cut-line": Fault(lines.cut, 20, 2, 60, 3),
    "dead-line": Fault(lines.freeze, 5, 1, 120, 3),
    "slow-line": Fault(lines.slow, 1, 1, 240, 4),
    "deaf-client": Fault(lines.deaf_client, 1, 1, 240, 4),
    "deaf-worker": Fault(lines.deaf_worker, 1, 1, 360, 4),
    "frame-limit": Fault(frames.at_the_limit, 2, 1, 180, 1),
    "garbage-in": Fault(frames.garbage_for_the_worker, 1, 1, 480, 3),
    "garbage-out": Fault(frames.garbage_for_node_red, 1, 1, 1200, 4),
    "answers": Fault(answers.answer, 20, 1, 60, 1),
    "deploy": Fault(deploys.deploy, 60, 3, 60, 1),
    "end": Fault(ends.end_node_red, 5, 1, 120, 2),
    "first-start": Fault(environments.first_start, 2, 1, 360, 5),
    "environment": Fault(environments.damage_environment, 1, 1, 1200, 5),
    "no-room": Fault(environments.no_room, 1, 1, 480, 5),
    "read-only": Fault(environments.no_writing, 1, 1, 480, 5),
    "state": Fault(states.damage_state, 2, 1, 480, 3),
    "memory": Fault(memory.load_for_long, 20_000, 300, 0.2, 1),
}
