"""What the process for uploads does: it makes images small enough for the cloud. See `child.work.Work`."""

from __future__ import annotations

from typing import Any

from ..child.frames import Frame
from ..child.work import Work

_AT_ONCE = 2
"""More would not be faster on a small machine, and each may hold a large image."""


def load() -> Work:
    """Load Pillow."""
    from ..pictures.shrink import shrink

    def fit(options: dict[str, Any], image: bytes) -> Frame:
        small, factor = shrink(image, options["limit"])
        return Frame({"factor": factor}, small)

    return Work(fit, _AT_ONCE)
