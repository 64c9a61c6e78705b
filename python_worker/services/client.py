"""HTTP requests to a service with the Snapshot API, over one session that all nodes share."""

from __future__ import annotations

import asyncio
import email.utils
import encodings.idna  # noqa: F401 - or the first upload waits until it is loaded, to encode the host's name
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from ..errors import NotTheApiError, RecognitionError
from ..schemas import Schema
from .account import Account
from .answers import LARGEST_ANSWER, Reply, result
from .connector import Connector, was_reused
from .failures import explained

_LARGE = 16 * 1024
"""From so many bytes on, an answer is parsed on a thread. The API's are smaller, and a thread would cost more."""


class HttpClient:
    """Sends requests over connections that are kept alive and shared by all nodes."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=Connector(limit=0),
            # Cookies of one account must not reach another.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "node-red-contrib-plate-recognizer-python"},
            auto_decompress=True,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def request(
        self, method: str, account: Account, schema: Schema, *, body: Callable[[], aiohttp.Payload] | None = None
    ) -> dict[str, Any]:
        """Send a request and return the service's JSON object with `status` and `statusText`.

        Args:
            method: GET or POST.
            account: the address and the token. All tries and waits together take no longer than its patience.
            schema: of the object.
            body: makes the form anew for each try.

        Raises:
            RecognitionError: of the kind that fits. No secret of the account is in it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + account.patience
        for last_try in [False] * (account.tries - 1) + [True]:
            reply, retry_after = await self._exchange(method, account, body, end)
            if reply.status != 429 or last_try:
                break
            wait = _retry_after(retry_after)
            if wait > account.timeout or loop.time() + wait >= end:
                break
            await asyncio.sleep(wait)
        if len(reply.text) > _LARGE:
            return await asyncio.to_thread(result, reply, account, schema)
        return result(reply, account, schema)

    async def _exchange(
        self, method: str, account: Account, body: Callable[[], aiohttp.Payload] | None, end: float
    ) -> tuple[Reply, str | None]:
        end = min(end, asyncio.get_running_loop().time() + account.timeout)
        try:
            try:
                return await self._send(method, account, body, end)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # The service closed a kept-alive connection at the same moment; a fresh one shows the real state.
                if not was_reused():
                    raise
                return await self._send(method, account, body, end)
        except RecognitionError:
            raise
        except Exception as error:  # Any error of a library: its text may contain addresses with their passwords.
            raise explained(error, account) from None

    async def _send(
        self, method: str, account: Account, body: Callable[[], aiohttp.Payload] | None, end: float
    ) -> tuple[Reply, str | None]:
        async with self._session.request(
            method,
            account.url,
            data=body() if body else None,
            headers={"Authorization": account.authorization} if account.authorization else None,
            proxy=account.proxy.url if account.proxy else None,
            timeout=aiohttp.ClientTimeout(total=max(0.001, end - asyncio.get_running_loop().time())),
            # A redirect could carry token and image to another host.
            allow_redirects=False,
        ) as response:
            text = bytearray()
            async for chunk in response.content.iter_any():
                text += chunk
                if len(text) > LARGEST_ANSWER:
                    raise NotTheApiError(f"The answer of {account.shown} exceeds {LARGEST_ANSWER:,} bytes.")
            headers = response.headers
            reply = Reply(response.status, response.reason or "", headers.get("Location"), bytes(text))
            return reply, headers.get("Retry-After")


def _retry_after(header: str | None) -> float:
    """Return the seconds to wait before the next try: one if the service names none, as in the service's own client."""
    if not header:
        return 1.0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 1.0
