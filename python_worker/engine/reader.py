"""The engine as the rest of the worker sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .choose import Plate, overlay_penalty, size_rank, without_overlaps
from .decode import Picture, decode
from .detect import detect
from .formats import FormatGroup, formats_for
from .match import match
from .models import load_detector, load_recogniser
from .propose import Proposal, propose
from .read import read
from .result import ReadOptions, to_result

_COARSE, _FINE = 800, 1280
_SURE = -2.5
_SHAPE = (1.4, 5.8)


@dataclass(frozen=True)
class Reading:
    """The plates of one picture.

    Attributes:
        results: the Snapshot API's results, best first.
        width: of the upright picture, in pixels, which the results' boxes refer to.
        height: the same.
    """

    results: list[dict[str, Any]]
    width: int
    height: int


class PlateReader:
    """Reads plates; owns the models. One object serves any number of threads."""

    concurrency = 2
    """How many pictures are best read at once."""

    def __init__(self, threads: int = 2) -> None:
        """Load the models, which takes a third of a second.

        Args:
            threads: CPU threads for one picture.

        Raises:
            ModelError: the models are not installed.
        """
        self._detector = load_detector(threads)
        self._recogniser = load_recogniser(threads)

    def read(self, data: bytes, options: ReadOptions | None = None) -> Reading:
        """Return the plates in an encoded image; see `decode.decode` for which pixels the boxes count.

        Raises:
            ImageError: the image cannot be read.
            PatternError: a text format cannot be understood.
        """
        options = options or ReadOptions()
        formats = formats_for(options.regions, options.text_formats)
        picture = decode(data)
        height, width = picture.shape[:2]
        plates = self._plates(picture, formats, _COARSE)
        if options.mode != "fast" and max(height, width) > _COARSE and not any(_is_sure(plate) for plate in plates):
            plates = without_overlaps(plates + self._plates(picture, formats, _FINE))
        results = [to_result(plate, width, height) for plate in plates]
        wanted = [
            result
            for result in results
            if result["dscore"] >= options.threshold_d
            and (result["score"] >= options.threshold_o or options.mode == "redaction")
        ]
        return Reading(wanted, width, height)

    def _plates(self, picture: Picture, formats: Mapping[int, FormatGroup], longest: int) -> list[Plate]:
        boxes = detect(self._detector, picture, longest)
        plates = [self._read(picture, formats, proposal) for proposal in propose(boxes)]
        return without_overlaps([plate for plate in plates if plate])

    def _read(self, picture: Picture, formats: Mapping[int, FormatGroup], proposal: Proposal) -> Plate | None:
        if len(proposal.lines) > 1:
            return None
        box = proposal.lines[0]
        if not _SHAPE[0] < box.width / max(box.height, 1e-6) < _SHAPE[1]:
            return None
        reading = read(self._recogniser, picture, box)
        candidates = match(reading.log_probabilities, formats)
        if not candidates:
            return None
        rank = candidates[0].score + overlay_penalty(reading.text) + size_rank(box.height)
        return Plate(box, reading.text, tuple(candidates[:5]), rank)


def _is_sure(plate: Plate) -> bool:
    return plate.candidates[0].score > _SURE
