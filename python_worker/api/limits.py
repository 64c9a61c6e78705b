"""Who may call, how often, and how many calls wait for the engine."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from .errors import ApiError


class Access:
    """Lets callers with the right token in, up to a number of calls a second."""

    def __init__(
        self, token: str | None, calls_per_second: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Make the gate.

        Args:
            token: what callers must present; None lets everybody in.
            calls_per_second: how many recognitions may begin within any second; None for any number.
            clock: seconds.
        """
        self._token = token
        self._calls_per_second = calls_per_second
        self._clock = clock
        self._calls: deque[float] = deque()

    def check_token(self, authorization: str | None) -> None:
        """Check the header `Authorization: Token …`.

        Raises:
            ApiError: 403.
        """
        if self._token is None:
            return
        scheme, _, token = (authorization or "").partition(" ")
        # A header's bytes that are no UTF-8 are half characters here. The time of this comparison tells nothing.
        presented = token.strip().encode("utf-8", "surrogateescape")
        if scheme.lower() != "token" or not hmac.compare_digest(presented, self._token.encode()):
            raise ApiError(403, "Invalid token.")

    def check_rate(self) -> None:
        """Count a call.

        Raises:
            ApiError: 429, it is one too many within a second.
        """
        if self._calls_per_second is None:
            return
        now = self._clock()
        while self._calls and self._calls[0] <= now - 1:
            self._calls.popleft()
        if len(self._calls) >= self._calls_per_second:
            raise ApiError(
                429,
                f"More than {self._calls_per_second} calls within a second. Wait a second and try again.",
                {"Retry-After": "1"},
            )
        self._calls.append(now)


class Queue:
    """Admits a bounded number of calls, and lets as many at once to the engine as it has threads.

    Attributes:
        admitted: calls whose image is here and that are not yet answered.
    """

    def __init__(self, concurrency: int, waiting: int) -> None:
        """Make it.

        Args:
            concurrency: how many calls the engine reads best at once.
            waiting: how many more are let in.
        """
        self._places = concurrency + waiting
        self._engine = asyncio.Semaphore(concurrency)
        self._heavy = asyncio.Semaphore(1)
        self.admitted = 0

    @property
    def is_full(self) -> bool:
        """Whether the next call is refused."""
        return self.admitted >= self._places

    def check(self) -> None:
        """Refuse a call before its upload is taken.

        Raises:
            ApiError: 503, all places are taken.
        """
        if self.is_full:
            raise ApiError(
                503, f"{self.admitted} calls are being worked on or wait. Try again later.", {"Retry-After": "1"}
            )

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place from the end of the upload to the answer.

        Raises:
            ApiError: 503, all places are taken.
        """
        self.check()
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    @asynccontextmanager
    async def turn(self, *, heavy: bool) -> AsyncIterator[None]:
        """Wait for the engine, and hold one of its threads.

        Args:
            heavy: whether the image is one of those of which one at a time is read, so that they leave the other
                threads to usual ones, and do not fill the memory together.
        """
        async with AsyncExitStack() as held:
            if heavy:
                await held.enter_async_context(self._heavy)
            await held.enter_async_context(self._engine)
            yield
