"""Looks for plates in a picture: first at the whole, then closer at vehicles and places that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .attempts import WORTH, Reader, Scene, settled
from .choose import Plate, one_for_each_car
from .decode import Picture
from .detect import detect, detect_closely
from .formats import Formats
from .geometry import Box, overlap
from .propose import propose
from .runtime import Network
from .vehicles import ROOF, Vehicle, distinct, moved, prepare, tiles, vehicles

_COARSE = 640
_FINE = 1280
"""Longer sides, in pixels, of the picture as the detector sees it. Coarsely all but the small plates are found, in a
quarter of the time."""

_COARSE_NEAR = 544
_VERY_NEAR = 0.55
"""The same for a picture with a vehicle that takes at least this part of its width: in three quarters of the time."""

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

_LEAST_WIDTH = 160
"""Width of a vehicle, in pixels of the picture, whose plate could be read."""

_VEHICLES = 4
"""How many vehicles get a closer look, the widest first."""

_SETTLED = 0.85
"""From this chance on, nothing is looked for on the same vehicle after the second readings."""

_LIKELY = 0.5
"""From this chance on, only that plate gets a closer look, and the fine look at everything is left out."""

_TILES = 3
_TILES_ON_NONE = 1
"""How many places are looked at closely, in a picture with vehicles and in one without."""

_SAME_PLACE = 0.5
"""Two boxes that share this part of the smaller one are shown by one tile."""


@dataclass(frozen=True)
class Searcher:
    """The models, with what they are used for.

    Attributes:
        detector: see `models.load_detector`.
        vehicles: see `models.load_vehicles`.
        reader: reads what the detector finds.
    """

    detector: Network
    vehicles: Network
    reader: Reader

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
            plates[0] = self.reader.with_small_print(scene, plates[0], boxes)
        return plates, seen

    def _vehicles(self, picture: Picture) -> list[Vehicle]:
        """Return the vehicles in a picture, the surest first; in a large one without near ones, also the small ones."""
        height, width = picture.shape[:2]
        seen = self._vehicles_in(picture)
        parts = tiles(width, height)
        if not parts or any(vehicle.width > _NEAR * width for vehicle in seen):
            return seen
        for left, top, right, bottom in parts:
            seen += [moved(one, left, top) for one in self._vehicles_in(picture[top:bottom, left:right])]
        return distinct(seen)

    def _vehicles_in(self, part: Picture) -> list[Vehicle]:
        height, width = part.shape[:2]
        boxes, scores = self.vehicles.run(prepare(part))
        return vehicles(boxes, scores, width, height)

    def _search(self, scene: Scene) -> tuple[list[Plate], list[Box]]:
        """Return the plates, in no order, and all text that was found on the way."""
        width = scene.picture.shape[1]
        is_near = any(vehicle.width > _VERY_NEAR * width for vehicle in scene.vehicles)
        coarse = detect(self.detector, scene.picture, _COARSE_NEAR if is_near else _COARSE)
        if scene.mode == "fast":
            return self.reader.best(scene, propose(coarse.boxes), []), coarse.boxes
        plates = self._with(scene, [], coarse.boxes)
        boxes = list(coarse.boxes)
        for vehicle in self._unsettled(scene, plates):
            likely = [plate.box for plate in plates if plate.vehicle is vehicle and plate.chance >= _LIKELY]
            # A tile around a plate takes a tenth of the time of a look at the vehicle.
            found = (
                detect_closely(self.detector, scene.picture, likely[:1]) if likely else self._look_at(scene, vehicle)
            )
            boxes += found
            plates = self._with(scene, plates, found)
        if scene.mode != "redaction" and _best(plates) >= (_LIKELY if scene.vehicles else _SETTLED):
            return plates, boxes
        plates = self._look_closely(scene, plates, coarse.spots)
        if scene.mode == "redaction":
            fine = detect(self.detector, scene.picture, _FINE, _ZOOM)
            plates = self._with(scene, plates, fine.boxes)
            plates = self._look_closely(scene, plates, fine.spots)
            boxes += fine.boxes
        return plates, boxes

    def _with(self, scene: Scene, plates: list[Plate], boxes: list[Box]) -> list[Plate]:
        """Return the plates, and those in the boxes of text, with the doubtful ones read again."""
        return self.reader.again(scene, self.reader.best(scene, propose(boxes), plates))

    def _unsettled(self, scene: Scene, plates: Sequence[Plate]) -> list[Vehicle]:
        """Return the vehicles that are worth a closer look, the widest first."""
        known = settled(plates, _SETTLED)
        worth = [vehicle for vehicle in scene.vehicles if id(vehicle) not in known and vehicle.width >= _LEAST_WIDTH]
        return sorted(worth, key=lambda vehicle: -vehicle.width)[:_VEHICLES]

    def _look_at(self, scene: Scene, vehicle: Vehicle) -> list[Box]:
        """Return the text on a vehicle."""
        rows, columns = scene.picture.shape[:2]
        left, top, right, bottom = vehicle.bounds
        margin = 0.05 * vehicle.width
        cut = top <= 0.02 * rows
        x0, x1 = max(0, int(left - margin)), min(columns, int(right + margin) + 1)
        y0, y1 = max(0, int(top if cut else top + ROOF * vehicle.height)), min(rows, int(bottom + margin) + 1)
        part = scene.picture[y0:y1, x0:x1]
        scale = max(_VEHICLE / vehicle.width, _FINER * min(1.0, _COARSE / max(rows, columns)))
        longest = round(min(scale, _VEHICLE_ZOOM) * max(part.shape[:2]))
        found = detect(self.detector, part, longest, _VEHICLE_ZOOM, step=_VEHICLE_STEP)
        offset = np.array([x0, y0], np.float32)
        return [Box(box.quad + offset, box.score) for box in found.boxes]

    def _look_closely(self, scene: Scene, plates: list[Plate], spots: Sequence[Box]) -> list[Plate]:
        """Return the plates, and those in tiles around the likeliest, or around the spots if no plate is likely."""
        where: list[Box] = []
        places = [plate.box for plate in plates if plate.chance > WORTH]
        most = _TILES if scene.vehicles or scene.mode == "redaction" else _TILES_ON_NONE
        for box in places[:1] if _best(plates) >= _LIKELY else [*places, *spots]:
            if len(where) < most and not any(overlap(box, other) > _SAME_PLACE for other in where):
                where.append(box)
        return self._with(scene, plates, detect_closely(self.detector, scene.picture, where))


def _best(plates: Sequence[Plate]) -> float:
    return max((plate.chance for plate in plates), default=0.0)
