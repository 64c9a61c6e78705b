"""Takes the body of a request from its connection, in every form that clients send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiohttp import web
from aiohttp.http import HttpProcessingError
from multipart import parse_options_header

from ..pictures import media_type
from . import forms
from .errors import ApiError
from .forms import Upload

_READ_SECONDS = 30.0
"""How long an upload may take."""

IMAGE_FIELDS = ("upload",)
"""Where the Snapshot API has its image."""

_FORMS = "multipart/form-data, application/x-www-form-urlencoded, application/json or image/jpeg"


def body_limit(max_upload: int) -> int:
    """Return how many bytes a request's body may have for an image of this size: base64 turns three bytes into four."""
    return max_upload * 3 // 2 + forms.OTHER_FIELDS


async def read_upload(request: web.Request, max_upload: int, image_fields: Sequence[str] = IMAGE_FIELDS) -> Upload:
    """Read the body of a request.

    Args:
        request: whose body nobody has read.
        max_upload: bytes that the image may have.
        image_fields: fields of a form that may hold the image; the first that is there counts.

    Raises:
        ApiError: 400 for what is no form, or no base64; 408 where it does not arrive; 413 where the image has more than
            `max_upload` bytes, or the form too many fields; 415 for another kind of body.
    """
    too_large = ApiError(413, f"The upload is larger than {max_upload:,} bytes. Send a smaller image.")
    limit = body_limit(max_upload)
    if (request.content_length or 0) > limit:
        raise too_large
    try:
        upload = await asyncio.wait_for(_read(request, limit, image_fields), _READ_SECONDS)
    except asyncio.TimeoutError:
        raise ApiError(408, f"The upload did not arrive within {_READ_SECONDS:.0f} seconds.") from None
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except (LookupError, HttpProcessingError, web.RequestPayloadError, ConnectionError):
        raise forms.malformed() from None
    if upload.image is not None and len(upload.image) > max_upload:
        raise too_large
    return upload


async def _read(request: web.Request, limit: int, image_fields: Sequence[str]) -> Upload:
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _multipart(request, limit, image_fields)
    if kind == "application/x-www-form-urlencoded":
        body = await _whole(request, limit)
        return await asyncio.to_thread(forms.urlencoded, body, image_fields)
    if kind == "application/json":
        body = await _whole(request, limit)
        return await asyncio.to_thread(forms.from_json, body, image_fields)
    if kind.startswith("image/") or kind == "application/octet-stream":
        body = await _whole(request, limit)
        if kind.startswith("image/") or media_type(body) is not None:
            return forms.raw(body, request.query.items())
    raise ApiError(415, f"The body is {kind}. Send the image as {_FORMS}, in a form in the field '{image_fields[0]}'.")


async def _multipart(request: web.Request, limit: int, image_fields: Sequence[str]) -> Upload:
    _, parameters = parse_options_header(request.headers["Content-Type"])
    form = forms.MultipartForm(str(parameters.get("boundary", "")), image_fields)
    async for piece in _pieces(request, limit):
        form.take(piece)
    # Base64 of megabytes takes tens of milliseconds.
    return await asyncio.to_thread(form.finish)


async def _whole(request: web.Request, limit: int) -> bytes:
    return b"".join([piece async for piece in _pieces(request, limit)])


async def _pieces(request: web.Request, limit: int) -> AsyncIterator[bytes]:
    """Yield a body as it arrives, up to a number of bytes of all of it: headers of parts, and what is not used, too."""
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
        if size > limit:
            raise web.HTTPRequestEntityTooLarge(limit, size)
        yield piece
