"""Looks for plates in a picture: first coarsely, then closer at places that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import onnxruntime

from .choose import Plate, judge, one_for_each_car, without_overlaps
from .decode import Picture
from .detect import detect, detect_closely
from .formats import Formats
from .geometry import Box, overlap
from .likely import is_small_print, likely_plates
from .match import match
from .models import Recogniser
from .propose import Proposal, propose
from .read import FULL, NARROW, TIGHT, Crop, Reading, read

_COARSE = 640
_FINE = 1280
"""Longer sides, in pixels, of the picture as the detector sees it. Coarsely all but the small plates are found, in a
quarter of the time."""

_ZOOM = 2.0
"""How much a small picture is enlarged for the fine look."""

_SURE = 0.9
"""From this chance on, the best plate is not read again."""

_SETTLED = 0.85
"""From this chance on, nothing is looked for after the second readings."""

_LIKELY = 0.5
"""From this chance on, only that plate gets a closer look, and the fine look at everything is left out."""

_WORTH = 0.02
"""From this chance on, a reading is worth another one."""

_SHOWN = 0.15
"""From this chance on, a reading may become a result, so it is also read upside down."""

_TOLD = 0.5
"""From this probability of its region on, a plate's small print is not read."""

_RIM = 2
"""How many lines of small print are read."""

_REREAD = 2
_TILES = 3
"""How many places are read again, and looked at closely."""

_SAME_PLACE = 0.5
"""Two boxes that share this part of the smaller one are shown by one tile."""


