"""The plate-list node in a real Node-RED."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from scripts.node_red import NodeRed

from .conftest import SETTINGS, user_directory
from .driver import Driver, deployed
from .flows import driven, node, plate_list

RESULT = {
    "plate": "nhk552",
    "plate_text": "NHK 552",
    "score": 0.9,
    "candidates": [{"plate": "nhk552", "score": 0.9}, {"plate": "nhk55z", "score": 0.2}],
}
TABLE = ["plate,name,group,from,until,weekdays,hours,note", 'NHK 552,"Müller, Alice",family', "AB 1"]


def listed(**config: Any) -> Any:
    return driven(plate_list(**config), outputs=4)


async def ports(driver: Driver, payload: Any, **message: Any) -> dict[int, list[Any]]:
    """Send a message; return the matches at each output. Nothing else may come of it."""
    outcome = await driver.message(payload=payload, **message)
    assert (outcome.completed, outcome.caught) == (1, [])
    return {port: [each["match"] for each in messages] for port, messages in outcome.outputs.items()}


async def test_known_and_unknown_plates_and_errors_leave_apart(red: NodeRed) -> None:
    async with deployed(red, listed(entries=TABLE)) as driver:
        ((known,),) = (await ports(driver, {"results": [RESULT]})).values()
        assert (known["known"], known["name"], known["reason"]) == (True, "Müller, Alice", "exact")
        ((unknown,),) = (await ports(driver, "NHK 55Z")).values()
        assert (unknown["known"], unknown["nearest"][0]["entry"]["name"]) == (False, "Müller, Alice")
        assert list(await ports(driver, {"results": [RESULT]})) == [1]
        assert list(await ports(driver, "XYZ")) == [2]
        ((error,),) = (await ports(driver, {"no": "plate"})).values()
        assert error["error"]["code"] == 400
        assert await ports(driver, {"results": []}) == {}


async def test_each_plate_of_a_picture_is_a_message_and_keeps_the_others_properties(red: NodeRed) -> None:
    async with deployed(red, listed(entries=TABLE)) as driver:
        outcome = await driver.message(payload=[RESULT, "AB 1", "AB 2"], topic="gate")
    assert {port: [each["match"]["read"] for each in messages] for port, messages in outcome.outputs.items()} == {
        1: ["NHK552", "AB1"],
        2: ["AB2"],
    }
    assert {each["topic"] for messages in outcome.outputs.values() for each in messages} == {"gate"}


async def test_an_error_goes_to_catch_nodes_where_nothing_is_wired(red: NodeRed) -> None:
    async with deployed(red, driven(plate_list(entries=TABLE), outputs=2)) as driver:
        error = (await driver.message(payload=5)).error
    assert error["match"]["error"]["message"].startswith("msg.payload is no plate")


async def test_what_was_learnt_outlives_a_deploy_and_a_restart_of_node_red(
    line: str, packages: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    directory = user_directory(tmp_path, packages)
    flow = listed(entries=TABLE)
    async with NodeRed(line, directory, settings=SETTINGS, environment=environment) as red:
        async with deployed(red, flow) as driver:
            added = (await ports(driver, "B-AB 123", action="add", entry={"name": "Bob"}))[4][0]
            assert (added["kept"], added["learnt"]) == (True, 1)
        async with deployed(red, flow) as driver:
            assert (await ports(driver, "bab123"))[1][0]["name"] == "Bob"
    async with (
        NodeRed(line, directory, settings=SETTINGS, environment=environment) as red,
        deployed(red, flow) as driver,
    ):
        assert (await ports(driver, "bab123"))[1][0]["name"] == "Bob"
        assert (await ports(driver, "bab123", action="remove"))[4][0]["learnt"] == 0
        assert list(await ports(driver, "bab123")) == [2]


async def test_what_was_learnt_outlives_a_crash_of_the_worker(own: NodeRed) -> None:
    from .processes import worker_of

    async with deployed(own, listed()) as driver:
        await ports(driver, "B-AB 123", action="add")
        os.kill(await worker_of(own), signal.SIGKILL)
        # What comes before Node-RED sees it fails.
        while list(answer := await ports(driver, "BAB123")) == [3]:
            assert answer[3][0]["status"] == 503
        assert list(answer) == [1]


async def test_a_list_comes_from_the_flows_context(red: NodeRed) -> None:
    flow = listed(source="property", list="plates", listType="flow")
    setter = node("function", "setter", func='flow.set("plates", msg.plates); return null;', outputs=0)
    entry = next(each for each in flow if each["id"] == "prepare")
    entry["wires"][0].insert(0, "setter")
    async with deployed(red, [*flow, setter]) as driver:
        plates = [{"plate": "B-AB 123", "name": "Alice"}]
        assert (await ports(driver, "BAB123", plates=plates))[1][0]["name"] == "Alice"
        assert list(await ports(driver, "BAB123", plates=["M-XY 88"])) == [2]
        assert (await ports(driver, "BAB123"))[3][0]["error"]["message"].startswith("flow.plates holds no list")


async def test_a_file_that_changes_is_followed(red: NodeRed, tmp_path: Path) -> None:
    path = tmp_path / "plates.csv"

    def write(content: str, ago: int) -> None:
        path.write_text(content, "utf-8")
        os.utime(path, (time.time() - ago, time.time() - ago))

    write("plate;name\nNHK 552;Alice\n", 90)
    async with deployed(red, listed(source="file", file=str(path))) as driver:
        assert (await ports(driver, "NHK 552"))[1][0]["name"] == "Alice"
        write("plate;name\nNHK 552;Bob\n", 60)
        assert (await ports(driver, "NHK 552"))[1][0]["name"] == "Bob"
        write('plate;name\nNHK 552;"Bo', 30)
        match = (await ports(driver, "NHK 552"))[1][0]
        assert (match["name"], "the last good list stays in use" in match["warning"]) == ("Bob", True)


async def test_a_long_table_travels(red: NodeRed) -> None:
    row = '"A resident, and another",residents,2026-01-01,2036-12-31,mon-sun,00:00-24:00,"parks in row 7, place 12"'
    lines = [TABLE[0], *(f"B-AB {number},{row}" for number in range(2000))]
    objects = [{"plate": f"B-AB {number}", "name": "A", "group": "b", "note": "c"} for number in range(2000)]
    for entries in (lines, objects):
        async with deployed(red, listed(entries=entries)) as driver:
            assert list(await ports(driver, "BAB1999")) == [1]
            assert list(await ports(driver, "BAB2000")) == [2]
