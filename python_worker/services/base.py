"""What every recognition service offers to the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Protocol, TypeAlias

Answer: TypeAlias = "dict[str, Any]"


def utc_now() -> str:
    """Return the current time in UTC as ISO 8601 with milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    def patience(self) -> float:
        """Seconds that one recognition may take at most."""
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
