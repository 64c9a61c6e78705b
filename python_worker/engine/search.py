"""Looks for plates in a picture: first at the whole, then closer at vehicles and places that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .choose import Plate, judge, one_for_each_car, promise, without_overlaps
from .decode import Picture
from .detect import Detection, detect, detect_closely
from .formats import Formats
from .geometry import Box, overlap
from .likely import is_small_print
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

_VEHICLE_STEP = 96
"""See `detect.detect`; vehicles are not stretched by more than an eighth."""

_NEAR = 0.35
"""Part of a picture's width from which a vehicle is so near that smaller ones are not looked for."""

_LEAST_WIDTH = 100
"""Width of a vehicle, in pixels of the picture, whose plate could be read."""

_ROOF = 0.2
"""Upper part of a vehicle that has no plate."""

_VEHICLES = 4
"""How many vehicles get a closer look, the widest first."""

_HOPELESS = -3.1
"""Promise, as `choose.promise` has it, under which a proposal is not read."""

_RIVAL = 3.0
"""By how much less promising a proposal may be to be read together with one that shares its place."""

_SIDE_BY_SIDE = 2
"""How many lines are read at once, at least."""

_MOST_READ = 8
_MOST_READ_ON_NONE = 3
"""How many proposals of one look are read, at most, in a picture with vehicles and in one without: signs and posters
have hundreds."""