@dataclass(frozen=True)
class Searcher:
    """The models, with what they are used for.

    Attributes:
        detector: see `models.load_detector`.
        recogniser: see `models.load_recogniser`.
        threads: read lines side by side.
    """

    detector: onnxruntime.InferenceSession
    recogniser: Recogniser
    threads: ThreadPoolExecutor

    def plates(self, picture: Picture, formats: Formats, mode: str = "regular") -> list[Plate]:
        """Return what may be plates, the best first, and only one for each place.

        Args:
            picture: to look in.
            formats: to expect.
            mode: see `result.ReadOptions`.
        """
        plates, boxes = self._search(picture, formats, mode)
        plates = sorted(one_for_each_car(plates), key=lambda plate: -plate.rank)
        if mode == "regular" and _best(plates[:1]) >= _LIKELY:
            plates[0] = self._with_small_print(picture, formats, plates[0], boxes)
        return plates

    def _with_small_print(self, picture: Picture, formats: Formats, plate: Plate, boxes: Sequence[Box]) -> Plate:
        """Return the plate with the small print on its rim, if its region depends on that."""
        shares = formats.regions(plate.candidates[0].plate)
        if max(shares.values(), default=0.0) >= _TOLD:
            return plate
        line = plate.proposal.lines[0]
        rim = sorted((box for box in boxes if is_small_print(box, line)), key=lambda box: -box.width)[:_RIM]
        texts = self.threads.map(lambda box: read(self.recogniser, picture, box, FULL).text, rim)
        return replace(plate, small_print=tuple(texts))

    def _search(self, picture: Picture, formats: Formats, mode: str) -> tuple[list[Plate], list[Box]]:
        """Return the plates, in no order, and all text that was found on the way."""

        def enough(chance: float) -> bool:
            return mode != "redaction" and _best(plates) >= chance

        coarse = detect(self.detector, picture, _COARSE)
        proposals = propose(coarse.boxes)
        likely = likely_plates(proposals, formats, picture.shape[0])
        plates = without_overlaps(self._read(picture, likely, formats))
        if mode == "fast" or enough(_SURE):
            return plates, coarse.boxes
        unlikely = [proposal for proposal in proposals if proposal not in likely]
        plates = without_overlaps(plates + self._read(picture, unlikely, formats))
        plates = self._reread(picture, formats, plates)
        if enough(_SETTLED):
            return plates, coarse.boxes
        plates = self._look_closely(picture, formats, plates, coarse.spots)
        if enough(_LIKELY):
            return plates, coarse.boxes
        fine = detect(self.detector, picture, _FINE, _ZOOM)
        plates = without_overlaps(plates + self._read(picture, propose(fine.boxes), formats))
        plates = self._reread(picture, formats, plates)
        if not enough(_SETTLED):
            plates = self._look_closely(picture, formats, plates, fine.spots)
        return plates, coarse.boxes + fine.boxes

    def _look_closely(
        self, picture: Picture, formats: Formats, plates: list[Plate], spots: Sequence[Box]
    ) -> list[Plate]:
        """Return the plates, and those in tiles around the likeliest, or around the spots if no plate is likely."""
        where: list[Box] = []
        places = [plate.box for plate in plates if plate.chance > _WORTH]
        for box in places[:1] if _best(plates) >= _LIKELY else [*places, *spots]:
            if len(where) < _TILES and not any(overlap(box, other) > _SAME_PLACE for other in where):
                where.append(box)
        found = without_overlaps(self._read(picture, propose(detect_closely(self.detector, picture, where)), formats))
        return self._reread(picture, formats, without_overlaps(plates + found), found)

    def _reread(
        self, picture: Picture, formats: Formats, plates: list[Plate], among: Sequence[Plate] | None = None
    ) -> list[Plate]:
        """Return the plates; if no reading is certain, the likeliest ones get the best of up to three readings."""
        if _best(plates) >= _SURE:
            return plates
        doubtful = [plate for plate in plates if plate.chance > _WORTH and (among is None or plate in among)][:_REREAD]
        second = self._read(picture, [plate.proposal for plate in doubtful], formats, (FULL,))
        # A third reading seldom differs from two that agree.
        agreed = set(map(_what_is_read_where, second))
        disputed = [plate.proposal for plate in doubtful if _what_is_read_where(plate) not in agreed]
        third = self._read(picture, disputed, formats, (NARROW,))
        # Upside down, letters and digits look like others. A result must be the more legible of both ways.
        turned = [plate.proposal.upside_down() for plate in doubtful if plate.chance > _SHOWN]
        return without_overlaps(plates + second + third + self._read(picture, turned, formats))

    def _read(
        self, picture: Picture, proposals: Sequence[Proposal], formats: Formats, crops: Sequence[Crop] = (TIGHT,)
    ) -> list[Plate]:
        """Return the readings of the proposals that have a plate's shape, in each crop."""
        shaped = [proposal for proposal in proposals if formats.may_hold(proposal)]
        # Proposals share lines. A box cannot be a key, so its identity is used.
        lines = {(id(line), crop): line for crop in crops for proposal in shaped for line in proposal.lines}
        keys = list(lines)
        # Two lines side by side, with a thread each, take less time than one after the other with two; the odd one out
        # gets both threads.
        odd = keys[len(keys) - len(keys) % 2 :]
        pairs = keys[: len(keys) - len(odd)]
        found = self.threads.map(lambda key: read(self.recogniser, picture, lines[key], key[1]), pairs)
        readings = dict(zip(pairs, found, strict=True))
        readings |= {key: read(self.recogniser, picture, lines[key], key[1], alone=True) for key in odd}
        plates = []
        for crop in crops:
            for proposal in shaped:
                parts = [readings[id(line), crop] for line in proposal.lines]
                candidates = match(_one_line(parts), formats)
                if candidates:
                    text = " ".join(part.text for part in parts)
                    plates.append(judge(proposal, text, candidates, formats, picture.shape[0], ()))
        return plates


def _one_line(lines: Sequence[Reading]) -> npt.NDArray[np.float32]:
    if len(lines) == 1:
        return lines[0].log_probabilities
    return np.concatenate([line.log_probabilities for line in lines])


def _what_is_read_where(plate: Plate) -> tuple[int, str]:
    # A proposal cannot be a key, so its identity is used.
    return id(plate.proposal), plate.candidates[0].plate


def _best(plates: Sequence[Plate]) -> float:
    return max((plate.chance for plate in plates), default=0.0)
