"""The plate-events node in a real Node-RED."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from scripts.node_red import NodeRed
from tests.contract.server import PLATE

from .driver import PICTURE_IN_FLOW, Driver, deployed
from .driver import Event as Observed
from .flows import driven, node, plate_events

HOUR = 3600

_holds = itertools.count(1000)


def fresh(**config: Any) -> dict[str, Any]:
    """Return a node that no other test's cars are left to: all have the same id, but settings of their own."""
    return plate_events(**{"hold": next(_holds), **config})


def answer(*plates: str, **more: Any) -> dict[str, Any]:
    """Return a recognizer's answer."""
    results = [{**PLATE, "plate": plate, "candidates": [{"plate": plate, "score": 0.9}]} for plate in plates]
    return {"results": results, "status": 201, **more}


async def told(driver: Driver, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many events were sent, and return their messages."""

    def events(all_: list[Observed]) -> list[dict[str, Any]]:
        return [one.message for one in all_ if one.kind == "output 1"]

    await driver.events.until(lambda all_: len(events(all_)) >= count)
    return events(list(driver.events))


async def test_many_pictures_of_a_car_give_one_message_and_each_is_completed(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(wait=HOUR))) as driver:
        for _ in range(5):
            outcome = await driver.message(payload=answer("nhk552"), topic="gate", image=PICTURE_IN_FLOW)
            assert (outcome.completed, outcome.caught, outcome.outputs) == (1, [], {})
        (event,) = await told(driver)
        await driver.status("NHK552, 1 car")
    assert event["topic"] == "gate"
    assert "$base64" in event["image"]
    payload = event["payload"]
    assert (payload["event"], payload["plate"], payload["camera_id"]) == ("arrived", "nhk552", "gate")
    assert payload["pictures"] == 2


async def test_a_single_picture_is_told_after_the_wait_and_the_car_leaves_after_the_hold_time(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(wait=0.2, hold=1, when="both"))) as driver:
        await driver.message(payload=answer("nhk552", camera_id="yard"), topic="gate")
        arrived, left = await told(driver, 2)
        await driver.status("NHK552, 0 cars")
    assert (arrived["payload"]["event"], left["payload"]["event"]) == ("arrived", "left")
    assert arrived["payload"]["id"] == left["payload"]["id"]
    assert arrived["topic"] == "yard"
    assert "image" not in arrived
    assert arrived["_msgid"] != left["_msgid"]


async def test_fields_and_camera_are_any_property(red: NodeRed) -> None:
    config = {"inputField": "plates.found", "pictureField": "car.picture", "outputField": "car.event", "wait": 0}
    events = fresh(**config, cameraId="place[0]", cameraIdType="msg")
    async with deployed(red, driven(events)) as driver:
        car = {"picture": PICTURE_IN_FLOW}
        await driver.message(plates={"found": answer("nhk552")}, place=["door", 2], car=car)
        (event,) = await told(driver)
    assert event["car"]["event"]["plate"] == "nhk552"
    assert event["car"]["event"]["camera_id"] == event["topic"] == "door"
    assert event["car"]["picture"]["type"] == "Buffer"
    assert "plates" not in event


async def test_one_message_for_each_plate_does_as_well(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(wait=0))) as driver:
        for plate, left in (("nhk552", 100), ("klm482", 700)):
            box = {**PLATE["box"], "xmin": left, "xmax": left + 100}
            (result,) = answer(plate)["results"]
            await driver.message(payload={**answer(), "results": {**result, "box": box, "vehicle": None}})
        await driver.message(payload={**answer(), "results": {}})
        events = await told(driver, 2)
    assert [event["payload"]["plate"] for event in events] == ["nhk552", "klm482"]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("nhk552", "No results in msg.payload: it is text"),
        ({"plate": "nhk552"}, "an object without results"),
        ({"results": [{"plate": "nhk552", "score": 7}]}, r"results[0].score must be a number from 0 to 1, not 7"),
    ],
)
async def test_results_that_cannot_be_used_go_to_the_second_output(red: NodeRed, payload: Any, words: str) -> None:
    async with deployed(red, driven(fresh(wait=HOUR))) as driver:
        await driver.message(payload=answer("nhk552"))
        refused = (await driver.message(payload=payload)).refused
        assert refused["payload"]["status"] == 400
        assert words in refused["payload"]["error"]["message"]
        assert refused["failedInput"] == payload
        await driver.message(payload=answer("nhk552"))
        (event,) = await told(driver)
    assert event["payload"]["pictures"] == 2


async def test_without_a_second_output_catch_nodes_get_what_cannot_be_used(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(), outputs=1)) as driver:
        error = (await driver.message(payload=5)).error
    assert error["payload"] == 5
    assert "No results in msg.payload" in error["error"]["message"]


async def test_cars_outlive_a_deploy_and_give_no_second_event(red: NodeRed) -> None:
    flow = driven(fresh(wait=HOUR))
    async with deployed(red, flow) as driver:
        await driver.message(payload=answer("nhk552"))
        await driver.message(payload=answer("klm482"))
        await driver.message(payload=answer("klm482"))
        assert len(await told(driver)) == 1
    async with deployed(red, [*flow, node("comment", "new")]) as driver:
        await driver.message(payload=answer("klm482"))
        await driver.message(payload=answer("nhk552"))
        (event,) = await told(driver)
    assert (event["payload"]["plate"], event["payload"]["pictures"]) == ("nhk552", 2)


async def test_other_settings_begin_without_cars(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(wait=HOUR))) as driver:
        await driver.message(payload=answer("nhk552"))
        await driver.message(payload=answer("nhk552"))
        await told(driver)
    async with deployed(red, driven(fresh(wait=0))) as driver:
        await driver.message(payload=answer("nhk552"))
        (event,) = await told(driver)
    assert event["payload"]["pictures"] == 1


async def test_a_node_with_settings_that_cannot_be_used_says_why(red: NodeRed) -> None:
    async with deployed(red, driven(fresh(pictureField="payload.image"))) as driver:
        refused = (await driver.message(payload=answer("nhk552"))).refused
    assert "pictureField must be another property than outputField" in refused["payload"]["error"]["message"]
