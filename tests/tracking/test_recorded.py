"""What the embedded engine read in pictures of drawn cars becomes one event for each car.

Recorded by `npm run benchmark:events -- --passes 24 --half development --readings FILE`, without photographs; plates
are invented. Each line is a pass. 6 of the 126 readings are wrong.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from python_worker.tracking import Settings
from tests.benchmarks.events.readings import ReadPass
from tests.benchmarks.events.score import Score, score

RECORDED = Path(__file__).parent / "recorded.jsonl"
PASSES = [ReadPass(**json.loads(line)) for line in RECORDED.read_text("utf-8").splitlines()]

ARRIVALS = Settings()
DEPARTURES = Settings(arrived=False, left=True)


@pytest.mark.parametrize("settings", [ARRIVALS, DEPARTURES], ids=["when a car arrives", "when it has left"])
@pytest.mark.parametrize("recorded", PASSES, ids=lambda recorded: recorded.name)
def test_each_car_of_a_recorded_pass_gives_one_event_with_its_plate(recorded: ReadPass, settings: Settings) -> None:
    found = score(recorded, settings)
    assert not found.failures
    assert (found.events, found.once, found.right) == (len(recorded.cars),) * 3


def test_taking_each_new_text_as_a_car_tells_of_more_cars_than_there_are() -> None:
    found = Score()
    for recorded in PASSES:
        found.add(score(recorded, ARRIVALS))
    assert found.naive_events > found.events == found.cars == 30
    assert found.readings - found.readings_right == 6
