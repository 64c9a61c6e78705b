"""Looks for plates in a picture: first at the whole, then closer at vehicles and places that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .attempts import WORTH, Reader, Scene, likeliest, settled
from .choose import Plate, one_for_each_car
from .decode import Picture
from .detect import FINE, SMALL, VEHICLE, WHOLE, Detection, detect, detect_closely, detect_within, glance
from .formats import Formats
from .geometry import Box, overlap
from .propose import Proposal, propose
from .runtime import Network
from .vehicles import ROOF, Vehicle, distinct, moved, prepare, tiles, vehicles

_COARSE = 640
_FINE = 1280
"""Longer sides, in pixels, of a picture that is to be redacted, as the detector sees it, one after the other."""

_ZOOM = 2.0
"""How much a small picture is enlarged for the fine look."""

_NEAR = 0.35
"""Part of a picture's width from which a vehicle is so near that smaller ones are not looked for."""

_LEAST_WIDTH = 160
"""Width of a vehicle, in pixels of the picture, whose plate could be read."""

_SMALL_VEHICLE = 320
"""Width of a vehicle, in pixels of the picture, under which a smaller look shows all that there is."""

_VEHICLES = 4
"""How many vehicles get a closer look, the widest first."""

_SETTLED = 0.85
_LIKELY = 0.5
"""From these chances of a plate on nothing else is looked for: in a picture without vehicles, and on a vehicle, where
plates have been looked at closely."""

_TILES = 3
_TILES_ON_NONE = 1
"""How many places are looked at closely, in a picture that is to be redacted and in one without vehicles."""

_VEHICLES_FINELY = 1
"""How many vehicles are at last looked at finely, if there is no likely plate in the picture."""

_MARGIN = 0.05
"""Part of a vehicle's width around it that is looked at with it."""

_CUT = 0.02
"""A vehicle that begins this part of the picture's height under its upper edge, or less, may be cut off there."""

