"""The upload of a request, in every form that the Snapshot API documents."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from .errors import ApiError

_DATA_PREFIX = re.compile(rb"\s*data:[^,]{0,200},")

_READ_SECONDS = 30.0
"""How long an upload may take, so that a client that stops sending holds no place in the queue for ever."""

_OTHER_FIELDS = 65_536
"""Bytes of a form in addition to its image."""

_FORMS = "multipart/form-data or application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Upload:
    """A form that was read.

    Attributes:
        image: the encoded image; None where the form has no `upload`.
        filename: as the client named the file.
        fields: the other fields' values, in their order.
    """

    image: bytes | None
    filename: str
    fields: Mapping[str, Sequence[str]]


def body_limit(max_upload: int) -> int:
    """Return how many bytes a request's body may have for an image of this size: base64 turns three bytes into four."""
    return max_upload * 3 // 2 + _OTHER_FIELDS


async def read_upload(request: web.Request, max_upload: int) -> Upload:
    """Read the form of a request, made with `body_limit(max_upload)` as its limit.

    Raises:
        ApiError: 400 for what is no form, or no base64; 408 where it does not arrive; 413 where the image has more than
            `max_upload` bytes; 415 for another kind of body.
    """
    too_large = ApiError(413, f"The upload is larger than {max_upload:,} bytes. Send a smaller image.")
    if (request.content_length or 0) > body_limit(max_upload):
        raise too_large
    try:
        upload = await asyncio.wait_for(_read(request), _READ_SECONDS)
    except asyncio.TimeoutError:
        raise ApiError(408, f"The upload did not arrive within {_READ_SECONDS:.0f} seconds.") from None
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except (ValueError, LookupError, HttpProcessingError, web.RequestPayloadError, ConnectionError):
        raise ApiError(400, "The body is not a whole form: it ends early, or its parts are malformed.") from None
    if upload.image is not None and len(upload.image) > max_upload:
        raise too_large
    return upload


async def _read(request: web.Request) -> Upload:
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    if request.content_type == "application/x-www-form-urlencoded":
        body = await request.read()
        # Decoding megabytes of percent signs takes tens of milliseconds.
        return await asyncio.to_thread(_urlencoded, body)
    raise ApiError(415, f"The body is {request.content_type}. Send the image as {_FORMS}, in the field 'upload'.")


async def _multipart(request: web.Request) -> Upload:
    fields: dict[str, list[str]] = defaultdict(list)
    image, filename, size = None, "", 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, f"The form has parts within parts. Send a plain {_FORMS}.")
        content = bytearray()
        while chunk := await part.read_chunk(65_536):
            size += len(chunk)
            if size > request.client_max_size:
                raise web.HTTPRequestEntityTooLarge(request.client_max_size, size)
            content += chunk
        if part.name == "upload":
            filename = part.filename or ""
            # A text field holds base64, a file part the image itself.
            image = bytes(content) if part.filename is not None else await _decoded(bytes(content))
        elif part.name:
            fields[part.name].append(content.decode())
    return Upload(image, filename, fields)


def _urlencoded(body: bytes) -> Upload:
    fields = parse_qs(body.decode("utf-8"), keep_blank_values=True)
    text = fields.pop("upload", None)
    return Upload(None if text is None else _base64(text[0].encode()), "", fields)


async def _decoded(text: bytes) -> bytes:
    return await asyncio.to_thread(_base64, text)


def _base64(text: bytes) -> bytes:
    prefix = _DATA_PREFIX.match(text)
    # Line breaks are allowed, and a form turns a plus sign that was not escaped into a blank.
    encoded = b"+".join((text[prefix.end() :] if prefix else text).replace(b"\r", b"").replace(b"\n", b"").split(b" "))
    try:
        return base64.b64decode(encoded.rstrip(b"=") + b"=" * (-len(encoded.rstrip(b"=")) % 4), validate=True)
    except binascii.Error:
        raise ApiError(400, "The field 'upload' is neither a file nor base64.") from None
