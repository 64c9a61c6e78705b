"""What every recognition service offers to the nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Answer: TypeAlias = "dict[str, Any]"


def utc_now() -> str:
    """Return the current time in UTC as ISO 8601 with milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Requirement:
    """An extra of the package that something cannot work without.

    Attributes:
        extra: its name, as `pip install` has it.
        missing: returns why what it brings cannot run here and what to do about it, None if it can run.
    """

    extra: str
    missing: Callable[[], str | None]


@dataclass(frozen=True)
class ServiceSettings:
    """What services need to know of the worker.

    Attributes:
        state: directory for data that outlives a restart; None keeps nothing.
        cloud: base address of the cloud.
        threads: of the processor; None takes all cores that may be used.
    """

    state: Path | None
    cloud: str
    threads: int | None


@dataclass(frozen=True)
class RecognitionOptions:
    """The options of a recognition, named as in the Snapshot API.

    Attributes:
        regions: region codes, a guide for the reading.
        camera_id: free text, or None to send none.
        timestamp: ISO 8601, or None to send none.
        mmc: whether to predict make, model and colour.
        mode, detection_mode, strict_detection, threshold_d, threshold_o, strict_regions, text_formats: for the embedded
            engine alone, see `engine.ReadOptions`.
    """

    regions: tuple[str, ...] = ()
    camera_id: str | None = None
    timestamp: str | None = None
    mmc: bool = False
    mode: str = "regular"
    detection_mode: str = "plate"
    strict_detection: bool = False
    threshold_d: float = 0.2
    threshold_o: float = 0.6
    strict_regions: bool = False
    text_formats: tuple[str, ...] = ()


class RecognitionService(Protocol):
    """Reads plates: the cloud, a server with the same API, or the embedded engine."""

    @property
    def requires(self) -> Requirement | None:
        """What the service cannot work without."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that one recognition may take at most."""
        ...

    def start(self) -> object:
        """Begin with what takes long, so that the first image does not wait for it."""
        ...

    async def recognize(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Read the plates of an encoded image.

        Returns:
            The Snapshot API's JSON, with the HTTP `status` and `statusText` added. Boxes are pixels of `image`.

        Raises:
            RecognitionError: of the kind that fits.
        """
        ...


class StatisticsService(Protocol):
    """Knows how many calls were made."""

    @property
    def patience(self) -> float:
        """Seconds that the statistics may take at most; an `EmbeddedService` gives those of its recognitions."""
        ...

    async def statistics(self) -> Answer:
        """Return the account's usage as the service gives it, with `status`, `statusText` and `calls_remaining`.

        Raises:
            RecognitionError: of the kind that fits.
        """
        ...


class Provider(Protocol):
    """A service as all nodes share it. Its module's `open_service(settings)` makes it, inside the event loop."""

    def recognition(self, url: str, token: str, *, timeout: float, tries: int, shrink: bool) -> RecognitionService:
        """Return the service at a URL; see `Services`."""
        ...

    def statistics(self, url: str, token: str, *, timeout: float) -> StatisticsService:
        """Return the usage at a URL; see `Services`."""
        ...

    async def close(self) -> None:
        """Close connections and files."""
        ...