_REPLACED = 0.3
"""A closer look replaces the boxes that share more than this part with the place that was looked at."""

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
        if scene.mode == "redaction":
            return self._search_everywhere(scene)
        if not scene.vehicles:
            return self._search_without_vehicle(scene)
        plates, boxes = self._read(scene, [], glance(self.detector, scene.picture), scene.vehicles)
        waiting = self._unsettled(scene, plates)
        if scene.mode == "fast":
            waiting = [] if _best(plates) >= _LIKELY else waiting[:1]
        for vehicle in waiting:
            if id(vehicle) not in settled(plates, _LIKELY):
                plates, found = self._search_on(scene, plates, vehicle)
                boxes += found
        if scene.mode == "regular" and _best(plates) < _LIKELY:
            for vehicle in self._unsettled(scene, plates)[:_VEHICLES_FINELY]:
                found = detect_within(self.detector, scene.picture, _lower(vehicle, scene.picture), FINE).boxes
                plates = self._with(scene, plates, found)
                boxes += found
        return plates, boxes

    def _search_without_vehicle(self, scene: Scene) -> tuple[list[Plate], list[Box]]:
        """Return the same of a picture of a plate from near, or of a street without vehicles."""
        first = glance(self.detector, scene.picture, WHOLE)
        plates = self._with(scene, [], first.boxes)
        if scene.mode == "regular" and _best(plates) < _SETTLED:
            plates = self._look_closely(scene, plates, first, _TILES_ON_NONE)
        return plates, first.boxes

    def _search_everywhere(self, scene: Scene) -> tuple[list[Plate], list[Box]]:
        """Return the same of a picture in which no plate must be left."""
        coarse = detect(self.detector, scene.picture, _COARSE)
        plates, boxes = self._with(scene, [], coarse.boxes), list(coarse.boxes)
        for vehicle in self._unsettled(scene, plates):
            found = detect_within(self.detector, scene.picture, _lower(vehicle, scene.picture), FINE).boxes
            plates = self._with(scene, plates, found)
            boxes += found
        plates = self._look_closely(scene, plates, coarse, _TILES)
        fine = detect(self.detector, scene.picture, _FINE, _ZOOM)
        plates = self._with(scene, plates, fine.boxes)
        return self._look_closely(scene, plates, fine, _TILES), boxes + fine.boxes

    def _search_on(self, scene: Scene, plates: list[Plate], vehicle: Vehicle) -> tuple[list[Plate], list[Box]]:
        """Return the plates and the text after a look at a vehicle."""
        sizes = SMALL if vehicle.width < _SMALL_VEHICLE else VEHICLE
        detection = detect_within(self.detector, scene.picture, _lower(vehicle, scene.picture), sizes)
        plates, boxes = self._read(scene, plates, detection, [vehicle])
        if id(vehicle) not in settled(plates, _LIKELY):
            unread = [
                Proposal((spot,))
                for spot in detection.spots
                if not any(overlap(spot, box) > _SAME_PLACE for box in detection.boxes)
            ]
            places = likeliest(scene, unread, plates, [vehicle])
            plates = self._with(scene, plates, detect_closely(self.detector, scene.picture, places))
        return plates, boxes

    def _read(
        self, scene: Scene, plates: list[Plate], detection: Detection, vehicles: Sequence[Vehicle]
    ) -> tuple[list[Plate], list[Box]]:
        """Return the plates and the text, after a closer look at the likeliest place for the plate of each vehicle.

        A tile takes a little less time than a line to read, and lines in it are found so exactly that they seldom need
        to be read twice.
        """
        boxes = detection.boxes
        places = likeliest(scene, propose(boxes), plates, vehicles)[:_VEHICLES]
        found = detect_closely(self.detector, scene.picture, places)
        others = [box for box in boxes if all(overlap(box, place) <= _REPLACED for place in places)]
        return self._with(scene, plates, found + others), found + others

    def _with(self, scene: Scene, plates: list[Plate], boxes: list[Box]) -> list[Plate]:
        """Return the plates, and those in the boxes of text, with the doubtful ones read again."""
        plates = self.reader.best(scene, propose(boxes), plates)
        return plates if scene.mode == "fast" else self.reader.again(scene, plates)

    def _unsettled(self, scene: Scene, plates: Sequence[Plate]) -> list[Vehicle]:
        """Return the vehicles that are worth a closer look, the widest first."""
        known = settled(plates, _LIKELY)
        worth = [vehicle for vehicle in scene.vehicles if id(vehicle) not in known and vehicle.width >= _LEAST_WIDTH]
        return sorted(worth, key=lambda vehicle: -vehicle.width)[:_VEHICLES]

    def _look_closely(self, scene: Scene, plates: list[Plate], detection: Detection, most: int) -> list[Plate]:
        """Return the plates, and those in tiles around the likeliest, or around the spots if no plate is likely."""
        where: list[Box] = []
        places = [plate.box for plate in plates if plate.chance > WORTH]
        for box in places[:1] if _best(plates) >= _LIKELY else [*places, *detection.spots]:
            if len(where) < most and not any(overlap(box, other) > _SAME_PLACE for other in where):
                where.append(box)
        return self._with(scene, plates, detect_closely(self.detector, scene.picture, where))


def _lower(vehicle: Vehicle, picture: Picture) -> tuple[float, float, float, float]:
    """Return the part of a vehicle that has plates, with a little around it: left, top, right and bottom in pixels."""
    rows, columns = picture.shape[:2]
    left, top, right, bottom = vehicle.bounds
    margin = _MARGIN * vehicle.width
    is_cut = top <= _CUT * rows
    return (
        max(left - margin, 0.0),
        top if is_cut else top + ROOF * vehicle.height,
        min(right + margin, columns),
        min(bottom + margin, rows),
    )


def _best(plates: Sequence[Plate]) -> float:
    return max((plate.chance for plate in plates), default=0.0)
