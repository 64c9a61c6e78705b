"""Who may call, how often, and how many calls wait."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
        # The time of this comparison tells nothing about the token.
        if scheme.lower() != "token" or not hmac.compare_digest(token.strip().encode(), self._token.encode()):
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
    """Admits a bounded number of calls, and works on as many at once as the engine has threads.

    Attributes:
        admitted: calls that were let in and are not yet answered.
        engine: to be held while the engine reads.
    """

    def __init__(self, concurrency: int, waiting: int) -> None:
        self._places = concurrency + waiting
        self.engine = asyncio.Semaphore(concurrency)
        self.admitted = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place from the first byte of the upload to the answer, because a waiting call takes memory, too.

        Raises:
            ApiError: 503, all places are taken.
        """
        if self.admitted >= self._places:
            raise ApiError(
                503, f"{self.admitted} calls are being worked on or wait. Try again later.", {"Retry-After": "1"}
            )
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1
