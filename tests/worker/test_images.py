"""Every form in which flows carry an image is understood, and everything else is explained."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from python_worker.errors import InputError
from python_worker.nodes.images import image_bytes
from python_worker.values import Opaque

IMAGE = bytes(range(256)) * 3
TEXT = base64.b64encode(IMAGE).decode()


@pytest.mark.parametrize(
    "value",
    [
        IMAGE,
        TEXT,
        f"data:image/jpeg;base64,{TEXT}",
        "\r\n".join(TEXT[start : start + 76] for start in range(0, len(TEXT), 76)),
        TEXT.rstrip("="),
        {"type": "Buffer", "data": list(IMAGE)},
        base64.urlsafe_b64encode(IMAGE).decode().rstrip("="),
        f'"{TEXT}"',
        f" '{TEXT}' ",
        json.dumps(f"data:image/png;base64,{TEXT}").replace("/", "\\/"),
    ],
    ids=[
        "Buffer",
        "base64",
        "data: prefix",
        "line breaks",
        "no padding",
        "JSON form of a Buffer",
        "base64url",
        "double quotes",
        "single quotes",
        "JSON with escaped slashes",
    ],
)
def test_the_image_is_found(value: Any) -> None:
    assert image_bytes(value, "payload") == IMAGE


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (Opaque("undefined"), "it is not there"),
        (Opaque("function"), "it is a function"),
        (None, "it is null"),
        (7, "it is a number"),
        ({"a": 1}, "it is an object"),
        ([1, 2], "it is an array"),
        (b"", "it is empty"),
        ("", "it is empty"),
        ("https://example.org/car.jpg", "the text is not base64"),
        (TEXT.replace("/", "&#x2F;"), "escaped for HTML.* use three braces there, {{{payload}}}"),
        (TEXT.replace("=", "&#x3D;") + "&#x3D;", "escaped for HTML"),
        ('<html><input type="password"></html>', "it is a web page that looks like a login page"),
        ('{"image": "Zm9v"}', "it is a JSON text"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF".decode("utf-8", "replace"), "its bytes were made a text"),
        ("Zm9vä", "the text is not base64"),
        ({"type": "Buffer", "data": [1, 300]}, "not a list of byte values"),
        ({"type": "Buffer"}, "not a list of byte values"),
        ({"type": "Buffer", "data": 5}, "not a list of byte values"),
    ],
)
def test_what_is_no_image_is_named_with_its_field(value: Any, reason: str) -> None:
    with pytest.raises(InputError, match=f"(?i){reason}") as caught:
        image_bytes(value, "a.b")
    assert "msg.a.b" in caught.value.message
    assert caught.value.status == 400
