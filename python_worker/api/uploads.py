"""How many uploads arrive at once, and how many bytes of them are in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .errors import ApiError

T = TypeVar("T")

_MOST = 128
"""Uploads that arrive at once."""

_SLOW_AFTER = 1.0
"""Seconds after which an upload's speed counts."""

_SLOW = 50_000.0
"""Bytes a second below which an upload gives way to others: cameras send ten times as much."""

_PARSED_AT_ONCE = 2
"""Bodies that are taken apart at once: each takes up to three times its size meanwhile."""


class Arrival:
    """An upload, from its first byte until its call is answered.

    Attributes:
        size: bytes of it that are in memory.
        begun: when it began, in seconds of the clock.
        gave_way: whether it was ended because others needed its place.
        parsing: to be held while its body is taken apart.
    """

    def __init__(self, uploads: Uploads, begun: float) -> None:
        self.size = 0
        self.begun = begun
        self._reading: asyncio.Task[Any] | None = None
        self.gave_way = False
        self.parsing = uploads.parsing
        self._uploads = uploads

    async def read(self, body: Coroutine[Any, Any, T]) -> T:
        """Return what reads it, unless it has to give way.

        Raises:
            ApiError: 408, it had to.
        """
        reading = asyncio.ensure_future(body)
        self._reading = reading
        try:
            return await reading
        except asyncio.CancelledError:
            # Where the whole call is cancelled, this takes the reading with it.
            if not self.gave_way:
                raise
            raise ApiError(408, "The upload came too slowly while others waited. Try again later.") from None
        finally:
            self._reading = None

    def take(self, size: int) -> None:
        """Account for bytes that arrived.

        Raises:
            ApiError: 503, together with those of other uploads they are too many.
        """
        self._uploads.make_room(size, self)
        self.size += size
        self._uploads.size += size

    def settle(self, size: int) -> None:
        """Account for the image alone: the rest of the body is not needed any more."""
        self._uploads.size += size - self.size
        self.size = size
        self._uploads.arriving.discard(self)

    def give_way(self) -> None:
        """End it, to let another one in."""
        self.gave_way = True
        self._uploads.arriving.discard(self)
        if self._reading is not None:
            self._reading.cancel()

    def speed(self, now: float) -> float:
        """Return its bytes a second so far."""
        return self.size / max(now - self.begun, 0.001)


class Uploads:
    """All uploads, bounded in number and in bytes. Where there is no room, the slowest one gives way.

    Attributes:
        arriving: those that are not yet here.
        size: bytes of all in memory.
        parsing: to be held while a whole body is taken apart.
    """

    def __init__(self, most_bytes: int, most: int = _MOST, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            most_bytes: of all together.
            most: how many may arrive at once.
            clock: seconds.
        """
        self.arriving: set[Arrival] = set()
        self.size = 0
        self.parsing = asyncio.Semaphore(_PARSED_AT_ONCE)
        self._most_bytes = most_bytes
        self._most = most
        self._clock = clock

    @contextmanager
    def arrival(self) -> Iterator[Arrival]:
        """Let an upload in.

        Raises:
            ApiError: 503, too many arrive, and none of them is slow.
        """
        if len(self.arriving) >= self._most and not self._end_slowest(None):
            raise ApiError(503, f"{len(self.arriving)} uploads arrive already. Try again later.", {"Retry-After": "1"})
        arrival = Arrival(self, self._clock())
        self.arriving.add(arrival)
        try:
            yield arrival
        finally:
            self.arriving.discard(arrival)
            self.size -= arrival.size
            arrival.size = 0

    def make_room(self, size: int, newest: Arrival) -> None:
        """Let slow uploads give way until there is room for more bytes.

        Raises:
            ApiError: 503, there is none.
        """
        ending = 0
        while self.size - ending + size > self._most_bytes:
            ended = self._end_slowest(newest)
            if ended is None:
                raise ApiError(
                    503,
                    f"The images of other calls take {self.size / 1e6:.0f} MB of memory. Try again later.",
                    {"Retry-After": "1"},
                )
            ending += ended.size

    def _end_slowest(self, newest: Arrival | None) -> Arrival | None:
        """End the slowest upload that is slow and not the newest; return it, None if there is none."""
        now = self._clock()
        slow = [
            one
            for one in self.arriving
            if one is not newest and now - one.begun > _SLOW_AFTER and one.speed(now) < _SLOW
        ]
        slowest = min(slow, key=lambda one: one.speed(now), default=None)
        if slowest is not None:
            slowest.give_way()
        return slowest
