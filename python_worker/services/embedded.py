"""Recognition by the embedded engine, which has a process of its own."""

from __future__ import annotations

import asyncio
import importlib
import platform
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from ..child.supervisor import Supervisor
from ..environment import locks
from .base import Answer, RecognitionOptions, Requirement, ServiceSettings, utc_now
from .usage import UsageCounter

EXTRA = "embedded"

READ_SECONDS = 30.0
"""How long the engine may read one image: a hundred times as long as a photograph takes."""

_MODULES = ("numpy", "cv2", "openvino")


def missing() -> str | None:
    """Return why the engine cannot run here and what to do about it, None if it can run."""
    # Packages that were installed while this process ran are found only after the caches are dropped.
    importlib.invalidate_caches()
    absent = [name for name in _MODULES if find_spec(name) is None]
    if not absent:
        return None
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        return (
            "The embedded engine cannot run here: openvino has no package for musl (Alpine Linux). Use an image that "
            "is based on Debian, or a remote worker."
        )
    return (
        f"The embedded engine is not installed ({', '.join(absent)} missing). Install it where the worker runs: "
        f'pip install -r "{locks.path(EXTRA)}"'
    )


class EmbeddedService:
    """Reads plates with the embedded engine; the models are loaded at the first use and then shared.

    Attributes:
        requires: the packages that the engine needs.
        usage: how many images were read.
        patience: seconds that one image may take in the engine at most, a second try included.
    """

    requires: Requirement | None = Requirement(EXTRA, missing)

    def __init__(self, usage: UsageCounter, seconds: float = READ_SECONDS, threads: int | None = None) -> None:
        """Prepare the service; nothing is loaded yet.

        Args:
            usage: counts the images that were read.
            seconds: how long the engine may read one.
            threads: of the processor; None takes all cores that may be used.
        """
        self.patience = 2 * seconds
        self.usage = usage
        self._engine = Supervisor(
            "python_worker.jobs.read", "embedded engine", seconds=seconds, parameters={"threads": threads}
        )

    @property
    def pid(self) -> int | None:
        """The process id of the engine; None while it is not loaded."""
        return self._engine.pid

    async def close(self) -> None:
        """End the engine; what is on its way fails."""
        await self._engine.close()
        self.usage.close()

    def start(self) -> asyncio.Future[int]:
        """Begin to load the models if they are not loaded, so that the first image does not wait for them.

        Returns:
            What becomes the number of images that are best read at once, or a `RecognitionError`.
        """
        return self._engine.start()

    async def recognize(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Read an image and count it; see `RecognitionService`."""
        answer = await self.read(image, options)
        await self.usage.count()
        return answer

    async def read(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Read an image without counting it: whoever asked may have left before the answer. See `recognize`."""
        answer, _ = await self._engine.call(
            {
                "regions": options.regions,
                "strict_regions": options.strict_regions,
                "threshold_d": options.threshold_d,
                "threshold_o": options.threshold_o,
                "mode": options.mode,
                "detection_mode": options.detection_mode,
                "strict_detection": options.strict_detection,
                "text_formats": options.text_formats,
            },
            image,
        )
        return {
            **answer,
            "filename": "image",
            "version": 1,
            "camera_id": options.camera_id,
            "timestamp": options.timestamp or utc_now(),
            "status": 201,
            "statusText": "Created",
        }

    async def statistics(self) -> Answer:
        """Return this machine's count; see `StatisticsService`."""
        return await self.usage.statistics()


@dataclass(frozen=True)
class EmbeddedProvider:
    """The one engine of a worker, for all nodes; see `Provider`."""

    engine: EmbeddedService

    def recognition(self, _url: str, _token: str, **_options: float) -> EmbeddedService:
        """Return the engine."""
        return self.engine

    def statistics(self, _url: str, _token: str, **_options: float) -> EmbeddedService:
        """Return the engine, which counts by itself."""
        return self.engine

    async def close(self) -> None:
        """End the engine."""
        await self.engine.close()


def open_service(settings: ServiceSettings) -> EmbeddedProvider:
    """Return the provider; nothing is loaded yet."""
    return EmbeddedProvider(EmbeddedService(UsageCounter(settings.state), threads=settings.threads))
