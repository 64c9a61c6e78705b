"""What bodies hold: the image and the other fields, in every form that clients send them. Nothing here reads a socket.

Each form has its bound in bytes, parts and fields, so that a body costs no more time and memory than its size: anybody
who reaches the server may send one.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ..schemas import complaint
from .errors import ApiError
from .schemas import CHECKED_BODY

OTHER_FIELDS = 65_536
"""Bytes of a form in addition to its image."""

MOST_FIELDS = 100
"""Fields, files included, of a form."""

_MOST_VALUES = 2_000
"""Values of a JSON body, so that a large one of small values does not take fifty times its size in memory."""

_DATA_PREFIX = re.compile(rb"\s*data:[^,]{0,200},")

_ESCAPES = tuple((f"%{ord(sign):02X}".encode(), sign.encode()) for sign in "+/= \r\n:;,")
"""What a urlencoded form escapes of base64, and of a `data:` address."""

_PLUS = bytes.maketrans(b" ", b"+")


@dataclass
class Upload:
    """A body that was read.

    Attributes:
        image: the encoded image; None where there is none in the field for it.
        filename: as the client named the file.
        fields: the other fields' values, in their order.
        files: names of the fields that hold other files; these are not kept.
    """

    image: bytes | None = None
    filename: str = ""
    fields: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: list[str] = field(default_factory=list)


def urlencoded(body: bytes, image_fields: Sequence[str]) -> Upload:
    """Return what a urlencoded form holds.

    Raises:
        ApiError: 400, it is no form, or its image no base64; 413, it has too many or too large fields.
    """
    if body.count(b"&") >= MOST_FIELDS:
        raise too_many()
    images: dict[str, bytes] = {}
    others = []
    for pair in body.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name.decode("latin-1") in image_fields:
            images[name.decode("latin-1")] = value
        else:
            others.append(pair)
    if sum(map(len, others)) > OTHER_FIELDS:
        raise too_long()
    upload = Upload()
    try:
        # Only UTF-8 is what forms have; what Python would put in place of other bytes is nobody's region.
        for key, text in parse_qsl(b"&".join(others).decode(), keep_blank_values=True, errors="strict"):
            upload.fields[key].append(text)
    except ValueError:
        raise malformed() from None
    for field_name in image_fields:
        if field_name in images:
            upload.image = decoded(_unescaped(images[field_name]))
            break
    return upload


def from_json(body: bytes, image_fields: Sequence[str]) -> Upload:
    """Return what a JSON object with a form's fields holds; the image is base64.

    Raises:
        ApiError: 400, it is no such object; 413, it has too many or too large fields.
    """
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > _MOST_VALUES:
        raise ApiError(413, f"The JSON body has more than {_MOST_VALUES:,} values. Send the image as base64 text.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, "The body is not JSON.") from None
    reason = complaint(CHECKED_BODY, found)
    if reason:
        raise ApiError(400, f"The JSON body cannot be used: {reason}.")
    upload = Upload()
    images = {name: found.pop(name) for name in image_fields if found.get(name) is not None}
    for name in image_fields:
        if name in images:
            # What is no base64 is found when it is decoded.
            upload.image = decoded(images[name].encode("ascii", "replace"))
            break
    for key, value in found.items():
        if value is not None:
            upload.fields[clean(key)] = [clean(text) for text in _as_texts(value)]
    if sum(len(text) for texts in upload.fields.values() for text in texts) > OTHER_FIELDS:
        raise too_long()
    return upload


def raw(body: bytes, query: Iterable[tuple[str, str]]) -> Upload:
    """Return an image that is the whole body, with the fields of the address's query."""
    upload = Upload(image=body)
    for name, value in query:
        upload.fields[name].append(value)
    return upload


def decoded(text: bytes) -> bytes:
    """Return the bytes that base64 means, a `data:` prefix and line breaks allowed.

    Raises:
        ApiError: 400, it is no base64.
    """
    prefix = _DATA_PREFIX.match(text)
    # A form turns a plus sign that was not escaped into a blank.
    encoded = text[prefix.end() if prefix else 0 :].translate(_PLUS, b"\r\n").rstrip(b"=")
    try:
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ApiError(400, "The image is neither a file nor base64. Send it in the field 'upload'.") from None


def missing_image(upload: Upload, image_fields: Collection[str]) -> ApiError:
    """Return the error for a form without an image where it should be."""
    wanted = " or ".join(f"'{name}'" for name in image_fields)
    there = f"; it has a file in {_named(upload.files)}" if upload.files else ""
    return ApiError(400, f"The form has no image in {wanted}{there}. Send it in this field, as a file or as base64.")


def malformed() -> ApiError:
    """Return the error for a body that is not what its header says."""
    return ApiError(400, "The body is not a whole form: it ends early, or its parts are malformed.")


def too_many() -> ApiError:
    """Return the error for a form of too many parts."""
    return ApiError(413, f"The form has more than {MOST_FIELDS} fields, or a part with too long a header.")


def too_long() -> ApiError:
    """Return the error for fields that are too large."""
    return ApiError(413, f"The fields beside the image have more than {OTHER_FIELDS:,} bytes.")


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"'{name[:50]}'" for name in dict.fromkeys(names[:3]))


def _unescaped(value: bytes) -> bytes:
    """Return base64 without a form's escapes; what else is escaped is no base64.

    Python's own function takes seconds for megabytes of percent signs.
    """
    for escape, sign in _ESCAPES:
        if b"%" not in value:
            break
        value = value.replace(escape, sign).replace(escape.lower(), sign)
    return value


def _as_texts(value: Any) -> list[str]:
    """Return a JSON value as the texts that a form would have."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [value if isinstance(value, str) else json.dumps(value)]


def clean(text: str) -> str:
    """Return a text without the halves of characters that JSON can hold but UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def split_list(values: Iterable[str]) -> list[str]:
    """Return the texts of fields that hold lists: repeated, comma-separated, or one JSON list."""
    found: list[str] = []
    for value in values:
        if value.lstrip().startswith("["):
            try:
                items = json.loads(value)
            except (ValueError, RecursionError):
                items = value.strip("[] ").split(",")
            found += [clean(item) for item in items if isinstance(item, str)]
        else:
            found += value.split(",")
    return [item.strip() for item in found]
