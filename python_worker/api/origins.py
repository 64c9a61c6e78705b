"""Which web pages may make a visitor's browser call the server."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from .errors import ApiError

ANY = "*"

PREFLIGHT = {
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, POST",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, Content-Type, X-Request-Id",
    hdrs.ACCESS_CONTROL_MAX_AGE: "600",
}
"""What answers a browser's question whether a page that was allowed may call."""


class Origins:
    """Refuses the calls of pages of other sites.

    A browser says in the header `Origin` whose page makes a call. Without this check, any page could make the server of
    whoever visits it work. A page can also give its own site's name the address of this machine (DNS rebinding), so
    that it seems to be the server's own page: a name is therefore only trusted where a token protects the server, or
    where it was allowed.
    """

    def __init__(self, allowed: Collection[str], *, has_token: bool) -> None:
        """Make the check.

        Args:
            allowed: origins such as `https://dash.example`, or `*` for all.
            has_token: whether the server asks for a token.
        """
        self._allowed = frozenset(one.rstrip("/").lower() for one in allowed)
        self._has_token = has_token

    def reader(self, request: web.Request) -> str | None:
        """Return the origin that was allowed to call, None for any other call."""
        origin = request.headers.get(hdrs.ORIGIN)
        return origin if origin and (ANY in self._allowed or origin.lower() in self._allowed) else None

    def check(self, request: web.Request) -> None:
        """Refuse a call of a page that is neither the server's own nor was allowed.

        Raises:
            ApiError: 403.
        """
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or self.reader(request) is not None:
            return
        with suppress(ValueError):
            parts = urlsplit(origin)
            if parts.netloc.lower() == request.host.lower() and (self._has_token or _is_own(parts.hostname)):
                return
        shown = origin[:100] if origin.isascii() and origin.isprintable() else "?"
        raise ApiError(403, f"The page {shown} may not call this server. Start it with --allow-origin {shown}.")


def _is_own(host: str | None) -> bool:
    """Return whether a host is an address, or a name that no other site can have."""
    if host is None:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True
