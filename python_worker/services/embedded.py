"""Recognition by the engine in this process, on threads of its own."""

from __future__ import annotations

import asyncio
import importlib
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..environment import locks
from ..errors import InputError
from .base import Answer, RecognitionOptions, utc_now
from .usage import UsageCounter

if TYPE_CHECKING:
    from ..engine import PlateReader

EXTRA = "embedded"
_MODULES = ("numpy", "cv2", "onnxruntime", "rapidocr")


def missing() -> str | None:
    """Return what keeps the engine from running here and what to do about it, None where it can run."""
    # Packages that were installed while this process ran are not found before the caches are dropped.
    importlib.invalidate_caches()
    absent = [name for name in _MODULES if find_spec(name) is None]
    if not absent:
        return None
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        return (
            "The embedded engine cannot run here: onnxruntime has no package for musl (Alpine Linux). Use an image "
            "that is based on Debian, or a remote worker."
        )
    return (
        f"The embedded engine is not installed ({', '.join(absent)} missing). Install it where the worker runs: "
        f'pip install -r "{locks.path(EXTRA)}"'
    )


class EmbeddedService:
    """Reads plates with the embedded engine; the models are loaded at the first use and then shared."""

    def __init__(self, usage: UsageCounter) -> None:
        self._usage = usage
        self._reader: asyncio.Task[PlateReader] | None = None
        self._threads: ThreadPoolExecutor | None = None

    async def close(self) -> None:
        """Drop what waits; a picture that is being read is finished."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def start(self) -> asyncio.Task[PlateReader]:
        """Begin to load the models where that has not happened, so that the first image does not wait for them."""
        if self._reader is None or (self._reader.done() and self._reader.exception()):
            self._reader = asyncio.create_task(asyncio.to_thread(_load))
        return self._reader

    async def recognize(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Read an image; see `RecognitionService`."""
        reader = await asyncio.shield(self.start())
        if self._threads is None:
            self._threads = ThreadPoolExecutor(reader.concurrency, "engine")
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, _read, reader, image, options)
        await self._usage.count()
        return {**answer, "status": 201, "statusText": "Created"}

    async def statistics(self) -> Answer:
        """Return this machine's count; see `StatisticsService`."""
        return await self._usage.statistics()


def _load() -> PlateReader:
    from ..engine import PlateReader

    return PlateReader()


def _read(reader: PlateReader, image: bytes, options: RecognitionOptions) -> Answer:
    """Read one image in the Snapshot API's form; in a thread of the engine's."""
    from ..engine import ImageError, PatternError, ReadOptions

    begun = time.perf_counter()
    try:
        reading = reader.read(
            image,
            ReadOptions(
                regions=options.regions,
                strict_regions=options.strict_regions,
                threshold_d=options.threshold_d,
                threshold_o=options.threshold_o,
                mode=options.mode,
                text_formats=options.text_formats,
            ),
        )
    except ImageError as error:
        raise InputError(f"The image cannot be read: {error}.") from error
    except PatternError as error:
        raise InputError(f"A text format cannot be used: {error}.") from error
    return {
        "processing_time": round((time.perf_counter() - begun) * 1000, 3),
        "results": reading.results,
        "filename": "image",
        "version": 1,
        "camera_id": options.camera_id,
        "timestamp": options.timestamp or utc_now(),
    }
