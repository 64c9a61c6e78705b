"""How passes of cars are drawn, read and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from python_worker.engine import PlateReader
from python_worker.tracking import Settings

from .events.passes import KINDS, passes
from .events.readings import ReadPass, load, read_passes, save
from .events.score import score


def _pass(cars: list[list[str]], *pictures: tuple[float, list[str]]) -> ReadPass:
    def results(texts: list[str]) -> list[dict[str, Any]]:
        return [{"plate": text.lower(), "score": 0.9} for text in texts]

    return ReadPass("000 test", "approaches", cars, [(1e9 + moment, results(texts)) for moment, texts in pictures])


def test_passes_are_the_same_again_of_all_kinds_and_the_halves_differ() -> None:
    first, again, held = passes(24, [], False), passes(24, [], False), passes(24, [], True)
    assert [one.kind for one in first] == list(KINDS) * 2
    assert [(one.cars, [frame.time for frame in one.frames]) for one in first] == [
        (one.cars, [frame.time for frame in one.frames]) for one in again
    ]
    assert first[0].frames[-1].draw() == again[0].frames[-1].draw()
    assert not {plates for one in first for plates in one.cars} & {plates for one in held for plates in one.cars}


def test_a_drawn_pass_is_read_kept_in_a_file_and_told_once(tmp_path: Path) -> None:
    one_picture = next(one for one in passes(12, [], False) if one.kind == "one picture")
    read = read_passes([one_picture], PlateReader())
    save(tmp_path / "readings.json", {"held": read})
    (kept,) = load(tmp_path / "readings.json")["held"]
    found = score(kept, Settings())
    assert (found.cars, found.once, found.right, found.naive_right, found.readings_right) == (1, 1, 1, 1, 1)


def test_a_misread_picture_counts_against_those_who_take_each_text_as_a_car() -> None:
    found = score(_pass([["KAB123"]], (0, ["KAB123"]), (1, ["KAB128"]), (2, ["KAB123"])), Settings())
    assert (found.events, found.once, found.right) == (1, 1, 1)
    assert (found.naive_events, found.naive_once, found.naive_right) == (2, 0, 0)
    assert (found.readings, found.readings_right, found.readable) == (3, 2, 1)


def test_an_event_of_nobody_and_a_car_without_one_are_failures() -> None:
    nobody = score(_pass([], (0, ["KAB123"])), Settings())
    assert (nobody.cars, nobody.events, len(nobody.failures)) == (0, 1, 1)
    missed = score(_pass([["KAB123"]], (0, [])), Settings())
    assert (missed.once, missed.readable, len(missed.failures)) == (0, 0, 1)


def test_o_and_0_are_alike_in_the_lenient_count_alone() -> None:
    found = score(_pass([["KOB120"]], (0, ["K0B12O"])), Settings())
    assert (found.once, found.right, found.lenient, found.failures) == (1, 0, 1, [])


def test_a_plate_that_comes_twice_needs_two_events() -> None:
    cars = [["KAB123"], ["KAB123"]]
    assert score(_pass(cars, (0, ["KAB123"]), (900, ["KAB123"])), Settings()).once == 2
    assert score(_pass(cars, (0, ["KAB123"]), (9, ["KAB123"])), Settings()).once == 1
