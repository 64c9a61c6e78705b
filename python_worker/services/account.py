"""How one node talks to its service."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from .address import Address, AddressError, shown
from .proxy import Proxy, proxy_for
from .redact import Secrets


@dataclass(frozen=True)
class Account:
    """How one node talks to its service.

    Attributes:
        address: of the API's method.
        token: the API token, or "" to send none.
        timeout: seconds that one try may take.
        tries: how many times a request is sent while the service answers 429.
        proxy: the one on the way to the service.
    """

    address: Address
    token: str = field(repr=False)
    timeout: float
    tries: int = 1
    proxy: Proxy | None = None

    @property
    def url(self) -> str:
        """The address without user name and password; its query may be secret."""
        return self.address.url

    @property
    def patience(self) -> float:
        """Seconds that a request may take with all its tries and the waits between them."""
        return self.timeout * self.tries

    @cached_property
    def shown(self) -> str:
        """The address for messages."""
        return shown(self.url)

    @cached_property
    def authorization(self) -> str | None:
        """The header of that name."""
        if self.token:
            return f"Token {self.token}"
        if self.address.login:
            return f"Basic {base64.b64encode(self.address.login.encode()).decode()}"
        return None

    @cached_property
    def secrets(self) -> Secrets:
        """The parts of all this that nobody may see."""
        logins = [self.address.login] if self.address.login else []
        if self.proxy and self.proxy.login:
            logins.append(self.proxy.login)
        return Secrets([self.token], logins, [urlsplit(self.url).query])


def account_at(address: Address, token: str, timeout: float, tries: int = 1) -> Account:
    """Return the account for an address, with the proxy that the environment names.

    Raises:
        AddressError: the proxy cannot be used, or there are two logins, and a request can carry only one.
    """
    if token and address.login:
        raise AddressError(
            "the URL has a user name and password, and there is an API token, but a request can carry only one of "
            "them: remove the other"
        )
    return Account(address, token, timeout, tries, proxy_for(address.url))
