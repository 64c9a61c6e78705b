"""The example flows, as they are in the import menu: embedded engine, and pictures that Node-RED serves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from python_worker.samples import SAMPLES
from scripts.node_red import Flow, NodeRed
from scripts.tools import PACKAGE, ROOT

from .comms import Notice, editing

EXAMPLES = {path.stem: path for path in (ROOT / "flows").glob("*.json")}


def example(name: str) -> Flow:
    flow: Flow = json.loads(EXAMPLES[name].read_text())
    return flow


def named(flow: Flow, kind: str, name: str) -> str:
    (found,) = [node["id"] for node in flow if node["type"] == kind and node["name"] == name]
    return str(found)


def plates(answer: dict[str, Any]) -> set[str]:
    return {result["plate"].upper() for result in answer["results"]}


async def test_the_basic_example_reads_its_picture(red: NodeRed) -> None:
    flow = example("01 - Basic")
    async with editing(red) as editor:
        await red.deploy(flow)
        message = await editor.press(named(flow, "inject", "one-car.jpg"), named(flow, "debug", ""))
    assert plates(message["payload"]) == {"NHK552"}
    assert message["payload"]["status"] == 201


async def test_each_case_of_the_cases_example_shows_the_plates_of_its_picture(red: NodeRed) -> None:
    flow = example("02 - Different cases")
    async with editing(red) as editor:
        await red.deploy(flow)
        debug = named(flow, "debug", "Normal recognitions")
        shown = {name: plates(await editor.press(named(flow, "inject", name), debug)) for name in SAMPLES}
    assert shown == {name: set(expected) for name, expected in SAMPLES.items()}


async def test_the_cases_example_shows_a_missing_picture_at_its_errors_node(red: NodeRed) -> None:
    flow = example("02 - Different cases")
    for node in flow:
        if node["type"] == "http request":
            # Otherwise its own error goes to Catch nodes, and the recognizer gets nothing.
            node.update(url=f"{red.url}/resources/{PACKAGE}/samples/no-such.jpg", senderr=False)
    async with editing(red) as editor:
        await red.deploy(flow)
        answer = await editor.press(named(flow, "inject", "truck.jpg"), named(flow, "debug", "Errors"))
    assert answer["status"] == 400


async def test_the_gate_example_opens_for_a_listed_plate_alone(red: NodeRed) -> None:
    flow = example("06 - Gate")
    async with editing(red) as editor:
        await red.deploy(flow)
        known = await editor.press(named(flow, "inject", "one-car.jpg"), named(flow, "debug", "Gate"))
        unknown = await editor.press(
            named(flow, "inject", "another-car-at-angle.jpg"), named(flow, "debug", "Stays closed")
        )
    assert (known["payload"], known["match"]["name"]) == ("open", "Alice")
    assert (unknown["known"], unknown["reason"]) == (False, "not listed")
    assert unknown["nearest"][0]["entry"]["plate"] == "NHK 552"


async def test_the_learning_example_learns_a_plate_and_forgets_it(red: NodeRed) -> None:
    flow = example("07 - Learn a plate by button")

    async def press(button: str, debug: str) -> Any:
        return await editor.press(named(flow, "inject", button), named(flow, "debug", debug))

    async with editing(red) as editor:
        await red.deploy(flow)
        assert (await press("Who is it?", "Unknown"))["reason"] == "not listed"
        assert (await press("Learn this plate", "Changes"))["entries"][0]["name"] == "Alice"
        await red.deploy(flow)
        assert (await press("Who is it?", "Known"))["group"] == "guests"
        assert [entry["where"] for entry in (await press("Show the list", "Changes"))["entries"]] == ["learnt"]
        assert (await press("Forget this plate", "Changes"))["learnt"] == 0
        assert (await press("Who is it?", "Unknown"))["reason"] == "not listed"


async def test_the_statistics_example_counts_a_recognition(red: NodeRed) -> None:
    basic, statistics = example("01 - Basic"), example("03 - Statistics")
    inject, debug = named(statistics, "inject", "Get statistics"), named(statistics, "debug", "Plate statistics")
    async with editing(red) as editor:
        await red.deploy([*basic, *statistics])
        before = (await editor.press(inject, debug))["usage"]["calls"]
        await editor.press(named(basic, "inject", "one-car.jpg"), named(basic, "debug", ""))
        after = (await editor.press(inject, debug))["usage"]["calls"]
    assert after == before + 1


async def test_the_example_with_snapshots_tells_each_car_once_and_when_it_has_left(red: NodeRed) -> None:
    flow = example("04 - One message per car")
    debug = named(flow, "debug", "Cars")

    def told(notices: list[Notice]) -> list[tuple[str, str]]:
        shown = [json.loads(notice.data["msg"]) for notice in notices if notice.topic == "debug"]
        return [(one["event"], one["plate"]) for one in shown]

    async with editing(red) as editor:
        await red.deploy(flow)
        await editor.press(named(flow, "inject", "One car"), debug)
        await editor.press(named(flow, "inject", "Two cars"), debug)
        await editor.notices.until(lambda notices: ("left", "nhk552") in told(notices))
        await editor.press(named(flow, "inject", "Nobody"), debug)
        await editor.notices.until(lambda notices: len(told(notices)) >= 6)
        cars = told(list(editor.notices))
        await red.deploy([])
    plates = ["ab123cd", "klm482", "nhk552"]
    assert sorted(cars) == [(event, plate) for event in ("arrived", "left") for plate in plates]
    assert cars[0] == ("arrived", "nhk552")


async def test_the_counting_example_counts_a_car_once(red: NodeRed) -> None:
    flow = example("05 - Daily count")
    debug = named(flow, "debug", "Cars of today")
    async with editing(red) as editor:
        await red.deploy(flow)
        assert (await editor.press(named(flow, "inject", "Show the count"), debug))["count"] == 0
        first = await editor.press(named(flow, "inject", "one-car.jpg"), debug)
        assert (first["count"], first["plates"]) == (1, {"nhk552": 1})
        last = await editor.press(named(flow, "inject", "truck.jpg"), debug)
    assert (last["count"], last["plates"]) == (2, {"nhk552": 1, "pwa926": 1})


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_needs_no_account_and_says_how_it_works(name: str) -> None:
    flow = example(name)
    services = [node["url"] for node in flow if node["type"] in ("plate-recognizer", "plate-statistics")]
    assert services == ["embedded:"]
    comment = next(node for node in flow if node["type"] == "comment" and node["name"] == "Read me first")
    assert "Deploy" in comment["info"]


def test_the_examples_need_no_other_package() -> None:
    core = {"tab", "comment", "inject", "http request", "debug", "change", "function"}
    kinds = {node["type"] for name in EXAMPLES for node in example(name)}
    assert kinds == core | {"plate-recognizer", "plate-statistics", "plate-events", "plate-list"}
