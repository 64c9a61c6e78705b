"""HTTP requests to a service with the Snapshot API: one shared session, and its failures as ours."""

from __future__ import annotations

import asyncio
import email.utils
import encodings.idna  # noqa: F401 - or the first upload waits until it is loaded, to encode the host's name
import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

import aiohttp

from ..errors import (
    InputError,
    NotTheApiError,
    RefusedError,
    ServiceTimeoutError,
    UnreachableError,
)

LARGEST_ANSWER = 16 * 2**20
"""Bytes of an answer that are read; the API's answers have a few thousand."""

_LONGEST_TEXT = 500
_HINTS = {
    401: "Check the API token.",
    403: "Check the API token and the credits of the account.",
    404: "Check the URL of the service.",
    413: "Send a smaller image, or let the node shrink it.",
    429: "Send fewer images a second, or upgrade the account.",
}


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT_JSON = json.JSONDecoder(parse_constant=_no_constant)


@dataclass(frozen=True)
class Account:
    """How one node talks to its service.

    Attributes:
        url: the address of the API's method.
        token: the API token, or "" to send none.
        timeout: seconds that one try may take.
        tries: how many times a request is sent while the service answers 429.
    """

    url: str
    token: str
    timeout: float
    tries: int = 1

    @property
    def patience(self) -> float:
        """Seconds that a request may take with all its tries and the waits between them."""
        return self.timeout * self.tries

    @property
    def shown(self) -> str:
        """The address without user name, password and query, for messages."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


class HttpClient:
    """Sends requests over connections that are kept alive and shared by all nodes."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=_Connector(limit=0),
            # Cookies of one account must not reach another.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "node-red-contrib-plate-recognizer-python"},
            auto_decompress=True,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def request(
        self, method: str, account: Account, *, body: Callable[[], aiohttp.Payload] | None = None
    ) -> dict[str, Any]:
        """Send a request and return the service's JSON object with `status` and `statusText`.

        Args:
            method: GET or POST.
            account: where to and with which token.
            body: makes the form anew for each try.

        Raises:
            RecognitionError: of the kind that fits.
        """
        for last_try in [False] * (account.tries - 1) + [True]:
            status, status_text, headers, text = await self._exchange(method, account, body)
            if status != 429 or last_try:
                break
            wait = _retry_after(headers.get("Retry-After"))
            if wait > account.timeout:
                break
            await asyncio.sleep(wait)
        if 200 <= status < 300:
            return {**_json_object(text, account), "status": status, "statusText": status_text}
        _refuse(status, status_text, headers.get("Location"), text, account)

    async def _exchange(
        self, method: str, account: Account, body: Callable[[], aiohttp.Payload] | None
    ) -> tuple[int, str, Any, bytes]:
        try:
            try:
                return await self._send(method, account, body)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                # A kept-alive connection that the service closed at the same moment; a fresh one tells the truth.
                if not _reused.get():
                    raise
                return await self._send(method, account, body)
        except asyncio.TimeoutError as error:
            raise ServiceTimeoutError(
                f"No answer from {account.shown} in {account.timeout:g} seconds. Check the service, or raise the "
                "node's timeout."
            ) from error
        except (aiohttp.ClientConnectorError, aiohttp.ClientProxyConnectionError) as error:
            raise UnreachableError(
                f"{account.shown} cannot be reached: {_plain(error)}. Check the URL and that the service runs."
            ) from error
        except (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError) as error:
            raise NotTheApiError(f"The answer of {account.shown} broke off: {_plain(error)}.") from error
        except aiohttp.InvalidURL as error:
            raise InputError(f"{account.shown} is not an address that can be called.") from error
        except aiohttp.ClientError as error:
            raise NotTheApiError(f"{account.shown} does not answer as HTTP: {_plain(error)}.") from error

    async def _send(
        self,
        method: str,
        account: Account,
        body: Callable[[], aiohttp.Payload] | None,
    ) -> tuple[int, str, Any, bytes]:
        async with self._session.request(
            method,
            account.url,
            data=body() if body else None,
            headers={"Authorization": f"Token {account.token}"} if account.token else None,
            proxy=_proxy(account.url),
            timeout=aiohttp.ClientTimeout(total=account.timeout),
            # A redirect could carry token and image to another host.
            allow_redirects=False,
        ) as response:
            text = bytearray()
            async for chunk in response.content.iter_any():
                text += chunk
                if len(text) > LARGEST_ANSWER:
                    raise NotTheApiError(f"The answer of {account.shown} exceeds {LARGEST_ANSWER:,} bytes.")
            return response.status, response.reason or "", response.headers, bytes(text)


_reused: ContextVar[bool] = ContextVar("reused", default=False)
"""Whether the running task's last request went over a connection that had served one before."""


class _Connector(aiohttp.TCPConnector):
    """Notes whether a connection is reused; aiohttp's tracing would tell it, too, at a tenth of an upload's cost."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[object] = WeakSet()

    async def connect(self, *arguments: Any, **options: Any) -> aiohttp.connector.Connection:
        _reused.set(False)
        connection = await super().connect(*arguments, **options)
        _reused.set(connection.protocol in self._used)
        self._used.add(connection.protocol)
        return connection


@lru_cache(maxsize=256)
def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address.

    aiohttp's own `trust_env` asks the system for every request, and also sends credentials of the user's .netrc.
    """
    proxies = getproxies()
    if not proxies:
        return None
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")


def _retry_after(header: str | None) -> float:
    """Return the seconds to wait before the next try; the service's own client waits one where it is not told."""
    if not header:
        return 1.0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 1.0


def _parsed(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text is, None if it is something else."""
    try:
        value = _STRICT_JSON.decode(text.decode("utf-8-sig"))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _json_object(text: bytes, account: Account) -> dict[str, Any]:
    answer = _parsed(text)
    if answer is None:
        raise NotTheApiError(
            f"{account.shown} does not answer with a JSON object, so it is not the Snapshot API. Check the URL.",
            said={"body": _excerpt(text, account)},
        )
    return answer


def _refuse(status: int, status_text: str, location: str | None, text: bytes, account: Account) -> NoReturn:
    """Raise the failure for an answer that is not a success."""
    said = _parsed(text)
    if said is None:
        said = {"body": _excerpt(text, account)} if text else {}
    said = _without_token(said, account.token)
    if 300 <= status < 400:
        raise NotTheApiError(
            f"{account.shown} redirects to {_without_token(location, account.token)}. Requests do not follow, since "
            "they carry the token and the image: enter the final address as URL.",
            said=said,
        )
    detail = said.get("detail") or said.get("error")
    reason = f"{status} {status_text}".strip() + (f", {detail}" if isinstance(detail, str) else "")
    message = " ".join(filter(None, (f"The service refused the request: {reason.rstrip('.')}.", _HINTS.get(status))))
    raise RefusedError(message, status=status, status_text=status_text, said=said)


def _without_token(value: Any, token: str) -> Any:
    """Return what a service said without the token, should it repeat it."""
    if not token:
        return value
    if isinstance(value, str):
        return value.replace(token, "…")
    if isinstance(value, dict):
        return {key: _without_token(inner, token) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_token(inner, token) for inner in value]
    return value


def _excerpt(text: bytes, account: Account) -> str:
    return str(_without_token(text[:_LONGEST_TEXT].decode("utf-8", "replace"), account.token))


def _plain(error: Exception) -> str:
    """Return an error's text on one line without the trailing full stop."""
    inner = getattr(error, "os_error", None) or error
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return " ".join(str(text).split()).rstrip(".")
