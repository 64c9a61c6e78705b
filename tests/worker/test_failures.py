"""If a request gets no answer, the project's own words say why, and what to do about it."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import tests.contract
from python_worker.errors import RecognitionError
from python_worker.services import Services
from python_worker.services.account import Account
from python_worker.services.address import Address, AddressError
from python_worker.services.base import RecognitionOptions
from python_worker.services.failures import explained
from python_worker.services.proxy import Proxy, proxy_for
from tests.contract.proxy import proxy
from tests.contract.server import Service

from .test_pictures import FILES

TLS = Path(tests.contract.__file__).parent / "tls"
ACCOUNT = Account(Address("https://plates.example/v1/plate-reader/", False), "0123456789", 5)


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    services = Services()
    yield services
    await services.close()


async def failure(services: Services, url: str, token: str = "") -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        await services.recognition(url, token, timeout=5, tries=1, shrink=True).recognize(
            FILES["JPEG"], RecognitionOptions()
        )
    return caught.value


class _Key:
    """A substitute for aiohttp's object of a connection."""

    host, port, ssl, is_ssl = "secret-host", 443, True, True


KEY: aiohttp.client_reqrep.ConnectionKey = _Key()  # type: ignore[assignment]


def _untrusted(code: int) -> aiohttp.ClientConnectorCertificateError:
    error = ssl.SSLCertVerificationError(1, "secret text of OpenSSL")
    error.verify_code = code
    return aiohttp.ClientConnectorCertificateError(KEY, error)


def _tls(reason: str) -> aiohttp.ClientConnectorSSLError:
    error = ssl.SSLError(1, "secret text of OpenSSL")
    error.reason = reason
    return aiohttp.ClientConnectorSSLError(KEY, error)


def _unconnected(number: int) -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(KEY, OSError(number, "secret text of the system"))


def _unknown(number: int) -> aiohttp.ClientConnectorDNSError:
    return aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(number, "secret text of the resolver"))


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (_unconnected(errno.ECONNREFUSED), 503, "nothing accepts connections there. Check the URL"),
        (_unconnected(errno.ENETUNREACH), 503, "no network leads there"),
        (_unconnected(errno.EHOSTUNREACH), 503, "no network leads there"),
        (_unconnected(errno.EMFILE), 503, "too many open connections"),
        (_unconnected(4711), 503, "the connection failed"),
        (_unknown(socket.EAI_NONAME), 503, "its host name is not known"),
        (_unknown(socket.EAI_AGAIN), 503, "no name server answers"),
        (_unknown(4711), 503, "its host name cannot be looked up"),
        (_untrusted(10), 503, "its certificate has expired"),
        (_untrusted(18), 503, "its certificate is signed by itself. If you trust it, name its certificate in"),
        (_untrusted(20), 503, "signed by nobody whom this machine trusts"),
        (_untrusted(62), 503, "its certificate is for another host name"),
        (_untrusted(4711), 503, "its certificate cannot be verified (OpenSSL's reason 4711)"),
        (_tls("WRONG_VERSION_NUMBER"), 503, "does not speak TLS. If it speaks plain HTTP, enter http://"),
        (_tls("TLSV1_ALERT_INTERNAL_ERROR"), 503, "the TLS handshake failed"),
        (aiohttp.ClientOSError(errno.EPIPE, "secret"), 502, "broke off"),
        (aiohttp.ServerDisconnectedError("secret"), 502, "closed the connection without an answer"),
        (aiohttp.ClientPayloadError("secret"), 502, "broke off"),
        (
            aiohttp.ServerTimeoutError("secret"),
            504,
            "No answer from https://plates.example/v1/plate-reader/ in 5 seconds",
        ),
        (aiohttp.InvalidURL("secret"), 400, "is not an address that can be called"),
        (ConnectionResetError(errno.ECONNRESET, "secret"), 502, "broke off"),
        (ValueError("secret"), 502, "failed (ValueError)"),
    ],
)
def test_every_error_of_the_http_client_has_words_of_its_own(error: Exception, status: int, words: str) -> None:
    told = explained(error, ACCOUNT)
    assert told.status == status
    assert words in told.message
    assert "https://plates.example/v1/plate-reader/" in told.message
    assert "secret" not in told.message
    assert re.fullmatch(r"[^\n]+\.", told.message)


