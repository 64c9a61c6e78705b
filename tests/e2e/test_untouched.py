"""Whatever else is in a message stays in Node-RED, and comes out as the very same thing."""

from __future__ import annotations

import aiohttp

from scripts.node_red import NodeRed
from tests.contract.server import PLATE, Service

from .driver import PICTURE_IN_FLOW, deployed
from .flows import NODE, PICTURE, driven, node, plate_recognizer

PREPARE = """
class Reading { constructor() { this.value = 42; } double() { return 2 * this.value; } }
msg.func = () => "called";
msg.cycle = { name: "loop" };
msg.cycle.self = msg.cycle;
msg.date = new Date(0);
msg.reading = new Reading();
msg.nothing = undefined;
msg.map = new Map([["a", 1]]);
msg.big = Buffer.alloc(10 * 1024 * 1024, 7);
msg.symbol = Symbol.for("kept");
msg.number = 12345678901234567890n;
global.set("kept", { ...msg });
"""

OBSERVE = """
const kept = global.get("kept");
message.facts = {
    identical: Object.keys(kept).filter((key) => key !== "payload" && msg[key] === kept[key]),
    changed: Object.keys(kept).filter((key) => key !== "payload" && msg[key] !== kept[key]),
    called: msg.func(),
    cyclic: msg.cycle.self === msg.cycle,
    year: msg.date.getUTCFullYear(),
    doubled: msg.reading.double(),
    has_nothing: "nothing" in msg && msg.nothing === undefined,
    mapped: msg.map.get("a"),
};
delete message.big;
"""

FACTS = {"called": "called", "cyclic": True, "year": 1970, "doubled": 84, "has_nothing": True, "mapped": 1}
KEPT = {"id", "func", "cycle", "date", "reading", "nothing", "map", "big", "symbol", "number"}


async def test_properties_that_cannot_travel_are_the_same_objects_afterwards(red: NodeRed, sdk: Service) -> None:
    flow = driven(plate_recognizer(url=sdk.url), prepare=PREPARE, observe=OBSERVE)
    async with deployed(red, flow) as driver:
        good = await driver.message(payload=PICTURE_IN_FLOW)
        sdk.faults.append("403")
        failed = await driver.message(payload=PICTURE_IN_FLOW)
    for message in (good.result, failed.refused):
        facts = message["facts"]
        assert facts["changed"] == []
        assert set(facts["identical"]) >= KEPT
        assert FACTS.items() <= facts.items()


async def test_the_image_stays_when_the_result_goes_elsewhere(red: NodeRed, sdk: Service) -> None:
    flow = driven(plate_recognizer(url=sdk.url, outputField="recognition"), prepare=PREPARE, observe=OBSERVE)
    async with deployed(red, flow) as driver:
        outcome = await driver.message(payload=PICTURE)
    assert outcome.result["facts"]["changed"] == []
    assert outcome.result["recognition"]["results"] == [PLATE]


async def test_an_http_request_is_answered_after_its_message_went_through_the_node(red: NodeRed, sdk: Service) -> None:
    """`req` and `res` are live objects of the web server."""
    flow = driven(plate_recognizer(url=sdk.url, inputField="req.files[0].buffer"))
    recognizer = next(part for part in flow if part["id"] == NODE)
    recognizer["wires"] = [["answer"], ["answer"]]
    flow += [
        node("http in", "upload", url="/plates", method="post", upload=True, wires=[[NODE]]),
        node("http response", "answer"),
    ]
    form = aiohttp.FormData()
    form.add_field("picture", PICTURE, filename="car.jpg", content_type="image/jpeg")
    async with deployed(red, flow):
        answer = await red.request("POST", "/plates", data=form)
    assert answer["results"] == [PLATE]
    assert sdk.calls[0].form.upload == PICTURE
