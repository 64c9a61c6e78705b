"""No result of a request holds one of its secrets, whatever goes wrong and wherever a service repeats them."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from python_worker.errors import RecognitionError
from python_worker.services import Services
from python_worker.services.address import AddressError, statistics_address
from python_worker.services.base import RecognitionOptions
from python_worker.services.redact import Secrets
from tests.contract.faults import FAULTS
from tests.contract.proxy import ANSWERS, proxy
from tests.contract.server import Service

from .test_pictures import FILES

TOKEN = "7e1fa0c0ffee5ec2e7"
USER, PASSWORD = "Wilhelmine-77", 'p/s?s#w:o@r%d"&<ü'
QUERY = "Zeta=9&key=Sesam%2Foeffne+dich"
PROXY_USER, PROXY_PASSWORD = "Proximus-55", "Kaulquappe/&%41"
SECRETS = [TOKEN, USER, PASSWORD, "Sesam/oeffne dich", PROXY_USER, PROXY_PASSWORD]
FORMS = {
    form.lower()
    for secret in SECRETS
    for form in (secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1])
} | {
    base64.b64encode(f"{user}:{password}".encode()).decode().rstrip("=").lower()
    for user, password in ((USER, PASSWORD), (PROXY_USER, PROXY_PASSWORD))
}
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
FIRST = [name for name in FAULTS if name not in ("stall", "drip")]


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    services = Services()
    yield services
    await services.close()


def check(shown: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Fail if a secret is in an outcome or in a log record."""
    logged = [caplog.text, *(repr(record.__dict__) for record in caplog.records)]
    for text in (json.dumps(shown), json.dumps(shown, ensure_ascii=False), *logged):
        for form in FORMS:
            assert form not in text.lower(), f"{form} in {text[:3000]}"


async def outcome(services: Services, url: str, token: str, timeout: float = 5) -> dict[str, Any]:
    """Return all that a recognition gives to a node: result, or failure."""
    try:
        service = services.recognition(url, token, timeout=timeout, tries=1, shrink=True)
        return await service.recognize(FILES["JPEG"], RecognitionOptions())
    except RecognitionError as error:
        # What a log with a traceback would show, too.
        logging.getLogger("test").warning("failed", exc_info=error)
        return {**error.as_result(), "repr": repr(error), "shown": str(error)}


@pytest.mark.parametrize("fault", FIRST)
async def test_no_fault_of_a_service_shows_a_secret(
    services: Services, sdk: Service, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for login, token in (("", TOKEN), (LOGIN, "")):
        sdk.faults.append(fault)
        found = await outcome(services, f"http://{login}127.0.0.1:{sdk.port}/v1/plate-reader/?{QUERY}", token)
        assert sdk.calls[-1].headers["Authorization"]
        check(found, caplog)


@pytest.mark.parametrize("fault", ["stall", "drip"])
async def test_a_timeout_shows_no_secret(
    services: Services, sdk: Service, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sdk.faults.append(fault)
    found = await outcome(services, f"http://{LOGIN}127.0.0.1:{sdk.port}/v1/plate-reader/?{QUERY}", "", timeout=0.2)
    assert found["status"] == 504
    check(found, caplog)


@pytest.mark.parametrize("target", ["http", "https"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_answer_of_a_proxy_shows_a_secret(
    services: Services, answer: str, target: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with proxy(answer) as address:
        login = f"{quote(PROXY_USER, safe='')}:{quote(PROXY_PASSWORD, safe='')}"
        monkeypatch.setenv(f"{target.upper()}_PROXY", f"http://{login}@{address}")
        found = await outcome(services, f"{target}://plates.example/v1/plate-reader/?{QUERY}", TOKEN)
    assert found["status"] in (407, 502, 503)
    if answer in ("wants a login", "repeats the login"):
        assert found["status"] == 407
        assert f"The proxy http://{address} does not accept a user name and password" in found["error"]["message"]
        assert f"{target.upper()}_PROXY" in found["error"]["message"]
    check(found, caplog)


@pytest.mark.parametrize(
    "url",
    [
        f"htp://{LOGIN}host",
        f"http//{LOGIN}host",
        f"{LOGIN}host:8080",
        f"http://{USER}:{PASSWORD}@host",
        f"http://{LOGIN}host:99999",
        f"http://{LOGIN}[",
        f"http://{LOGIN}host name",
        f"http://{USER}:{TOKEN}",
        f"ftp://host?{QUERY}",
        f"http://host:x?{QUERY}",
        TOKEN,
    ],
)
def test_a_mistyped_address_is_not_repeated(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AddressError) as refused:
        statistics_address(url)
    check(str(refused.value), caplog)


async def test_a_mistyped_proxy_is_named_but_not_repeated(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for text in (f"http://{PROXY_USER}:{PROXY_PASSWORD}@[", f"socks5://{PROXY_USER}:{PROXY_PASSWORD}@host:1", "a b"):
        monkeypatch.setenv("HTTP_PROXY", text)
        with pytest.raises(AddressError, match="HTTP_PROXY") as refused:
            services.recognition("http://plates.example", "", timeout=1, tries=1, shrink=True)
        check(str(refused.value), caplog)


def test_an_account_does_not_show_its_secrets_when_it_is_printed(services: Services) -> None:
    service = services.recognition(f"http://{LOGIN}host/", "", timeout=1, tries=1, shrink=True)
    other = services.recognition("http://host/", TOKEN, timeout=1, tries=1, shrink=True)
    printed = repr([service, other])
    assert not [form for form in FORMS if form in printed.lower()]


def test_a_short_secret_is_hidden_from_people_but_not_searched_in_what_was_read() -> None:
    secrets = Secrets(["gb"], ["a:1234"])
    assert secrets.hide("wrong login a, 1234 for gb (gbx)") == "wrong login …, … for … (gbx)"
    assert secrets.hide_unmistakable("gb 1234") == "gb 1234"


def test_a_secret_that_an_excerpt_cuts_is_hidden_too() -> None:
    secrets = Secrets([TOKEN])
    for start in range(480, 520):
        assert "7e1fa" not in secrets.excerpt("x" * start + TOKEN + "y" * 99, 500)
    for start in range(80, 101):
        assert "7e1fa" not in secrets.excerpt("x" * start + TOKEN, 500, searched=100)


def test_a_secret_of_digits_is_hidden_as_a_number_too() -> None:
    secrets = Secrets(["1234567890"])
    assert secrets.is_number(1234567890)
    assert not secrets.is_number(7)
