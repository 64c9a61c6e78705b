"""Which service a node's URL names, and how an address is shown."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from yarl import URL

EMBEDDED = "embedded:"
CLOUD = "https://api.platerecognizer.com/"
RECOGNITION_PATH = "/v1/plate-reader/"
STATISTICS_PATH = "/v1/statistics/"
INFO_PATH = "/info/"

_CLOUD_HOST = "api.platerecognizer.com"
# Certainly only a scheme, a host, a port and a path, so there is no password in it.
_CERTAIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9_.-]+(:[0-9]{1,5})?(/[a-z0-9_./-]*)?", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9_.-]+")
_CHOICES = f"leave it empty for the cloud, or enter http://…, https://… or {EMBEDDED}"


class AddressError(ValueError):
    """The text names no service; the message says why, but never repeats what may be a password."""


@dataclass(frozen=True)
class Address:
    """Where requests go.

    Attributes:
        url: without user name and password.
        cloud: whether it is the cloud, which requires a token and limits the size of an upload.
        login: "user:password", decoded from the URL; "" if the address has none.
    """

    url: str
    cloud: bool
    login: str = field(default="", repr=False)


def recognition_address(text: str, cloud: str = CLOUD) -> Address:
    """Return the address where plates are read.

    Args:
        text: the node's URL; empty means the cloud, a host without a path gets the API's.
        cloud: the cloud's base address.

    Raises:
        AddressError: `text` is no http(s) address.
    """
    return _address(text, cloud, cloud_path=RECOGNITION_PATH, server_path=RECOGNITION_PATH)


def statistics_address(text: str, cloud: str = CLOUD) -> Address:
    """Return the address of the account's usage.

    As `recognition_address`. The path of the recognition is replaced, too: the original's documentation calls the
    URL settings of both nodes identical, so both nodes are often given the same one.
    """
    return _address(text, cloud, cloud_path=STATISTICS_PATH, server_path=INFO_PATH)


def _address(text: str, cloud: str, *, cloud_path: str, server_path: str) -> Address:
    parts = checked(text.strip() or CLOUD, "the URL", _CHOICES)
    is_cloud = (parts.hostname or "").rstrip(".") == _CLOUD_HOST
    if is_cloud and cloud != CLOUD:
        base = checked(cloud.strip(), "PLATE_RECOGNIZER_CLOUD_URL", "enter http://… or https://…")
        parts = parts._replace(scheme=base.scheme, netloc=base.netloc)
    elif is_cloud and parts.scheme == "http":
        # The token must not travel in the clear, and the cloud's answer to this would only be a redirect.
        parts = parts._replace(scheme="https", netloc=re.sub(r":80$", "", parts.netloc))
    if parts.path in ("", "/") or parts.path.rstrip("/") == RECOGNITION_PATH.rstrip("/"):
        parts = parts._replace(path=cloud_path if is_cloud else server_path)
    userinfo, _, host = parts.netloc.rpartition("@")
    url = urlunsplit(parts._replace(netloc=host, fragment=""))
    return Address(url, is_cloud, login_of(userinfo))


def login_of(userinfo: str) -> str:
    """Return "user:password" from the part of an address before the @, decoded; "" if there is none."""
    if userinfo in ("", ":"):
        return ""
    user, _, password = userinfo.partition(":")
    return f"{unquote(user)}:{unquote(password)}"


def checked(text: str, name: str, advice: str) -> SplitResult:
    """Return the parts of an http(s) address that requests can be sent to.

    Args:
        text: the address, whatever somebody entered.
        name: what the address is called in the error.
        advice: what to do.

    Raises:
        AddressError: it is no such address. No text raises anything else.
    """

    def wrong(what: str) -> AddressError:
        certain = _CERTAIN.fullmatch(text.partition("?")[0].partition("#")[0])
        return AddressError(f"{name} {f'{certain[0]} ' if certain and '@' not in text else ''}{what}: {advice}")

    if " " in text or not text.isprintable():
        raise wrong("has spaces or invisible characters")
    if not re.match(r"https?://", text, re.IGNORECASE):
        raise wrong("does not begin with http:// or https://, so it is not the address of a service")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise wrong("has a host name that cannot be") from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise wrong("has a port that is no number from 1 to 65535 (in a password, / ? # @ are written %2F %3F %23 %40)")
    if "${" in text or "$(" in text:
        raise wrong("names an environment variable within a text, but Node-RED replaces only a whole one")
    if not _callable(parts, host):
        raise wrong("has a host name that cannot be")
    return parts


def _callable(parts: SplitResult, host: str) -> bool:
    """Return whether the HTTP client takes the address, and the system's resolver its host."""
    try:
        if ":" in host:
            ipaddress.IPv6Address(host)
        url = URL(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))
        name = url.raw_host or ""
        if ":" not in name:
            # "xn--" can be written, but not read.
            _ = url.host, name.encode("idna")
    except ValueError:
        return False
    return bool(":" in name or _HOST.fullmatch(name))


def shown(url: str) -> str:
    """Return an address as messages show it: scheme, host, port and path; never user, password and query."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isprintable():
        return "an address that cannot be"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