_GROUP = 4
"""How many proposals that share their place are read together, at most."""

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
_TILES_ON_NONE = 1
"""How many places are read again, and looked at closely, also in a picture without vehicles."""

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
        readings: what lines say, by their identities and crops, with the lines.
    """

    picture: Picture
    formats: Formats
    vehicles: Sequence[Vehicle]
    mode: str
    readings: dict[tuple[int, Crop], tuple[Box, Reading]] = field(default_factory=dict)


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
        plates = self._read_best(scene, propose(coarse.boxes), [])
        if scene.mode == "fast":
            return plates, coarse.boxes
        plates = self._reread(scene, plates)
        boxes = list(coarse.boxes)
        for vehicle in self._unsettled(scene, plates):
            look = self._look_at(scene, vehicle)
            boxes += look.boxes
            plates = self._reread(scene, self._read_best(scene, propose(look.boxes), plates))
        if scene.mode != "redaction" and _best(plates) >= (_LIKELY if scene.vehicles else _SETTLED):
            return plates, boxes
        plates = self._look_closely(scene, plates, coarse.spots)
        if scene.mode == "redaction":
            fine = detect(self.detector, scene.picture, _FINE, _ZOOM)
            plates = self._reread(scene, self._read_best(scene, propose(fine.boxes), plates))
            plates = self._look_closely(scene, plates, fine.spots)
            boxes += fine.boxes
        return plates, boxes

    def _read_best(self, scene: Scene, proposals: Sequence[Proposal], plates: list[Plate]) -> list[Plate]:
        """Return the plates, and those of the proposals, of which the most promising are read first.

        What is on a vehicle whose plate is certain is not read.
        """
        rows = scene.picture.shape[0]
        hopes = [
            _Hope(*promise(proposal, scene.formats, rows, scene.vehicles), proposal)
            for proposal in proposals
            if scene.formats.may_hold(proposal)
        ]
        patient = scene.mode == "redaction"
        most = _MOST_READ if scene.vehicles else _MOST_READ_ON_NONE
        waiting = sorted(
            (hope for hope in hopes if patient or hope.promise > _HOPELESS), key=lambda hope: -hope.promise
        )
        read = 0
        while waiting and (patient or read < most):
            chosen: list[_Hope] = []
            # Lines are read side by side.
            while waiting and sum(len(hope.proposal.lines) for hope in chosen) < _SIDE_BY_SIDE:
                best = waiting[0]
                # What shares its lines is a part of the same plate, or the plate of which it is a part.
                group = [hope for hope in waiting if _is_other_reading(hope, best)]
                chosen += group if patient else group[:_GROUP]
                waiting = [hope for hope in waiting if hope not in group]
            plates = without_overlaps(plates + self._read(scene, [hope.proposal for hope in chosen]))
            read += len(chosen)
            if not patient:
                settled = _settled(plates, _SURE)
                waiting = [hope for hope in waiting if id(hope.vehicle) not in settled]
        return plates

    def _unsettled(self, scene: Scene, plates: Sequence[Plate]) -> list[Vehicle]:
        """Return the vehicles that are worth a closer look, the widest first."""
        settled = _settled(plates, _SETTLED)
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
        found = detect(self.detector, part, longest, _VEHICLE_ZOOM, step=_VEHICLE_STEP)
        offset = np.array([x0, y0], np.float32)
        return Detection(
            [Box(box.quad + offset, box.score) for box in found.boxes],
            [Box(box.quad + offset, box.score) for box in found.spots],
        )

    def _look_closely(self, scene: Scene, plates: list[Plate], spots: Sequence[Box]) -> list[Plate]:
        """Return the plates, and those in tiles around the likeliest, or around the spots if no plate is likely."""
        where: list[Box] = []
        places = [plate.box for plate in plates if plate.chance > _WORTH]
        tiles = _TILES if scene.vehicles or scene.mode == "redaction" else _TILES_ON_NONE
        for box in places[:1] if _best(plates) >= _LIKELY else [*places, *spots]:
            if len(where) < tiles and not any(overlap(box, other) > _SAME_PLACE for other in where):
                where.append(box)
        found = propose(detect_closely(self.detector, scene.picture, where))
        return self._reread(scene, self._read_best(scene, found, plates))

    def _reread(self, scene: Scene, plates: list[Plate]) -> list[Plate]:
        """Return the plates; the likeliest of those that are not certain get the best of up to three readings."""
        doubtful = [
            plate
            for plate in sorted(plates, key=lambda plate: -plate.chance)
            if _WORTH < plate.chance < _SURE and (id(plate.proposal.lines[0]), FULL) not in scene.readings
        ][:_REREAD]
        second = self._read(scene, [plate.proposal for plate in doubtful], (FULL,))
        # A third reading seldom differs from two that agree.
        agreed = set(map(_what_is_read_where, second))
        disputed = [plate.proposal for plate in doubtful if _what_is_read_where(plate) not in agreed]
        third = self._read(scene, disputed, (NARROW,))
        # Upside down, letters and digits look like others. A result must be the more legible of both ways.
        turned = [plate.proposal.upside_down() for plate in doubtful if plate.chance > _SHOWN]
        return without_overlaps(plates + second + third + self._read(scene, turned))

    def _read(self, scene: Scene, proposals: Sequence[Proposal], crops: Sequence[Crop] = (TIGHT,)) -> list[Plate]:
        """Return the readings of the proposals, in each crop."""
        # Proposals share lines. A box cannot be a key, so its identity is used.
        lines = {(id(line), crop): line for crop in crops for proposal in proposals for line in proposal.lines}
        new = [key for key in lines if key not in scene.readings]
        found = self.threads.map(lambda key: read(self.recogniser, scene.picture, lines[key], key[1]), new)
        scene.readings.update((key, (lines[key], reading)) for key, reading in zip(new, found, strict=True))
        plates = []
        for crop in crops:
            for proposal in proposals:
                parts = [scene.readings[id(line), crop][1] for line in proposal.lines]
                candidates = match(_one_line(parts), scene.formats)
                if candidates:
                    text = " ".join(part.text for part in parts)
                    rows = scene.picture.shape[0]
                    # Redaction takes for plates what is on no vehicle and what was written into the picture, too.
                    doubts = scene.mode != "redaction"
                    plate = judge(
                        proposal,
                        text,
                        candidates,
                        scene.formats,
                        rows,
                        scene.vehicles,
                        needs_vehicle=doubts,
                        readings=parts,
                    )
                    is_worth = doubts and plate.chance > _WORTH
                    plates.append(less_if_written(plate, scene.picture) if is_worth else plate)
        return plates


@dataclass(frozen=True, eq=False)
class _Hope:
    """A proposal that is not read yet: what speaks for a plate, the vehicle that would carry it."""

    promise: float
    vehicle: Vehicle | None
    proposal: Proposal


def _is_other_reading(hope: _Hope, best: _Hope) -> bool:
    return hope is best or (
        hope.promise > best.promise - _RIVAL
        and any(overlap(line, other) > _SAME_PLACE for line in hope.proposal.lines for other in best.proposal.lines)
    )


def _settled(plates: Sequence[Plate], chance: float) -> set[int]:
    """Return the identities of the vehicles whose plates are certain."""
    return {id(plate.vehicle) for plate in plates if plate.chance >= chance and plate.vehicle}


def _one_line(lines: Sequence[Reading]) -> npt.NDArray[np.float32]:
    if len(lines) == 1:
        return lines[0].log_probabilities
    return np.concatenate([line.log_probabilities for line in lines])


def _what_is_read_where(plate: Plate) -> tuple[int, str]:
    # A proposal cannot be a key, so its identity is used.
    return id(plate.proposal), plate.candidates[0].plate


def _best(plates: Sequence[Plate]) -> float:
    return max((plate.chance for plate in plates), default=0.0)
