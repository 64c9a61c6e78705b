"""Fetches an image from an address that a client names (`upload_url`), but nothing from this network."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

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
    """Fetches images over HTTP. Made inside the event loop."""

    def __init__(self, max_bytes: int, allowed: Callable[[str], bool] = is_public) -> None:
        """Prepare to fetch.

        Args:
            max_bytes: that an image may have.
            allowed: tells which IP addresses may be connected to.
        """
        self._max_bytes = max_bytes
        self._allowed = allowed
        # Connections go to the addresses that were checked, even if the name resolves differently a moment later.
        connector = TCPConnector(resolver=_CheckingResolver(allowed), use_dns_cache=False, limit=8)
        timeout = ClientTimeout(total=_SECONDS)
        self._session = ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar())

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def fetch(self, url: str) -> bytes:
        """Return what is at an address.

        Raises:
            ApiError: 400, the address is not allowed or gives nothing; 413, it gives too much.
        """
        try:
            for _ in range(1 + _REDIRECTS):
                self._check(url)
                async with self._session.get(url, allow_redirects=False) as response:
                    target = response.headers.get("Location")
                    if response.status in (301, 302, 303, 307, 308) and target:
                        url = urljoin(url, target)
                        continue
                    if response.status != 200:
                        raise ApiError(400, f"The address in 'upload_url' answers with status {response.status}.")
                    content = bytearray()
                    async for chunk in response.content.iter_chunked(65_536):
                        content += chunk
                        if len(content) > self._max_bytes:
                            raise ApiError(413, f"The image at 'upload_url' is larger than {self._max_bytes:,} bytes.")
                    return bytes(content)
        except asyncio.TimeoutError:
            raise ApiError(400, f"The address in 'upload_url' gave no image within {_SECONDS:.0f} seconds.") from None
        except (ClientError, ValueError, OSError):
            raise ApiError(400, "The address in 'upload_url' cannot be reached.") from None
        raise ApiError(400, f"The address in 'upload_url' redirects more than {_REDIRECTS} times.")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ApiError(400, "The field 'upload_url' must be an address that begins with http:// or https://.")
        try:
            # A name is checked when it is resolved, but an address is not resolved.
            allowed = self._allowed(parts.hostname)
        except ValueError:
            return
        if not allowed:
            raise _not_allowed()


class _CheckingResolver(AbstractResolver):
    """Resolves names, but only to allowed addresses."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(self._allowed(one["host"]) for one in found):
            raise _not_allowed()
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _not_allowed() -> ApiError:
    return ApiError(400, "The address in 'upload_url' is not on the internet; this server fetches from nowhere else.")
