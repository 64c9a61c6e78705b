"""The image in a message's input field."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from ..errors import InputError
from .fields import describe

_DATA_PREFIX = re.compile(r"\s*data:[^,]{0,200},")


def image_bytes(value: Any, field: str) -> bytes:
    """Return the encoded image that a message's value holds.

    Args:
        value: a Buffer, a base64 text (line breaks and a `data:` prefix allowed), or the JSON form of a Buffer.
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
    prefix = _DATA_PREFIX.match(text)
    # Cameras and MIME parts wrap base64 in lines; split and join drop every kind of white space.
    encoded = "".join(text[prefix.end() if prefix else 0 :].split())
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InputError(
            f"No image in msg.{field}: the text is not base64. To recognize a file or an address, read it into a "
            "Buffer first (read file node, http request node that returns a binary buffer)."
        ) from None
