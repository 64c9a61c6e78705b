"""Reads what may be plates: the most promising first, and what is doubtful again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .choose import Plate, without_overlaps
from .decode import Picture
from .formats import Formats
from .geometry import Box, common_area, overlap
from .judge import judge, promise
from .likely import is_small_print
from .match import match
from .models import Recogniser
from .overlay import less_if_written
from .propose import Proposal
from .read import FULL, NARROW, TIGHT, Crop, Reading, read
from .vehicles import Vehicle

_HOPELESS = -1.0
_HOPELESS_ON_NONE = -2.0
"""Promises, as `judge.promise` has them, under which a proposal is not read, on a vehicle and on none."""

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

_CLEAR = 0.9
"""From this clarity on, what is no plate is not read again where another look finds it."""

_SAME_LINE = 0.7
"""Two boxes whose common area is more than this part of what they cover together are of one line."""

WORTH = 0.02
"""From this chance on, a reading is worth another one."""

_SHOWN = 0.15
"""From this chance on, a reading may become a result, so it is also read upside down."""

_UPRIGHT = 0.5
"""From this score on a vehicle is not upside down, nor the plate that it carries: of 110 photographs of cars that were
turned by half, the same two gave a wrong plate with a reading upside down and without."""

_TOLD = 0.5
"""From this probability of its region on, a plate's small print is not read."""

_RIM = 2
"""How many lines of small print are read."""

_REREAD = 2
"""How many doubtful readings of a look are made again."""

_SAME_PLACE = 0.5
"""Two boxes that share this part of the smaller one are in one place."""


@dataclass(frozen=True)
class Scene:
    """A picture with what is known of it.

    Attributes:
        picture: to look in.
        formats: to expect.
        vehicles: in the picture, the surest first.
        mode: see `result.ReadOptions`.
        readings: what lines say, by their identities and crops, with the lines.
        dismissed: lines that are clearly no plates, nor parts of one.
    """

    picture: Picture
    formats: Formats
    vehicles: Sequence[Vehicle]
    mode: str
    readings: dict[tuple[int, Crop], tuple[Box, Reading]] = field(default_factory=dict)
    dismissed: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class Reader:
    """The recogniser, with the threads that read lines side by side."""

    recogniser: Recogniser
    threads: ThreadPoolExecutor

    def with_small_print(self, scene: Scene, plate: Plate, boxes: Sequence[Box]) -> Plate:
        """Return the plate with the small print on its rim, if its region depends on that."""
        shares = scene.formats.regions(plate.candidates[0].plate)
        if max(shares.values(), default=0.0) >= _TOLD:
            return plate
        line = plate.proposal.lines[0]
        rim = sorted((box for box in boxes if is_small_print(box, line)), key=lambda box: -box.width)[:_RIM]
        texts = self.threads.map(lambda box: read(self.recogniser, scene.picture, box, FULL).text, rim)
        return replace(plate, small_print=tuple(texts))

    def best(self, scene: Scene, proposals: Sequence[Proposal], plates: list[Plate]) -> list[Plate]:
        """Return the plates, and those of the proposals, of which the most promising are read first.

        What is on a vehicle whose plate is certain is not read.
        """
        patient = scene.mode == "redaction"
        most = _MOST_READ if scene.vehicles else _MOST_READ_ON_NONE
        waiting = _hopes(scene, proposals, plates)
        count = 0
        while waiting and (patient or count < most):
            chosen: list[_Hope] = []
            # Lines are read side by side.
            while waiting and sum(len(hope.proposal.lines) for hope in chosen) < _SIDE_BY_SIDE:
                best = waiting[0]
                # What shares its lines is a part of the same plate, or the plate of which it is a part.
                group = [hope for hope in waiting if _is_other_reading(hope, best)]
                chosen += group if patient else group[:_GROUP]
                waiting = [hope for hope in waiting if hope not in group]
            plates = without_overlaps(plates + self._read(scene, [hope.proposal for hope in chosen]))
            count += len(chosen)
            waiting = _open(scene, waiting, plates)
        return plates

    def again(self, scene: Scene, plates: list[Plate]) -> list[Plate]:
        """Return the plates; the likeliest of those that are not certain get the best of up to three readings."""
        doubtful = [
            plate
            for plate in sorted(plates, key=lambda plate: -plate.chance)
            if WORTH < plate.chance < _SURE and (id(plate.proposal.lines[0]), FULL) not in scene.readings
        ][:_REREAD]
        second = self._read(scene, [plate.proposal for plate in doubtful], (FULL,))
        # A third reading seldom differs from two that agree.
        agreed = set(map(_what_is_read_where, second))
        disputed = [plate.proposal for plate in doubtful if _what_is_read_where(plate) not in agreed]
        third = self._read(scene, disputed, (NARROW,))
        # Upside down, letters and digits look like others. A result must be the more legible of both ways.
        turned = [
            plate.proposal.upside_down()
            for plate in doubtful
            if plate.chance > _SHOWN and not (plate.vehicle and plate.vehicle.score > _UPRIGHT)
        ]
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
                    is_worth = doubts and plate.chance > WORTH
                    if doubts and len(parts) == 1 and plate.chance < WORTH and parts[0].clarity > _CLEAR:
                        scene.dismissed.append(proposal.lines[0])
                    plates.append(less_if_written(plate, scene.picture) if is_worth else plate)
        return plates


