"""Fields of the plate-recognizer node that are about messages: where the image is, what comes out, what is shown."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from scripts.node_red import NodeRed
from tests.contract.server import PLATE, Service

from .driver import PICTURE_IN_FLOW, deployed
from .flows import NODE, PICTURE, driven, node, plate_recognizer

WRAPPED = "\r\n".join(re.findall(".{1,76}", base64.b64encode(PICTURE).decode()))


def plate(text: str, score: float) -> dict[str, Any]:
    return {**PLATE, "plate": text, "score": score}


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(PICTURE, id="Buffer"),
        pytest.param(base64.b64encode(PICTURE).decode(), id="base64"),
        pytest.param(f"data:image/jpeg;base64,{WRAPPED}", id="data address with line breaks"),
        pytest.param({"type": "Buffer", "data": list(PICTURE)}, id="JSON form of a Buffer"),
    ],
)
async def test_the_image_may_come_in_any_of_the_documented_forms(red: NodeRed, sdk: Service, payload: Any) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
        await driver.message(payload=payload)
    assert sdk.calls[0].form.upload == PICTURE


@pytest.mark.parametrize("kind", ["Uint8Array", "ArrayBuffer"])
async def test_the_image_may_be_in_a_typed_array(red: NodeRed, sdk: Service, kind: str) -> None:
    prepare = {
        "Uint8Array": "msg.payload = new Uint8Array(msg.payload);",
        "ArrayBuffer": "msg.payload = new Uint8Array(msg.payload).buffer;",
    }[kind]
    async with deployed(red, driven(plate_recognizer(url=sdk.url), prepare=prepare)) as driver:
        outcome = await driver.message(payload=PICTURE)
    assert outcome.result["payload"]["status"] == 201
    assert sdk.calls[0].form.upload == PICTURE


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a.b[2].c", {"a": {"b": [0, 1, {"c": PICTURE}]}}),
        ('a["x y"]', {"a": {"x y": PICTURE}}),
        ("payload[msg.index]", {"payload": {"left": 1, "right": PICTURE}, "index": "right"}),
    ],
)
async def test_the_input_field_is_any_property_expression(
    red: NodeRed, sdk: Service, expression: str, message: dict[str, Any]
) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, inputField=expression))) as driver:
        await driver.message(**message)
    assert sdk.calls[0].form.upload == PICTURE


@pytest.mark.parametrize(
    ("expression", "message", "found"),
    [
        ("result.of.car", {}, ["result", "of", "car"]),
        ('result["x y"][1].plates', {}, ["result", "x y", 1, "plates"]),
        ("result[msg.index]", {"index": "left"}, ["result", "left"]),
        ("payload.results", {"image": PICTURE}, ["payload", "results"]),
    ],
)
async def test_the_output_field_is_any_property_expression_whose_parents_are_made(
    red: NodeRed, sdk: Service, expression: str, message: dict[str, Any], found: list[str | int]
) -> None:
    config = {"inputField": "image", "outputField": expression}
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        outcome = await driver.message(**{"image": PICTURE, **message})
    value: Any = outcome.result
    for key in found:
        value = value[key]
    assert value["results"] == [PLATE]


async def test_an_output_field_below_a_text_is_an_error_of_the_message(red: NodeRed, sdk: Service) -> None:
    config = {"inputField": "image", "outputField": "payload.results"}
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        outcome = await driver.message(image=PICTURE, payload="a text")
    assert outcome.error["error"]["code"] == 400
    assert outcome.error["payload"] == "a text"


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("none", None),
        ("count", "3 plates"),
        ("plates", "NHK552,AB123,S0K92H"),
        ("scores", "NHK552(90%),AB123(94%),S0K92H(96%)"),
    ],
)
async def test_the_status_shows_what_the_field_says(
    red: NodeRed, sdk: Service, setting: str, shown: str | None
) -> None:
    sdk.results = [plate("nhk552", 0.903), plate("ab123", 0.94), plate("s0k92h", 0.96)]
    async with deployed(red, driven(plate_recognizer(url=sdk.url, statusText=setting))) as driver:
        with sdk.holding():
            message = await driver.send(payload=PICTURE_IN_FLOW)
            assert await driver.status("recognizing") == {"fill": "blue", "shape": "dot", "text": "recognizing"}
        outcome = await driver.outcome(message)
    assert outcome.statuses[-1] == ({"fill": "blue", "shape": "dot", "text": shown} if shown else {})


@pytest.mark.parametrize(("plates", "shown"), [(0, "0 plates"), (1, "1 plate"), (2, "2 plates")])
async def test_an_old_flow_without_the_status_field_shows_the_count(
    red: NodeRed, sdk: Service, plates: int, shown: str
) -> None:
    sdk.results = [PLATE] * plates
    async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.statuses[-1]["text"] == shown


@pytest.mark.parametrize("fault", [None, "500", "stall"])
async def test_a_busy_node_skips_images_and_completes_them_until_the_one_before_ends_in_any_way(
    red: NodeRed, sdk: Service, fault: str | None
) -> None:
    tested = plate_recognizer(url=sdk.url, ignoreDuring=True, timeout=1 if fault == "stall" else 30)
    async with deployed(red, driven(tested)) as driver:
        if fault:
            sdk.faults.append(fault)
        with sdk.holding():
            first = await driver.send(payload=PICTURE_IN_FLOW)
            await sdk.arrived(1)
            skipped = await driver.message(payload=PICTURE_IN_FLOW)
        await driver.ended(first)
        after = await driver.message(payload=PICTURE_IN_FLOW)
    assert (skipped.outputs, skipped.caught, skipped.completed) == ({}, [], 1)
    assert {"fill": "yellow", "shape": "ring", "text": "recognizing"} in skipped.statuses
    assert after.result["payload"]["status"] == 201
    assert len(sdk.calls) == 2


async def test_a_node_that_does_not_ignore_recognizes_images_side_by_side(red: NodeRed, sdk: Service) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, ignoreDuring=False))) as driver:
        with sdk.holding():
            messages = [await driver.send(payload=PICTURE_IN_FLOW) for _ in range(5)]
            await sdk.arrived(5)
        for message in messages:
            assert (await driver.outcome(message)).result["payload"]["status"] == 201


async def test_separate_messages_leave_in_order_with_the_parts_of_a_sequence(red: NodeRed, sdk: Service) -> None:
    plates = [plate(text, 0.9) for text in ("one", "two", "three")]
    sdk.results = plates
    async with deployed(red, driven(plate_recognizer(url=sdk.url, separateMsg=True))) as driver:
        outer = {"id": "outer", "index": 0, "count": 2}
        outcome = await driver.message(payload=PICTURE_IN_FLOW, topic="gate", parts=outer)
    assert outcome.completed == 1
    messages = outcome.outputs[1]
    assert [message["payload"]["results"] for message in messages] == plates
    assert [message["parts"]["index"] for message in messages] == [0, 1, 2]
    assert {message["topic"] for message in messages} == {"gate"}
    assert {message["parts"]["id"] for message in messages} == {messages[0]["parts"]["id"]}
    for message in messages:
        assert {"type": "array", "count": 3, "parts": outer}.items() <= message["parts"].items()


async def test_separate_messages_without_a_plate_are_one_message(red: NodeRed, sdk: Service) -> None:
    sdk.results = []
    async with deployed(red, driven(plate_recognizer(url=sdk.url, separateMsg=True))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.result["payload"]["results"] == {}
    assert "parts" not in outcome.result


async def test_a_join_node_puts_separate_messages_together(red: NodeRed, sdk: Service) -> None:
    sdk.results = [plate(text, 0.9) for text in ("one", "two")]
    flow = driven(plate_recognizer(url=sdk.url, separateMsg=True))
    recognizer = next(part for part in flow if part["id"] == NODE)
    recognizer["wires"][0] = ["join"]
    flow.append(node("join", "join", mode="auto", build="array", property="payload", wires=[["output 1"]]))
    async with deployed(red, flow) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
        joined = await driver.events.until(lambda all_: [event for event in all_ if event.kind == "output 1"])
    assert outcome.completed == 1
    assert [part["results"]["plate"] for part in joined[0].message["payload"]] == ["one", "two"]


async def test_a_join_node_gives_back_parts_that_could_not_travel(red: NodeRed, sdk: Service) -> None:
    sdk.results = [plate(text, 0.9) for text in ("one", "two")]
    prepare = 'msg.parts = { count: undefined, callback: () => "called" };'
    observe = """
    message.facts = [Object.keys(msg.parts), typeof msg.parts.count, msg.parts.callback()];
    """
    flow = driven(plate_recognizer(url=sdk.url, separateMsg=True), prepare=prepare, observe=observe)
    recognizer = next(part for part in flow if part["id"] == NODE)
    recognizer["wires"][0] = ["join"]
    flow.append(node("join", "join", mode="auto", build="array", property="payload", wires=[["output 1"]]))
    async with deployed(red, flow) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
        joined = await driver.events.until(lambda all_: [event for event in all_ if event.kind == "output 1"])
    assert [part["results"]["plate"] for part in joined[0].message["payload"]] == ["one", "two"]
    assert joined[0].message["facts"] == [["count", "callback"], "undefined", "called"]
