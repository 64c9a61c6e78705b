"""The image in a message's input field."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from ..errors import InputError
from ..pictures import instead
from .fields import describe

_DATA_PREFIX = re.compile(r"data:[^,]{0,200},", re.IGNORECASE)
_HTML_ESCAPED = re.compile(r"&(#x?[0-9a-fA-F]{1,4}|amp|quot|lt|gt);")
_BASE64URL = str.maketrans("-_", "+/")
_BEGINNING = 65_536


def image_bytes(value: Any, field: str) -> bytes:
    """Return the encoded image that a message's value holds.

    Args:
        value: a Buffer, a base64 text (also of the alphabet for URLs, in quotes, with line breaks, or with a `data:`
            prefix), or the JSON form of a Buffer.
        field: the expression of the input field, for the error message.

    Raises:
        InputError: the value is none of these, or empty.
    """
    if isinstance(value, dict) and value.get("type") == "Buffer":
        value = _json_buffer(value.get("data"), field)
    elif isinstance(value, str):
        value = _base64_text(value, field)
    if not isinstance(value, bytes):
        raise InputError(
            f"No image in msg.{field}: it is {describe(value)}. Send a Buffer or a base64 text, "
            "or set the node's input field to the property that holds the image."
        )
    if not value:
        raise InputError(f"No image in msg.{field}: it is empty.")
    return value


def _json_buffer(data: Any, field: str) -> bytes:
    try:
        # Not everything that `bytes` takes: a number would mean a length.
        if isinstance(data, list):
            return bytes(data)
    except (TypeError, ValueError):
        pass
    raise InputError(
        f"No image in msg.{field}: its 'data' is not a list of byte values, as the JSON form of a Buffer has."
    )


def _base64_text(text: str, field: str) -> bytes:
    # Cameras and MIME parts wrap base64 in lines; split and join drop every kind of white space.
    encoded = "".join(_unquoted(text).split())
    prefix = _DATA_PREFIX.match(encoded)
    encoded = encoded[prefix.end() if prefix else 0 :]
    if "-" in encoded or "_" in encoded:
        encoded = encoded.translate(_BASE64URL)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InputError(f"No image in msg.{field}: {_why_no_base64(text)}") from None


def _unquoted(text: str) -> str:
    """Return a text without the quotes that JSON puts around it."""
    text = text.strip()
    return text[1:-1].replace("\\/", "/") if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _why_no_base64(text: str) -> str:
    if _HTML_ESCAPED.search(text):
        return (
            "the base64 text was escaped for HTML, as a template node does. Use three braces there, {{{payload}}} in "
            "place of {{payload}}."
        )
    if text.lstrip()[:1] in ("<", "{", "["):
        return f"it is {instead(text[:_BEGINNING].encode('utf-8', 'replace'))}."
    if "\ufffd" in text[:_BEGINNING]:
        return (
            "its bytes were made a text, which loses some of them. Let the node before (http request, read file) "
            "return a Buffer."
        )
    return (
        "the text is not base64. To recognize a file or an address, read it into a Buffer first (read file node, http "
        "request node that returns a binary buffer)."
    )
