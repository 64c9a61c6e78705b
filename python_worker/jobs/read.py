"""What the engine's process does: it reads plates. See `child.work.Work`."""

from __future__ import annotations

import os
import time
from typing import Any

from ..child.frames import Frame
from ..child.work import Work
from ..errors import InputError


def load(threads: int | None) -> Work:
    """Load the engine's packages and models; see `PlateReader` for the threads."""
    # numpy reads them when it is imported. Its matrices are small here: a thread for each core would be of no use.
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"))
    import cv2

    from ..engine import ImageError, PatternError, PlateReader, ReadOptions
    from ..engine.cores import usable

    threads = threads or usable()
    cv2.setNumThreads(threads)
    reader = PlateReader(threads)

    def read(options: dict[str, Any], image: bytes) -> Frame:
        begun = time.perf_counter()
        try:
            reading = reader.read(
                image,
                ReadOptions(
                    regions=tuple(options["regions"]),
                    strict_regions=options["strict_regions"],
                    threshold_d=options["threshold_d"],
                    threshold_o=options["threshold_o"],
                    mode=options["mode"],
                    detection_mode=options["detection_mode"],
                    strict_detection=options["strict_detection"],
                    text_formats=tuple(options["text_formats"]),
                ),
            )
        except ImageError as error:
            raise InputError(f"The image cannot be read: {error}.") from error
        except PatternError as error:
            raise InputError(f"A text format cannot be used: {error}.") from error
        milliseconds = round((time.perf_counter() - begun) * 1000, 3)
        return Frame({"processing_time": milliseconds, "results": reading.results})

    return Work(read, reader.concurrency)
