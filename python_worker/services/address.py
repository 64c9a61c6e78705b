"""Which service a node's URL names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

EMBEDDED = "embedded:"
CLOUD = "https://api.platerecognizer.com/"
RECOGNITION_PATH = "/v1/plate-reader/"
STATISTICS_PATH = "/v1/statistics/"
INFO_PATH = "/info/"


class AddressError(ValueError):
    """The text names no service."""


@dataclass(frozen=True)
class Address:
    """Where requests go; the cloud is special, since it wants a token and limits the size of an upload."""

    url: str
    cloud: bool


def recognition_address(text: str, cloud: str = CLOUD) -> Address | None:
    """Return the address that plates are read at, None for the embedded engine.

    Args:
        text: the node's URL; empty means the cloud, a host without a path gets the API's.
        cloud: the cloud's base address.

    Raises:
        AddressError: `text` is no http(s) address.
    """
    return _address(text, cloud, cloud_path=RECOGNITION_PATH, server_path=RECOGNITION_PATH)


def statistics_address(text: str, cloud: str = CLOUD) -> Address | None:
    """Return the address of the account's usage, None for the embedded engine.

    As `recognition_address`. The path of the recognition is replaced, too: the original's documentation calls the
    URL settings of both nodes identical, so both nodes are often given the same one.
    """
    return _address(text, cloud, cloud_path=STATISTICS_PATH, server_path=INFO_PATH)


def _address(text: str, cloud: str, *, cloud_path: str, server_path: str) -> Address | None:
    text = text.strip()
    if text == EMBEDDED:
        return None
    parts = urlsplit(text or CLOUD)
    try:
        known = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise AddressError(
            f"{text!r} is not the address of a service: leave it empty for the cloud, or enter http://…, https://… "
            f"or {EMBEDDED}"
        )
    is_cloud = parts.hostname == urlsplit(CLOUD).hostname
    if is_cloud and cloud != CLOUD:
        base = urlsplit(cloud)
        parts = parts._replace(scheme=base.scheme, netloc=base.netloc)
    if parts.path in ("", "/") or parts.path.rstrip("/") == RECOGNITION_PATH.rstrip("/"):
        parts = parts._replace(path=cloud_path if is_cloud else server_path)
    return Address(urlunsplit(parts), is_cloud)
