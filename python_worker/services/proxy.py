"""The proxy that the environment names for an address."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from .address import AddressError, checked, login_of, shown


@dataclass(frozen=True)
class Proxy:
    """A proxy on the way to a service.

    Attributes:
        url: with user name and password, as the HTTP client wants it.
        source: the environment variable that names it.
        login: "user:password", "" if there is none.
    """

    url: str = field(repr=False)
    source: str
    login: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """The address for messages."""
        return shown(self.url).rstrip("/")


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy that the environment names for an address, None if requests go there directly.

    aiohttp's own `trust_env` asks the system at every request, and also sends credentials from the user's .netrc.

    Raises:
        AddressError: the proxy cannot be used.
    """
    proxies = getproxies()
    if not proxies:
        return None
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    kind = parts.scheme if proxies.get(parts.scheme) else "all"
    text = (proxies.get(kind) or "").strip()
    if not text:
        return None
    source = _source(f"{kind}_proxy")
    advice = "enter the proxy as http://HOST:PORT"
    if "://" not in text:
        text = f"http://{text}"
    elif text.lower().startswith("socks"):
        raise AddressError(f"{source} names a SOCKS proxy, which cannot be used: {advice}")
    proxy = checked(text, source, advice)
    userinfo = proxy.netloc.rpartition("@")[0]
    login = login_of(userinfo)
    # The HTTP client would refuse these.
    if ":" in unquote(userinfo.partition(":")[0]) or any(ord(character) > 255 for character in login):
        raise AddressError(f"{source} has a user name or password that HTTP cannot carry: {advice}")
    return Proxy(urlunsplit(proxy._replace(path="", query="", fragment="")), source, login)


def _source(name: str) -> str:
    for variable in (name, name.upper()):
        if variable in os.environ:
            return variable
    return "the system's proxy setting"
