"""The URL field chooses the service, and old flows keep their meaning."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from python_worker.services import Services
from python_worker.services.address import (
    CLOUD,
    Address,
    AddressError,
    recognition_address,
    shown,
    statistics_address,
)
from python_worker.services.base import RecognitionOptions
from tests.contract.server import Service

from .test_pictures import FILES

READER = "https://api.platerecognizer.com/v1/plate-reader/"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("", Address(READER, True)),
        ("  ", Address(READER, True)),
        (READER, Address(READER, True)),
        ("https://api.platerecognizer.com", Address(READER, True)),
        ("https://API.platerecognizer.com/", Address("https://API.platerecognizer.com/v1/plate-reader/", True)),
        ("http://api.platerecognizer.com", Address(READER, True)),
        ("HTTP://api.platerecognizer.com:80/v1/plate-reader/", Address(READER, True)),
        ("https://api.platerecognizer.com./", Address("https://api.platerecognizer.com./v1/plate-reader/", True)),
        ("http://ann:p%40ss@sdk:8080", Address("http://sdk:8080/v1/plate-reader/", False, "ann:p@ss")),
        ("http://plate_reader.lan/#top", Address("http://plate_reader.lan/v1/plate-reader/", False)),
        ("http://kennzeichen-prüfer.example", Address("http://kennzeichen-prüfer.example/v1/plate-reader/", False)),
        ("http://[fe80::1%25eth0]/", Address("http://[fe80::1%25eth0]/v1/plate-reader/", False)),
        ("http://localhost:8080", Address("http://localhost:8080/v1/plate-reader/", False)),
        ("http://localhost:8080/v1/plate-reader", Address("http://localhost:8080/v1/plate-reader/", False)),
        ("http://[::1]:8080/own/path?x=1", Address("http://[::1]:8080/own/path?x=1", False)),
    ],
)
def test_where_images_are_sent(url: str, address: Address) -> None:
    assert recognition_address(url) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("", Address("https://api.platerecognizer.com/v1/statistics/", True)),
        (READER, Address("https://api.platerecognizer.com/v1/statistics/", True)),
        ("http://sdk:8080", Address("http://sdk:8080/info/", False)),
        ("http://sdk:8080/v1/plate-reader/", Address("http://sdk:8080/info/", False)),
        ("http://sdk:8080/v1/statistics/", Address("http://sdk:8080/v1/statistics/", False)),
    ],
)
def test_where_usage_is_asked_for(url: str, address: Address) -> None:
    assert statistics_address(url) == address


def test_a_gateway_can_stand_before_the_cloud() -> None:
    gateway = "http://127.0.0.1:9000"
    assert recognition_address("", gateway) == Address("http://127.0.0.1:9000/v1/plate-reader/", True)
    assert recognition_address(READER, gateway) == Address("http://127.0.0.1:9000/v1/plate-reader/", True)
    assert recognition_address("http://sdk", gateway) == Address("http://sdk/v1/plate-reader/", False)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:8080", "does not begin with http://"),
        ("ftp://x", "does not begin with http://"),
        ("http://", "host name"),
        ("http://[", "host name"),
        ("http://[::1", "host name"),
        ("http://[hello]/", "host name"),
        ("http://\N{ACCOUNT OF}.com", "host name"),
        ("http://a..b", "host name"),
        ("http://" + "a" * 64 + ".com", "host name"),
        ("http://a|b", "host name"),
        ("http://x:99999", "port"),
        ("http://x:-1", "port"),
        ("http://x:0", "port"),
        ("http://x:http", "port"),
        ("http://ann:p/ss@x", "port"),
        ("http://x y", "spaces"),
        ("http://x\ny", "invisible"),
        ("http://x\0", "invisible"),
        ("http://x\ud800", "invisible"),
        ("http://${HOST}:8080", "environment variable"),
        ("http://x:$(PORT)", "port"),
        ("embedded", "does not begin with http://"),
        ("file:///etc/passwd", "does not begin with http://"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason_and_the_choices(url: str, reason: str) -> None:
    with pytest.raises(AddressError, match=f"(?s){reason}.*embedded:"):
        recognition_address(url)


def test_what_is_no_address_is_repeated_as_far_as_it_holds_no_secret() -> None:
    for url, repeated in (
        ("ftp://example.org/a?key=1", "the URL ftp://example.org/a does"),
        ("ftp://a:b@c", "the URL does"),
    ):
        with pytest.raises(AddressError, match=f"^{repeated} not begin with"):
            recognition_address(url)


ADDRESSES = st.text(max_size=40) | st.lists(
    st.sampled_from(
        ["http://", "https://", "//", "[", "]", "::1", "@", ":", "/", "?", "#", "%", "a", "ü", "℀", "80", ".", "xn--"]
    ),
    max_size=8,
).map("".join)


@given(ADDRESSES, st.sampled_from(["", "http://", "https://u:p@"]), ADDRESSES)
def test_any_text_is_an_address_that_can_be_called_or_refused(text: str, scheme: str, cloud: str) -> None:
    for address in (recognition_address, statistics_address):
        for gateway in (CLOUD, cloud):
            try:
                found = address(scheme + text, gateway)
            except AddressError as error:
                assert str(error)
                continue
            assert URL(found.url).raw_host
            assert "@" not in URL(found.url).authority
            assert shown(found.url).startswith("http")
        assert shown(scheme + text)


def test_an_address_is_shown_without_user_password_and_query() -> None:
    assert shown("http://ann:secret@[::1]:8080/own/path?key=secret#secret") == "http://[::1]:8080/own/path"
    assert shown("http://[") == shown("http://a\nb") == "an address that cannot be"


async def test_a_url_can_have_a_login_or_a_token_but_not_both(sdk: Service) -> None:
    services = Services()
    url = f"http://ann:p%40ss@127.0.0.1:{sdk.port}"
    service = services.recognition(url, "", timeout=5, tries=1, shrink=True)
    assert (await service.recognize(FILES["JPEG"], RecognitionOptions()))["status"] == 201
    assert sdk.calls[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ann:p@ss").decode()
    with pytest.raises(AddressError, match="only one of them"):
        services.recognition(url, "token", timeout=5, tries=1, shrink=True)
    with pytest.raises(AddressError, match="only one of them"):
        services.statistics(url, "token", timeout=5)
    await services.close()


def test_a_gateway_that_is_no_address_is_named_by_its_variable() -> None:
    with pytest.raises(AddressError, match="PLATE_RECOGNIZER_CLOUD_URL"):
        recognition_address("", "gateway:80")
