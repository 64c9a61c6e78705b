"""Looks for plates in a picture: first at the whole, then closer at vehicles and places that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .choose import Plate, judge, one_for_each_car, without_overlaps
from .decode import Picture
from .detect import Detection, detect, detect_closely
from .formats import Formats
from .geometry import Box, overlap
from .likely import is_small_print, likely_plates
from .match import match
from .models import Recogniser
from .overlay import less_if_written
from .propose import Proposal, propose
from .read import FULL, NARROW, TIGHT, Crop, Reading, read
from .runtime import Network
from .vehicles import Vehicle, distinct, moved, prepare, tiles, vehicles

_COARSE = 640
_FINE = 1280
"""Longer sides, in pixels, of the picture as the detector sees it. Coarsely all but the small plates are found, in a
quarter of the time."""

_ZOOM = 2.0
"""How much a small picture is enlarged for the fine look."""

_VEHICLE = 480
"""Width of a vehicle, in pixels, as a closer look shows it at least."""

_FINER = 2.0
"""How much larger a closer look shows a vehicle at least than the coarse look."""

_VEHICLE_ZOOM = 3.0
"""How much a vehicle is enlarged for a closer look."""

_NEAR = 0.35
"""Part of a picture's width from which a vehicle is so near that smaller ones are not looked for."""

_LEAST_WIDTH = 60
"""Width of a vehicle, in pixels of the picture, whose plate could be read."""

_ROOF = 0.2
"""Upper part of a vehicle that has no plate."""

_VEHICLES = 4
"""How many vehicles get a closer look, the widest first."""

_SURE = 0.9
"""From this chance on, the best plate is not read again."""

_SETTLED = 0.85
"""From this chance on, nothing is looked for on the same vehicle after the second readings."""

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
class Scene:
    """A picture with what is known of it.

    Attributes:
        picture: to look in.
        formats: to expect.
        vehicles: in the picture, the surest first.
        mode: see `result.ReadOptions`.
    """

    picture: Picture
    formats: Formats
    vehicles: Sequence[Vehicle]
    mode: str


