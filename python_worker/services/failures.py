"""Why a request got no answer, in our own words: the libraries' texts contain addresses and passwords."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

import aiohttp

from ..errors import InputError, NotTheApiError, RecognitionError, RefusedError, ServiceTimeoutError, UnreachableError
from .account import Account

_CONNECTING = {
    errno.ECONNREFUSED: "nothing accepts connections there",
    errno.ECONNRESET: "the connection was reset",
    errno.ECONNABORTED: "the connection was reset",
    errno.EPIPE: "the connection was reset",
    errno.ENETUNREACH: "no network leads there",
    errno.EHOSTUNREACH: "no network leads there",
    errno.ENETDOWN: "the network is down",
    errno.ETIMEDOUT: "it does not answer",
    errno.EADDRNOTAVAIL: "no network leads there",
    errno.EACCES: "this machine does not allow it",
    errno.EPERM: "this machine does not allow it",
    errno.EMFILE: "this machine has too many open connections",
    errno.ENFILE: "this machine has too many open connections",
}
_NAMES = {
    socket.EAI_NONAME: "its host name is not known",
    socket.EAI_AGAIN: "its host name cannot be looked up, since no name server answers",
}
_TRUST = "If you trust it, name its certificate in the environment variable SSL_CERT_FILE"
# Numbers of OpenSSL, X509_V_ERR_…: <openssl/x509_vfy.h>
_CERTIFICATES = {
    9: "its certificate is not valid yet. Check this machine's clock",
    10: "its certificate has expired. Check this machine's clock, or renew it there",
    18: f"its certificate is signed by itself. {_TRUST}",
    19: f"its certificate is signed by nobody whom this machine trusts. {_TRUST}",
    20: f"its certificate is signed by nobody whom this machine trusts. {_TRUST}",
    21: f"its certificate is signed by nobody whom this machine trusts. {_TRUST}",
    62: "its certificate is for another host name. Check the URL",
    64: "its certificate is for another address. Check the URL",
}
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "HTTPS_PROXY_REQUEST",
}


def explained(error: Exception, account: Account) -> RecognitionError:
    """Return the failure for an error of the HTTP client."""
    where = account.shown
    through = f" (through the proxy {account.proxy.shown})" if account.proxy else ""
    if isinstance(error, asyncio.TimeoutError):
        return ServiceTimeoutError(
            f"No answer from {where}{through} in {account.timeout:g} seconds. Check the service, or raise the node's "
            "timeout."
        )
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refused(error.status, account)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        code = getattr(error.certificate_error, "verify_code", 0)
        reason = _CERTIFICATES.get(code, f"its certificate cannot be verified (OpenSSL's reason {code})")
        return UnreachableError(f"{where} cannot be trusted: {reason}.")
    if isinstance(error, (aiohttp.ClientConnectorSSLError, ssl.SSLError)):
        reason = str(getattr(getattr(error, "os_error", error), "reason", "") or "")
        if reason in _NOT_TLS:
            return UnreachableError(f"{where} does not speak TLS. If it speaks plain HTTP, enter http:// in the URL.")
        return UnreachableError(f"{where}{through} cannot be reached: the TLS handshake failed. Check the URL.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error, account)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return NotTheApiError(f"{where}{through} closed the connection without an answer. Check the service's log.")
    if isinstance(error, (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, OSError)):
        return NotTheApiError(f"The connection with {where}{through} broke off before the answer was complete.")
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return InputError(f"{where} is not an address that can be called.")
    if isinstance(error, aiohttp.ClientResponseError):
        return NotTheApiError(
            f"{where}{through} does not answer as HTTP. Check the URL; if it speaks TLS, enter https://."
        )
    return NotTheApiError(f"The request to {where}{through} failed ({type(error).__name__}).")


def proxy_refused(status: int, account: Account) -> RecognitionError:
    """Return the failure for a proxy's refusal."""
    if account.proxy is None:
        name, source = "The proxy", "its environment variable"
    else:
        name, source = f"The proxy {account.proxy.shown}", account.proxy.source
    if status == 407:
        wrong = "does not accept" if account.proxy and account.proxy.login else "wants"
        return RefusedError(
            f"{name} {wrong} a user name and password: enter them in {source}, as http://USER:PASSWORD@HOST:PORT.",
            status=407,
        )
    return UnreachableError(
        f"{name} does not lead to {account.shown}: it answered with status {status}. Check {source}."
    )


def _unconnected(error: aiohttp.ClientConnectorError, account: Account) -> RecognitionError:
    cause = error.os_error
    if isinstance(cause, socket.gaierror):
        reason = _NAMES.get(cause.errno or 0, "its host name cannot be looked up")
    else:
        reason = _CONNECTING.get(cause.errno or 0, "the connection failed")
    if account.proxy:
        # With a proxy, this machine connects only to the proxy.
        return UnreachableError(
            f"The proxy {account.proxy.shown} cannot be reached: {reason}. Check {account.proxy.source}, and that the "
            "proxy runs."
        )
    return UnreachableError(f"{account.shown} cannot be reached: {reason}. Check the URL and that the service runs.")
