"""The engine as the rest of the worker sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .attempts import Reader
from .cores import plan, usable
from .decode import decode
from .formats import formats_for
from .light import brightened
from .models import load_detector, load_recogniser, load_vehicles
from .result import ReadOptions, to_results
from .search import Searcher


@dataclass(frozen=True)
class Reading:
    """The plates of one picture.

    Attributes:
        results: the Snapshot API's results, best first, vehicles without a plate last.
        width: of the upright picture, in pixels; the results' boxes refer to this picture.
        height: the same.
    """

    results: list[dict[str, Any]]
    width: int
    height: int


class PlateReader:
    """Reads plates; owns the models. One object serves any number of threads.

    Attributes:
        concurrency: how many pictures are best read at once.
    """

    def __init__(self, threads: int | None = None) -> None:
        """Load the models, which takes half a second, and a whole one the first time.

        Args:
            threads: of the processor, for all pictures together; None takes all cores that may be used.

        Raises:
            ModelError: the models are not installed.
        """
        threads = threads or usable()
        streams, self.concurrency = plan(threads)
        self.searcher = Searcher(
            load_detector(threads, streams),
            load_vehicles(threads, streams),
            Reader(load_recogniser(threads), ThreadPoolExecutor(threads, "engine-lines")),
        )

    def read(self, data: bytes, options: ReadOptions | None = None) -> Reading:
        """Return the plates in an encoded image; see `decode.decode` for which pixels the boxes count.

        Raises:
            ImageError: the image cannot be read.
            PatternError: a text format cannot be understood.
        """
        options = options or ReadOptions()
        formats = formats_for(options.regions, options.text_formats, strict=options.is_strict(options.strict_regions))
        picture = decode(data)
        height, width = picture.shape[:2]
        plates, seen = self.searcher.plates(brightened(picture), formats, options.mode)
        return Reading(to_results(plates, seen, formats, options, width, height), width, height)
