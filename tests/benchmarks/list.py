"""`npm run benchmark:list`: what lists of known plates decide, how often wrongly, and how fast.

- Decisions: the table of `tests/known/decisions.py`, at each limit.
- Openings: lists of random plates of one country, by its formats in `formats.json`. Before them come other random
  plates of that country, which must stay unknown, and the listed ones, which should be known. All are read in two ways:
  rightly; and badly, as in the dark: each character is taken for another with a chance of 5 %, mostly for one that is
  like it, and three candidates with other characters come with the reading.
- Time: of one decision.

The random numbers are always the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import partial

import numpy as np

from python_worker import confusable
from python_worker.engine.patterns import expand
from python_worker.engine.regions import known_regions
from python_worker.known.decide import LIMITS, Limit, decide
from python_worker.known.plates import KnownPlates
from python_worker.known.reading import Reading, readings
from python_worker.known.table import read_list
from python_worker.plate_text import ALPHABET

from ..known.decisions import ROWS
from .plates.timing import spread

_NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
_WRONG = 0.05
"""Chance that a character is taken for another where a plate can hardly be read."""

_ALIKE = 0.75
"""Part of these that are taken for one like it: what `benchmark:confusions` counts, 7,000 of 10,000."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="benchmark:list", description=__doc__)
    parser.add_argument("--regions", nargs="*", default=["de", "gb", "fr", "it", "br", "us-ca"], metavar="CODE")
    parser.add_argument("--plates", type=int, default=10_000, metavar="N", help="of each country (%(default)s)")
    arguments = parser.parse_args()
    _print_decisions()
    for code in arguments.regions:
        for size in (50, 1000):
            _print_openings(code, size, arguments.plates)
    for size in (50, 1000, 100_000):
        _print_times(size)


def known(plates: Sequence[str]) -> KnownPlates:
    """Return a list of plates."""
    return KnownPlates(read_list(list(plates))[0])


def random_plates(code: str, chance: np.random.Generator) -> Callable[[], str]:
    """Return what gives random plates of a region, each format as often as there."""
    formats = known_regions()[code]["formats"]
    weights = np.array([one["weight"] for one in formats], np.float64)
    sequences = [expand(one["pattern"]) for one in formats]
    sets = [[[sorted(position) for position in sequence] for sequence in several] for several in sequences]

    def plate() -> str:
        several = sets[chance.choice(len(sets), p=weights / weights.sum())]
        return "".join(position[chance.integers(len(position))] for position in several[chance.integers(len(several))])

    return plate


def badly_read(plate: str, chance: np.random.Generator) -> Reading:
    """Return a reading of a plate as from a bad picture."""
    text = "".join(_taken(one, chance) if chance.random() < _WRONG else one for one in plate)
    others: dict[str, float] = {}
    for score in (0.25, 0.12, 0.06):
        place = int(chance.integers(len(text)))
        # Candidates often set right what is wrong in the reading.
        right = plate[place] if plate[place] != text[place] and chance.random() < 0.5 else _taken(text[place], chance)
        others[text[:place] + right + text[place + 1 :]] = score
    return Reading(text, 0.55, tuple(others.items()))


def openings(plates: KnownPlates, seen: Sequence[Reading], limit: Limit) -> float:
    """Return the part of readings that are known."""
    return sum(map(partial(_is_known, plates, limit), seen)) / len(seen)


def _is_known(plates: KnownPlates, limit: Limit, reading: Reading) -> bool:
    # Where no entry is within the limit, `decide` looks for the nearest ones, and that takes most of the time.
    doubtful = LIMITS[limit]
    may_be = plates.exact(reading.text) or (doubtful and plates.within(reading, doubtful))
    return bool(may_be and decide(plates, reading, limit, _NOW)["known"])


def _taken(character: str, chance: np.random.Generator) -> str:
    others = [one for one in ALPHABET if one != character]
    alike = [one for one in others if confusable.cost(one, character) < confusable.UNLIKE]
    among = alike if alike and chance.random() < _ALIKE else others
    return among[chance.integers(len(among))]


def _print_decisions() -> None:
    print(f"{'':44}{'listed':20}{'read':24}{'exact':14}{'one':14}two")
    for row in ROWS:
        found = [_outcome(known(row.listed), readings(row.result)[0], limit) for limit in LIMITS]
        wrong = "" if found == [row.exact, row.one, row.two] else "   NOT AS EXPECTED"
        read = " ".join([row.read, *(f"or {plate} {score}" for plate, score in row.candidates)])
        print(f"{row.about:44}{', '.join(row.listed):20}{read:24}{found[0]:14}{found[1]:14}{found[2]}{wrong}")


def _outcome(plates: KnownPlates, reading: Reading, limit: Limit) -> str:
    answer = decide(plates, reading, limit, _NOW)
    return str(answer["entry"]["plate"] if answer["known"] else answer["reason"])


def _print_openings(code: str, size: int, count: int) -> None:
    chance = np.random.default_rng(16)
    plate = random_plates(code, chance)
    listed: dict[str, None] = {}
    while len(listed) < size:
        listed[plate()] = None
    others: list[str] = []
    while len(others) < count:
        other = plate()
        if other not in listed:
            others.append(other)
    plates = known(list(listed))
    mine = [list(listed)[number] for number in chance.integers(size, size=2000)]
    print(f"\n{code}, {size} listed: parts that are known")
    print(f"{'':30}" + "".join(f"{limit:>10}" for limit in LIMITS))
    for name, seen in (
        (f"{count} others, read rightly", [Reading(one) for one in others]),
        (f"{count} others, read badly", [badly_read(one, chance) for one in others]),
        ("2000 listed ones, read badly", [badly_read(one, chance) for one in mine]),
    ):
        print(f"{name:30}" + "".join(f"{openings(plates, seen, limit):10.2%}" for limit in LIMITS), flush=True)


def _print_times(size: int) -> None:
    chance = np.random.default_rng(16)
    plate = random_plates("de", chance)
    listed = [plate() for _ in range(size)]
    start = time.perf_counter()
    plates = known(listed)
    print(f"\n{size} entries: read in {time.perf_counter() - start:.3f} s; milliseconds of a decision")
    for name, seen in (
        ("listed, read rightly", [Reading(one) for one in listed[:200]]),
        ("not listed", [Reading(plate()) for _ in range(200)]),
        ("read badly", [badly_read(plate(), chance) for _ in range(200)]),
    ):
        for limit in LIMITS:
            times = []
            for one in seen:
                start = time.perf_counter()
                decide(plates, one, limit, _NOW)
                times.append((time.perf_counter() - start) * 1000)
            figures = ", ".join(f"{key} {value:.2f}" for key, value in spread(times).items())
            print(f"  {name:22}{limit:8}{figures}")


if __name__ == "__main__":
    main()
