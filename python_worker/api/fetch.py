"""Fetches an image from an address that a client names (`upload_url`), but nothing from this network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientSession, DummyCookieJar, TCPConnector, ThreadedResolver

from .errors import ApiError

_SECONDS = 15.0
_REDIRECTS = 3
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the internet, not to this machine or to the network that it is in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        within = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if within is None and ip in _NAT64:
            within = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if within is not None:
            return is_public(str(within))
    return ip.is_global and not ip.is_multicast


class ImageFetcher:
    """Fetches images over HTTP. Made inside the event loop.

    What is judged is the address of each socket in the moment in which it is made: an address can be written in many
    ways, two parsers can disagree about the host in it, and a name can resolve differently a moment later.
    """

    def __init__(self, max_bytes: int, allowed: Callable[[str], bool] = is_public, seconds: float = _SECONDS) -> None:
        """Prepare to fetch.

        Args:
            max_bytes: that an image may have.
            allowed: tells which IP addresses may be connected to.
            seconds: that a fetch may take, redirects included.
        """
        self._max_bytes = max_bytes
        self._allowed = allowed
        self._seconds = seconds
        connector = TCPConnector(
            resolver=ThreadedResolver(), socket_factory=self._socket, use_dns_cache=False, force_close=True, limit=8
        )
        self._session = ClientSession(connector=connector, cookie_jar=DummyCookieJar())

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def fetch(self, url: str, take: Callable[[int], None] = lambda size: None) -> bytes:
        """Return what is at an address.

        Args:
            url: the address.
            take: accounts for bytes that arrive; what it raises ends the fetch.

        Raises:
            ApiError: 400, the address is not allowed or gives nothing; 413, it gives too much.
        """
        try:
            return await asyncio.wait_for(self._fetch(url, take), self._seconds)
        except asyncio.TimeoutError:
            raise ApiError(
                400, f"The address in 'upload_url' gave no image within {self._seconds:g} seconds."
            ) from None
        except (ClientError, ValueError, OSError) as error:
            if isinstance(getattr(error, "os_error", error), _NotAllowedError):
                raise ApiError(
                    400, "The address in 'upload_url' is not on the internet; this server fetches from nowhere else."
                ) from None
            raise ApiError(400, "The address in 'upload_url' cannot be reached.") from None

    async def _fetch(self, url: str, take: Callable[[int], None]) -> bytes:
        for _ in range(1 + _REDIRECTS):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ApiError(400, "The field 'upload_url' must be an address that begins with http:// or https://.")
            async with self._session.get(url, allow_redirects=False) as response:
                target = response.headers.get("Location")
                if response.status in (301, 302, 303, 307, 308) and target:
                    url = urljoin(url, target)
                    continue
                if response.status != 200:
                    raise ApiError(400, f"The address in 'upload_url' answers with status {response.status}.")
                content = bytearray()
                async for chunk in response.content.iter_chunked(65_536):
                    take(len(chunk))
                    content += chunk
                    if len(content) > self._max_bytes:
                        raise ApiError(413, f"The image at 'upload_url' is larger than {self._max_bytes:,} bytes.")
                return bytes(content)
        raise ApiError(400, f"The address in 'upload_url' redirects more than {_REDIRECTS} times.")

    def _socket(self, found: tuple[Any, ...]) -> socket.socket:
        """Make the socket for an address, as aiohttp asks for it just before it connects."""
        family, kind, protocol, _, address = found
        try:
            allowed = self._allowed(address[0])
        except ValueError:
            # Whatever it is, somebody else would resolve it.
            allowed = False
        if not allowed:
            raise _NotAllowedError
        return socket.socket(family=family, type=kind, proto=protocol)


class _NotAllowedError(OSError):
    """The address is not on the internet."""