def test_a_proxy_that_cannot_be_reached_is_blamed_itself() -> None:
    account = Account(ACCOUNT.address, "", 5, proxy=Proxy("http://u:p@proxy.example:3128", "HTTPS_PROXY", "u:p"))
    for error in (_unconnected(errno.ECONNREFUSED), _unknown(socket.EAI_NONAME)):
        message = explained(error, account).message
        assert message.startswith("The proxy http://proxy.example:3128 cannot be reached: ")
        assert "HTTPS_PROXY" in message
        assert "plates.example" not in message


async def test_plain_http_in_place_of_tls_is_told(services: Services, sdk: Service) -> None:
    error = await failure(services, sdk.url.replace("http:", "https:"))
    assert error.status == 503
    assert "does not speak TLS. If it speaks plain HTTP, enter http://" in error.message


@pytest.fixture
async def tls(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Yield the address of a service with the certificate of that name."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"results": []})

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / f"{request.param}.pem")
    application = web.Application()
    application.router.add_post("/v1/plate-reader/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("tls", ["self-signed"], indirect=True)
async def test_a_certificate_that_nobody_trusts_is_named_as_the_reason(services: Services, tls: str) -> None:
    error = await failure(services, tls)
    assert error.status == 503
    assert f"{tls}/v1/plate-reader/ cannot be trusted: its certificate is signed by itself" in error.message


@pytest.mark.parametrize("tls", ["self-signed"], indirect=True)
async def test_tls_in_place_of_plain_http_is_told(services: Services, tls: str) -> None:
    error = await failure(services, tls.replace("https:", "http:"))
    assert error.status in (400, 502)
    assert "http://127.0.0.1" in error.message or error.status == 400


CLIENT = """
import asyncio, sys
from python_worker.errors import RecognitionError
from python_worker.services import Services
from python_worker.services.base import RecognitionOptions

async def main():
    services = Services()
    service = services.recognition(sys.argv[1], "", timeout=30, tries=1, shrink=True)
    try:
        print((await service.recognize(sys.stdin.buffer.read(), RecognitionOptions()))["status"])
    except RecognitionError as error:
        print(error.message)
    await services.close()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("tls", "words"),
    [("self-signed", "200"), ("other-host", "is for another"), ("expired", "has expired")],
    indirect=["tls"],
)
async def test_a_certificate_can_be_trusted_by_an_environment_variable(
    tls: str, words: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["tls"]
    client = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CLIENT,
        tls,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SSL_CERT_FILE": str(TLS / f"{name}.pem"), "PYTHONPATH": str(Path.cwd())},
    )
    said, _ = await client.communicate(FILES["JPEG"])
    assert words in said.decode()


async def test_a_proxy_without_a_scheme_is_used(
    services: Services, sdk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{sdk.port}")
    service = services.recognition("http://plates.example", "", timeout=5, tries=1, shrink=True)
    assert (await service.recognize(FILES["JPEG"], RecognitionOptions()))["status"] == 201
    assert sdk.calls[0].headers["Host"] == "plates.example"


async def test_a_proxy_gets_the_login_of_its_address_and_the_service_does_not(
    services: Services, sdk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://us%40er:pa%2Fss@127.0.0.1:{sdk.port}/")
    service = services.recognition("http://plates.example", "t0ken", timeout=5, tries=1, shrink=True)
    await service.recognize(FILES["JPEG"], RecognitionOptions())
    assert sdk.calls[0].headers["Proxy-Authorization"] == "Basic " + base64.b64encode(b"us@er:pa/ss").decode()
    assert sdk.calls[0].headers["Authorization"] == "Token t0ken"


async def test_a_proxy_that_wants_a_login_is_told_apart_from_one_that_refuses_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxy("wants a login") as address:
        for target in ("http", "https"):
            monkeypatch.setenv(f"{target}_proxy", address)
            error = await failure(services, f"{target}://plates.example")
            assert (error.status, error.status_text) == (407, "Proxy Authentication Required")
            assert f"The proxy http://{address} wants a user name and password: enter them in {target}" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "ftp://proxy:1",
        "socks5://proxy:1080",
        "http://a%3Ab:c@proxy",
        "http://%E2%82%AC@proxy",
        "http://proxy:99999",
        "a b",
        "[",
    ],
)
def test_a_proxy_that_cannot_be_used_is_blamed_by_the_name_of_its_variable(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", text)
    with pytest.raises(AddressError, match="HTTPS_PROXY"):
        proxy_for("https://plates.example/")
    monkeypatch.setenv("NO_PROXY", "plates.example")
    assert proxy_for("https://plates.example/") is None