@dataclass(frozen=True, eq=False)
class _Hope:
    """A proposal that is not read yet: what speaks for a plate, the vehicle that would carry it."""

    promise: float
    vehicle: Vehicle | None
    proposal: Proposal


def likeliest(
    scene: Scene, proposals: Sequence[Proposal], plates: Sequence[Plate], vehicles: Sequence[Vehicle]
) -> list[Box]:
    """Return where each of the vehicles most likely has its plate, if anywhere, the most promising place first."""
    wanted = {id(vehicle) for vehicle in vehicles}
    places: dict[int, Box] = {}
    for hope in _hopes(scene, proposals, plates):
        if id(hope.vehicle) in wanted:
            places.setdefault(id(hope.vehicle), hope.proposal.box)
    return list(places.values())


def _hopes(scene: Scene, proposals: Sequence[Proposal], plates: Sequence[Plate]) -> list[_Hope]:
    """Return which of the proposals are worth being read, the most promising first."""
    rows = scene.picture.shape[0]
    hopes = [
        _Hope(*promise(proposal, scene.formats, rows, scene.vehicles), proposal)
        for proposal in proposals
        if scene.formats.may_hold(proposal) and not all(_is_dismissed(scene, line) for line in proposal.lines)
    ]
    if scene.mode != "redaction":
        hopes = [hope for hope in hopes if hope.promise > (_HOPELESS if hope.vehicle else _HOPELESS_ON_NONE)]
    return sorted(_open(scene, hopes, plates), key=lambda hope: -hope.promise)


def _is_dismissed(scene: Scene, line: Box) -> bool:
    return any(_is_same(line, other) for other in scene.dismissed)


def _is_same(line: Box, other: Box) -> bool:
    common = common_area(line.bounds, other.bounds)
    return common > _SAME_LINE * (line.area + other.area - common)


def _open(scene: Scene, hopes: list[_Hope], plates: Sequence[Plate]) -> list[_Hope]:
    """Return the proposals that are on no vehicle whose plate is certain."""
    if scene.mode == "redaction":
        return hopes
    known = settled(plates, _SURE)
    return [hope for hope in hopes if id(hope.vehicle) not in known]


def _is_other_reading(hope: _Hope, best: _Hope) -> bool:
    return hope is best or (
        hope.promise > best.promise - _RIVAL
        and any(overlap(line, other) > _SAME_PLACE for line in hope.proposal.lines for other in best.proposal.lines)
    )


def settled(plates: Sequence[Plate], chance: float) -> set[int]:
    """Return the identities of the vehicles whose plates are certain."""
    return {id(plate.vehicle) for plate in plates if plate.chance >= chance and plate.vehicle}


def _one_line(lines: Sequence[Reading]) -> npt.NDArray[np.float32]:
    if len(lines) == 1:
        return lines[0].log_probabilities
    return np.concatenate([line.log_probabilities for line in lines])


def _what_is_read_where(plate: Plate) -> tuple[int, str]:
    # A proposal cannot be a key, so its identity is used.
    return id(plate.proposal), plate.candidates[0].plate
