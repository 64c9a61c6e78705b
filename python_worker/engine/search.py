"""Looks for plates in a picture: coarsely first, then closer where something may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime

from .choose import Plate, judge, without_overlaps
from .decode import Picture
from .detect import detect, detect_closely
from .formats import Formats
from .geometry import Box, overlap
from .match import match
from .models import Recogniser
from .propose import Proposal, propose
from .read import TIGHT, WIDE, Crop, Reading, read

_COARSE = 800
_FINE = 1280
_ZOOM = 2.0

_SURE = 0.9
"""Chance from which nothing better is looked for."""

_LIKELY = 0.3
_TILES = 3
_REREAD = 2
_WORTH = 0.02


@dataclass(frozen=True)
class Searcher:
    """The models, with what they are used for.

    Attributes:
        detector: see `models.load_detector`.
        recogniser: see `models.load_recogniser`.
    """

    detector: onnxruntime.InferenceSession
    recogniser: Recogniser

    def plates(self, picture: Picture, formats: Formats, *, fast: bool) -> list[Plate]:
        """Return what may be plates, the best first, without two for one place.

        Args:
            picture: to look in.
            formats: to expect.
            fast: be content with the coarse look.
        """
        plates = self._search(picture, formats, fast=fast)
        return sorted(plates, key=lambda plate: -plate.rank)

    def _search(self, picture: Picture, formats: Formats, *, fast: bool) -> list[Plate]:
        coarse = detect(self.detector, picture, _COARSE)
        plates = self._read_all(picture, propose(coarse.boxes), formats, TIGHT)
        if fast or _best(plates) >= _SURE:
            return plates
        again = [plate.proposal for plate in plates if plate.chance > _WORTH][:_REREAD]
        plates = without_overlaps(plates + self._read_all(picture, again, formats, WIDE))
        if _best(plates) >= _SURE:
            return plates
        plates = self._look_closely(picture, formats, plates, coarse.spots)
        if _best(plates) >= _LIKELY:
            return plates
        fine = detect(self.detector, picture, _FINE, _ZOOM)
        plates = without_overlaps(plates + self._read_all(picture, propose(fine.boxes), formats, TIGHT))
        if _best(plates) >= _SURE:
            return plates
        return self._look_closely(picture, formats, plates, fine.spots)

    def _look_closely(
        self, picture: Picture, formats: Formats, plates: list[Plate], spots: Sequence[Box]
    ) -> list[Plate]:
        where: list[Box] = []
        for box in [*(plate.box for plate in plates if plate.chance > _WORTH), *spots]:
            if len(where) < _TILES and not any(overlap(box, other) > 0.5 for other in where):
                where.append(box)
        found = self._read_all(picture, propose(detect_closely(self.detector, picture, where)), formats, TIGHT)
        plates = without_overlaps(plates + found)
        again = [plate.proposal for plate in plates if plate.chance > _WORTH and plate in found][:_REREAD]
        if not again or _best(plates) >= _SURE:
            return plates
        return without_overlaps(plates + self._read_all(picture, again, formats, WIDE))

    def _read_all(self, picture: Picture, proposals: Sequence[Proposal], formats: Formats, crop: Crop) -> list[Plate]:
        readings: dict[int, Reading] = {}
        plates = []
        for proposal in proposals:
            if not formats.may_hold(proposal):
                continue
            for line in proposal.lines:
                if id(line) not in readings:
                    readings[id(line)] = read(self.recogniser, picture, line, crop)
            lines = [readings[id(line)] for line in proposal.lines]
            candidates = match(_one_line(lines), formats)
            if candidates:
                text = " ".join(line.text for line in lines)
                plates.append(judge(proposal, text, candidates, formats, picture.shape[0]))
        return without_overlaps(plates)


def _one_line(lines: Sequence[Reading]) -> npt.NDArray[np.float32]:
    if len(lines) == 1:
        return lines[0].log_probabilities
    return np.concatenate([line.log_probabilities for line in lines])


def _best(plates: Sequence[Plate]) -> float:
    return max((plate.chance for plate in plates), default=0.0)
