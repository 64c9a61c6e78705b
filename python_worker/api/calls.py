"""A call's way from its upload to the engine's answer: the same for every API that the server speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiohttp import web

from ..errors import RecognitionError
from ..pictures.header import header
from ..services.base import Answer, RecognitionOptions
from ..services.embedded import EmbeddedService
from .errors import ApiError
from .fetch import ImageFetcher
from .forms import Upload, missing_image
from .limits import Access, Queue
from .metrics import Metrics
from .receive import read_upload
from .uploads import Arrival, Uploads

_HEAVY_PIXELS = 24_000_000
"""From here on, pictures are read one at a time: decoding one takes up to 16 bytes a pixel."""

_HEAVY_SCANNED = 50_000_000
"""The same for pixels times scans of a progressive JPEG: decoding it takes half a second."""


@dataclass
class Calls:
    """What the calls share.

    Attributes:
        engine: reads the plates.
        access: who may call.
        queue: the calls that wait for the engine.
        uploads: the images that arrive or are here.
        metrics: counts and times of the calls.
        max_upload: bytes that an image may have.
        fetcher: of `upload_url`; None where that is not allowed.
    """

    engine: EmbeddedService
    access: Access
    queue: Queue
    uploads: Uploads
    metrics: Metrics
    max_upload: int
    fetcher: ImageFetcher | None

    async def recognize(
        self,
        request: web.Request,
        image_fields: Sequence[str],
        options: Callable[[Upload], RecognitionOptions],
    ) -> tuple[Answer, Upload]:
        """Read the plates in a request's image, and count the call.

        Where the client leaves, the call ends: an image that waits is not read, and none is counted.

        Args:
            request: whose body nobody has read.
            image_fields: fields of a form that may hold the image.
            options: returns what the other fields ask for.

        Returns:
            The answer of the engine's service, and what was uploaded.

        Raises:
            ApiError: any.
        """
        try:
            answer, upload = await self._recognize(request, image_fields, options)
        except ApiError as error:
            self.metrics.count(error.status)
            raise
        except asyncio.CancelledError:
            self.metrics.count(LEFT)
            raise
        self.metrics.count(201, sum(result["plate"] is not None for result in answer["results"]))
        return answer, upload

    async def _recognize(
        self, request: web.Request, image_fields: Sequence[str], options: Callable[[Upload], RecognitionOptions]
    ) -> tuple[Answer, Upload]:
        self.access.check_token(request.headers.get("Authorization"))
        self.access.check_rate()
        self.queue.check()
        with self.uploads.arrival() as arrival:
            with self.metrics.stage("upload"):
                upload = await read_upload(request, arrival, self.max_upload, image_fields)
                asked = options(upload)
                image = upload.image
                if image is None:
                    image = await self._fetched(upload, arrival, image_fields)
            arrival.settle(len(image))
            with self.queue.place():
                try:
                    answer = await self._read(image, asked)
                except RecognitionError as error:
                    raise ApiError(error.status, error.message) from error
                await self.engine.usage.count()
        return answer, upload

    async def _read(self, image: bytes, options: RecognitionOptions) -> Answer:
        begun = asyncio.Event()

        async def read() -> Answer:
            async with AsyncExitStack() as held:
                with self.metrics.waiting():
                    await held.enter_async_context(self.queue.turn(heavy=_is_heavy(image)))
                begun.set()
                with self.metrics.stage("read"):
                    return await self.engine.read(image, options)

        reading = asyncio.create_task(read())
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            # The engine cannot stop in the middle of an image: until it is done with this one, the turn is not given
            # to another.
            if not begun.is_set():
                reading.cancel()
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    async def _fetched(self, upload: Upload, arrival: Arrival, image_fields: Sequence[str]) -> bytes:
        urls = upload.fields.get("upload_url")
        if not urls:
            raise missing_image(upload, image_fields)
        if self.fetcher is None:
            raise ApiError(
                400, "This server does not fetch images ('upload_url'). Send the image in the field 'upload'."
            )
        return await arrival.read(self.fetcher.fetch(urls[-1], arrival.take))


LEFT = 499
"""Stands for the status of a call whose client left before the answer."""


def _is_heavy(image: bytes) -> bool:
    """Return whether an image takes so much memory or time that only one such is read at a time."""
    found = header(image)
    if found is None:
        # Of these kinds, hardly any camera sends one.
        return True
    pixels = found.width * found.height * (2 if found.deep else 1)
    return pixels > _HEAVY_PIXELS or (found.scans > 1 and pixels * found.scans > _HEAVY_SCANNED)
