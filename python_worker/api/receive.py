"""Takes the body of a request from its connection, in every form that clients send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from aiohttp.http import HttpProcessingError
from multipart import parse_options_header

from ..pictures import media_type
from . import forms
from .errors import ApiError
from .forms import Upload
from .parts import MultipartForm
from .uploads import Arrival

_READ_SECONDS = 30.0
"""How long an upload may take."""

IMAGE_FIELDS = ("upload",)
"""Where the Snapshot API has its image."""

_FORMS = "multipart/form-data, application/x-www-form-urlencoded, application/json or image/jpeg"


def body_limit(max_upload: int) -> int:
    """Return how many bytes a request's body may have for an image of this size: base64 turns three bytes into four."""
    return max_upload * 3 // 2 + forms.OTHER_FIELDS


async def read_upload(
    request: web.Request, arrival: Arrival, max_upload: int, image_fields: Sequence[str] = IMAGE_FIELDS
) -> Upload:
    """Read the body of a request.

    Args:
        request: whose body nobody has read.
        arrival: accounts for it.
        max_upload: bytes that the image may have.
        image_fields: fields of a form that may hold the image; the first that is there counts.

    Raises:
        ApiError: 400 for what is no form, or no base64; 408 where it does not arrive; 413 where the image has more than
            `max_upload` bytes, or the form too many fields; 415 for another kind of body; 503 where there is no room.
    """
    too_large = ApiError(413, f"The upload is larger than {max_upload:,} bytes. Send a smaller image.")
    limit = body_limit(max_upload)
    if (request.content_length or 0) > limit:
        raise too_large
    try:
        body = _Body(request, arrival, limit, image_fields)
        upload = await asyncio.wait_for(arrival.read(body.read()), _READ_SECONDS)
    except asyncio.TimeoutError:
        raise ApiError(408, f"The upload did not arrive within {_READ_SECONDS:.0f} seconds.") from None
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except (LookupError, HttpProcessingError, web.RequestPayloadError, ConnectionError):
        raise forms.malformed() from None
    if upload.image is not None and len(upload.image) > max_upload:
        raise too_large
    return upload


@dataclass
class _Body:
    """A body that is being read.

    Attributes:
        request: whose body it is.
        arrival: accounts for it.
        limit: bytes that it may have.
        image_fields: as for `read_upload`.
    """

    request: web.Request
    arrival: Arrival
    limit: int
    image_fields: Sequence[str]

    async def read(self) -> Upload:
        kind = self.request.content_type
        if kind == "multipart/form-data":
            _, parameters = parse_options_header(self.request.headers["Content-Type"])
            form = MultipartForm(str(parameters.get("boundary", "")), self.image_fields)
            async for piece in self._pieces():
                form.take(piece)
            return await self._parsed(form.finish)
        if kind == "application/x-www-form-urlencoded":
            body = await self._whole()
            return await self._parsed(partial(forms.urlencoded, body, self.image_fields))
        if kind == "application/json":
            body = await self._whole()
            return await self._parsed(partial(forms.from_json, body, self.image_fields))
        if kind.startswith("image/") or kind == "application/octet-stream":
            body = await self._whole()
            if kind.startswith("image/") or media_type(body) is not None:
                return forms.raw(body, self.request.query.items())
        raise ApiError(415, f"The body is {kind}. Send the image as {_FORMS}, in the field '{self.image_fields[0]}'.")

    async def _parsed(self, parse: Callable[[], Upload]) -> Upload:
        """Take a body apart in a thread: base64 of megabytes takes tens of milliseconds."""
        async with self.arrival.parsing:
            return await asyncio.to_thread(parse)

    async def _whole(self) -> bytes:
        return b"".join([piece async for piece in self._pieces()])

    async def _pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, up to the limit for all of it: headers of parts, and what is not used, too."""
        size = 0
        async for piece in self.request.content.iter_any():
            size += len(piece)
            if size > self.limit:
                raise web.HTTPRequestEntityTooLarge(self.limit, size)
            self.arrival.take(len(piece))
            yield piece
