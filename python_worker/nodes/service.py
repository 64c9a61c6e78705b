"""The service that a node's config names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from ..services.address import AddressError
from .base import ConfigError
from .config import Config

Service = TypeVar("Service")

_TOKEN = re.compile(r"[!-~]*")


def token_of(config: Config) -> str:
    """Return the API token, "" if there is none.

    Raises:
        ConfigError: it cannot be one. It is not repeated.
    """
    token = config.text("apiToken")
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            "the API token has a blank or another character that no token has; enter the token alone, as your account "
            "shows it"
        )
    return token


def known(find: Callable[[], Service]) -> Service:
    """Return the service that a URL names. If Python's own parser of addresses refuses the URL, say so plainly.

    Raises:
        AddressError: the URL names no service.
    """
    try:
        return find()
    except AddressError:
        raise
    except ValueError:
        # Its text would repeat the URL, which may hold a password.
        raise AddressError(
            "url is not an address: leave it empty for the cloud, or enter http://… or https://…"
        ) from None
