"""The URL field chooses the service, and old flows keep their meaning."""

from __future__ import annotations

import pytest

from python_worker.services.address import Address, AddressError, recognition_address, statistics_address

READER = "https://api.platerecognizer.com/v1/plate-reader/"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("", Address(READER, True)),
        ("  ", Address(READER, True)),
        (READER, Address(READER, True)),
        ("https://api.platerecognizer.com", Address(READER, True)),
        ("https://API.platerecognizer.com/", Address("https://API.platerecognizer.com/v1/plate-reader/", True)),
        ("http://localhost:8080", Address("http://localhost:8080/v1/plate-reader/", False)),
        ("http://localhost:8080/v1/plate-reader", Address("http://localhost:8080/v1/plate-reader/", False)),
        ("http://[::1]:8080/own/path?x=1", Address("http://[::1]:8080/own/path?x=1", False)),
        ("embedded:", None),
    ],
)
def test_where_images_are_sent(url: str, address: Address | None) -> None:
    assert recognition_address(url) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("", Address("https://api.platerecognizer.com/v1/statistics/", True)),
        (READER, Address("https://api.platerecognizer.com/v1/statistics/", True)),
        ("http://sdk:8080", Address("http://sdk:8080/info/", False)),
        ("http://sdk:8080/v1/plate-reader/", Address("http://sdk:8080/info/", False)),
        ("http://sdk:8080/v1/statistics/", Address("http://sdk:8080/v1/statistics/", False)),
        ("embedded:", None),
    ],
)
def test_where_usage_is_asked_for(url: str, address: Address | None) -> None:
    assert statistics_address(url) == address


def test_a_gateway_can_stand_before_the_cloud() -> None:
    gateway = "http://127.0.0.1:9000"
    assert recognition_address("", gateway) == Address("http://127.0.0.1:9000/v1/plate-reader/", True)
    assert recognition_address(READER, gateway) == Address("http://127.0.0.1:9000/v1/plate-reader/", True)
    assert recognition_address("http://sdk", gateway) == Address("http://sdk/v1/plate-reader/", False)


@pytest.mark.parametrize(
    "url", ["localhost:8080", "ftp://x", "http://", "http://x:99999", "embedded", "file:///etc/passwd"]
)
def test_what_is_no_address_is_refused_with_the_choices(url: str) -> None:
    with pytest.raises(AddressError, match="embedded:"):
        recognition_address(url)