@dataclass(frozen=True)
class Searcher:
    """The models, with what they are used for.

    Attributes:
        detector: see `models.load_detector`.
        recogniser: see `models.load_recogniser`.
        vehicles: see `models.load_vehicles`.
        threads: read lines side by side.
    """

    detector: Network
    recogniser: Recogniser
    vehicles: Network
    threads: ThreadPoolExecutor

    def plates(
        self, picture: Picture, formats: Formats, mode: str = "regular"
    ) -> tuple[list[Plate], Sequence[Vehicle]]:
        """Return what may be plates, the best first and only one for each place, and the vehicles.

        Args:
            picture: to look in.
            formats: to expect.
            mode: see `result.ReadOptions`.
        """
        seen = self._vehicles(picture)
        scene = Scene(picture, formats, seen, mode)
        plates, boxes = self._search(scene)
        plates = sorted(one_for_each_car(plates), key=lambda plate: -plate.rank)
        if mode == "regular" and _best(plates[:1]) >= _LIKELY:
            plates[0] = self._with_small_print(scene, plates[0], boxes)
        return plates, seen

    def _vehicles(self, picture: Picture) -> list[Vehicle]:
        """Return the vehicles in a picture, the surest first; in a large one without near ones, also the small ones."""
        height, width = picture.shape[:2]
        boxes, scores = self.vehicles.run(prepare(picture))
        seen = vehicles(boxes, scores, width, height)
        parts = tiles(width, height)
        if not parts or any(vehicle.width > _NEAR * width for vehicle in seen):
            return seen
        for left, top, right, bottom in parts:
            boxes, scores = self.vehicles.run(prepare(picture[top:bottom, left:right]))
            seen += [moved(one, left, top) for one in vehicles(boxes, scores, right - left, bottom - top)]
        return distinct(seen)

    def _with_small_print(self, scene: Scene, plate: Plate, boxes: Sequence[Box]) -> Plate:
        """Return the plate with the small print on its rim, if its region depends on that."""
        shares = scene.formats.regions(plate.candidates[0].plate)
        if max(shares.values(), default=0.0) >= _TOLD:
            return plate
        line = plate.proposal.lines[0]
        rim = sorted((box for box in boxes if is_small_print(box, line)), key=lambda box: -box.width)[:_RIM]
        texts = self.threads.map(lambda box: read(self.recogniser, scene.picture, box, FULL).text, rim)
        return replace(plate, small_print=tuple(texts))

    def _search(self, scene: Scene) -> tuple[list[Plate], list[Box]]:
        """Return the plates, in no order, and all text that was found on the way."""
        coarse = detect(self.detector, scene.picture, _COARSE)
        proposals = propose(coarse.boxes)
        likely = likely_plates(proposals, scene.formats, scene.picture.shape[0])
        plates = without_overlaps(self._read(scene, likely))
        if scene.mode == "fast" or self._is_over(scene, plates, _SURE):
            return plates, coarse.boxes
        unlikely = [proposal for proposal in proposals if proposal not in likely]
        plates = without_overlaps(plates + self._read(scene, unlikely))
        plates = self._reread(scene, plates)
        boxes = list(coarse.boxes)
        for vehicle in self._unsettled(scene, plates):
            look = self._look_at(scene, vehicle)
            boxes += look.boxes
            found = without_overlaps(self._read(scene, propose(look.boxes)))
            plates = self._reread(scene, without_overlaps(plates + found), found)
        if self._is_over(scene, plates, _LIKELY if scene.vehicles else _SETTLED):
            return plates, boxes
        plates = self._look_closely(scene, plates, coarse.spots)
        if scene.mode == "redaction":
            fine = detect(self.detector, scene.picture, _FINE, _ZOOM)
            plates = self._reread(scene, without_overlaps(plates + self._read(scene, propose(fine.boxes))))
            plates = self._look_closely(scene, plates, fine.spots)
            boxes += fine.boxes
        return plates, boxes

    def _is_over(self, scene: Scene, plates: Sequence[Plate], chance: float) -> bool:
        """Tell whether nothing more need be looked for: a plate is certain, and so is each vehicle's."""
        return scene.mode != "redaction" and _best(plates) >= chance and not self._unsettled(scene, plates)

    def _unsettled(self, scene: Scene, plates: Sequence[Plate]) -> list[Vehicle]:
        """Return the vehicles that are worth a closer look, the widest first."""
        settled = {id(plate.vehicle) for plate in plates if plate.chance >= _SETTLED}
        worth = [vehicle for vehicle in scene.vehicles if id(vehicle) not in settled and vehicle.width >= _LEAST_WIDTH]
        return sorted(worth, key=lambda vehicle: -vehicle.width)[:_VEHICLES]

    def _look_at(self, scene: Scene, vehicle: Vehicle) -> Detection:
        """Return the text on a vehicle."""
        rows, columns = scene.picture.shape[:2]
        left, top, right, bottom = vehicle.bounds
        margin = 0.05 * vehicle.width
        cut = top <= 0.02 * rows
        x0, x1 = max(0, int(left - margin)), min(columns, int(right + margin) + 1)
        y0, y1 = max(0, int(top if cut else top + _ROOF * vehicle.height)), min(rows, int(bottom + margin) + 1)
        part = scene.picture[y0:y1, x0:x1]
        scale = max(_VEHICLE / vehicle.width, _FINER * min(1.0, _COARSE / max(rows, columns)))
        longest = round(min(scale, _VEHICLE_ZOOM) * max(part.shape[:2]))
        found = detect(self.detector, part, longest, _VEHICLE_ZOOM)
        offset = np.array([x0, y0], np.float32)
        return Detection(
            [Box(box.quad + offset, box.score) for box in found.boxes],
            [Box(box.quad + offset, box.score) for box in found.spots],
        )

    def _look_closely(self, scene: Scene, plates: list[Plate], spots: Sequence[Box]) -> list[Plate]:
        """Return the plates, and those in tiles around the likeliest, or around the spots if no plate is likely."""
        where: list[Box] = []
        places = [plate.box for plate in plates if plate.chance > _WORTH]
        for box in places[:1] if _best(plates) >= _LIKELY else [*places, *spots]:
            if len(where) < _TILES and not any(overlap(box, other) > _SAME_PLACE for other in where):
                where.append(box)
        found = without_overlaps(self._read(scene, propose(detect_closely(self.detector, scene.picture, where))))
        return self._reread(scene, without_overlaps(plates + found), found)

    def _reread(self, scene: Scene, plates: list[Plate], among: Sequence[Plate] | None = None) -> list[Plate]:
        """Return the plates; if no reading is certain, the likeliest ones get the best of up to three readings."""
        doubtful = [plate for plate in plates if _WORTH < plate.chance < _SURE and (among is None or plate in among)][
            :_REREAD
        ]
        second = self._read(scene, [plate.proposal for plate in doubtful], (FULL,))
        # A third reading seldom differs from two that agree.
        agreed = set(map(_what_is_read_where, second))
        disputed = [plate.proposal for plate in doubtful if _what_is_read_where(plate) not in agreed]
        third = self._read(scene, disputed, (NARROW,))
        # Upside down, letters and digits look like others. A result must be the more legible of both ways.
        turned = [plate.proposal.upside_down() for plate in doubtful if plate.chance > _SHOWN]
        return without_overlaps(plates + second + third + self._read(scene, turned))

    def _read(self, scene: Scene, proposals: Sequence[Proposal], crops: Sequence[Crop] = (TIGHT,)) -> list[Plate]:
        """Return the readings of the proposals that have a plate's shape, in each crop."""
        shaped = [proposal for proposal in proposals if scene.formats.may_hold(proposal)]
        # Proposals share lines. A box cannot be a key, so its identity is used.
        lines = {(id(line), crop): line for crop in crops for proposal in shaped for line in proposal.lines}
        found = self.threads.map(lambda key: read(self.recogniser, scene.picture, lines[key], key[1]), lines)
        readings = dict(zip(lines, found, strict=True))
        plates = []
        for crop in crops:
            for proposal in shaped:
                parts = [readings[id(line), crop] for line in proposal.lines]
                candidates = match(_one_line(parts), scene.formats)
                if candidates:
                    text = " ".join(part.text for part in parts)
                    rows = scene.picture.shape[0]
                    needed = scene.mode != "redaction"
                    plate = judge(proposal, text, candidates, scene.formats, rows, scene.vehicles, needs_vehicle=needed)
                    plate = replace(plate, readings=tuple(parts))
                    plates.append(less_if_written(plate, scene.picture) if plate.chance > _WORTH else plate)
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
