"""A list of events in their order, for code that waits for one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

PATIENCE = 60.0
"""Seconds after which something that was waited for counts as lost."""

T = TypeVar("T")
R = TypeVar("R")


class NothingHappenedError(Exception):
    """The awaited event did not happen in time."""


class Journal(list[T], Generic[T]):
    """A list that can be waited on."""

    def __init__(self) -> None:
        super().__init__()
        self._change = asyncio.Condition()

    async def add(self, entry: T) -> None:
        """Append an entry and wake everything that waits."""
        self.append(entry)
        async with self._change:
            self._change.notify_all()

    async def until(self, look: Callable[[list[T]], R | None], seconds: float = PATIENCE) -> R:
        """Wait until `look` returns something true of the entries, and return that.

        Raises:
            NothingHappenedError: it did not in time; names the latest entries.
        """

        async def found() -> R:
            async with self._change:
                while not (result := look(self)):
                    await self._change.wait()
                return result

        try:
            return await asyncio.wait_for(found(), seconds)
        except asyncio.TimeoutError:
            latest = "\n".join(map(str, self[-30:]))
            raise NothingHappenedError(f"nothing of the kind in {seconds:g} seconds; the latest:\n{latest}") from None
