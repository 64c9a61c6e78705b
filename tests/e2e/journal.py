"""What happened, in order, for tests that wait for something to have happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

PATIENCE = 60.0
"""Seconds that anything in these tests may take before it counts as lost."""

T = TypeVar("T")
R = TypeVar("R")


class Journal(list[T], Generic[T]):
    """A list that can be waited on."""

    def __init__(self) -> None:
        super().__init__()
        self._change = asyncio.Condition()

    async def add(self, entry: T) -> None:
        """Append an entry and wake who waits."""
        self.append(entry)
        async with self._change:
            self._change.notify_all()

    async def until(self, look: Callable[[list[T]], R | None], seconds: float = PATIENCE) -> R:
        """Wait until `look` finds something in the entries, and return it.

        Raises:
            AssertionError: it did not in time; names the latest entries.
        """
        found: list[R] = []

        def satisfied() -> bool:
            result = look(self)
            if result is not None and result is not False:
                found.append(result)
            return bool(found)

        async with self._change:
            try:
                await asyncio.wait_for(self._change.wait_for(satisfied), seconds)
            except asyncio.TimeoutError:
                latest = "\n".join(map(str, self[-30:]))
                raise AssertionError(f"nothing of the kind in {seconds:g} seconds; the latest:\n{latest}") from None
        return found[0]
