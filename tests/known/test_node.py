"""The plate-list node in a session of the bridge."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import pytest_asyncio

from python_worker.bridge.frames import decode, encode
from python_worker.bridge.session import Session
from python_worker.schemas import WORKER_FRAMES
from python_worker.services import Services
from python_worker.values import Opaque
from tests.known.test_reading import RESULT

UNDEFINED = Opaque("undefined")
TABLE = [{"plate": "B-AB 123", "name": "Alice", "group": "family"}, {"plate": "M-XY 88"}]


class Room:
    """A session, and what it said."""

    def __init__(self, state: Path | None) -> None:
        self.said: list[dict[str, Any]] = []
        self.services = Services(state)
        self.session = Session(self.services, self._emit)
        self._changed = asyncio.Event()
        self._needs: dict[int, list[list[Any]]] = {}
        self._messages = 0

    def _emit(self, data: bytes) -> None:
        frame = msgpack.unpackb(data, strict_map_key=False, timestamp=3)
        WORKER_FRAMES[frame["ctx"]].validate(frame)
        self.said.append(frame)
        self._changed.set()

    def _receive(self, frame: dict[str, Any]) -> None:
        ((read, size),) = decode([encode(frame)])
        self.session.receive(read, size)

    def open(self, node: int = 1, *, id: str = "f1", **config: Any) -> None:
        value = {"type": "plate-list", "id": id, "config": config, "credentials": {}}
        self._receive({"ctx": "open", "node": node, "value": value})
        ready = [frame for frame in self.said if frame["ctx"] == "ready" and frame["node"] == node][-1]
        self._needs[node] = ready["value"]["needs"]

    def close(self, node: int = 1) -> None:
        self._receive({"ctx": "close", "node": node, "value": {"removed": True}})

    async def ask(self, payload: Any, *, node: int = 1, inputs: Any = None, wired: bool = True, **msg: Any) -> Any:
        """Send a message; return the frame that ends it."""
        self._messages += 1
        msgid = self._messages
        message = {"payload": payload, **msg}
        needs = [message.get(path[0], UNDEFINED) for path in self._needs[node]]
        value = {"needs": needs, "inputs": inputs or {}, "wired": [True, True, wired, True]}
        self.session.receive({"ctx": "input", "node": node, "msgid": msgid, "value": value}, 100)
        return await self.until(lambda frame: frame.get("msgid") == msgid)

    async def until(self, wanted: Any) -> Any:
        """Wait for a frame."""

        async def found() -> Any:
            while True:
                for frame in self.said:
                    if wanted(frame):
                        return frame
                self._changed.clear()
                await self._changed.wait()

        return await asyncio.wait_for(found(), 20)

    async def matches(self, payload: Any, **rest: Any) -> dict[int, list[Any]]:
        """Send a message; return what comes out, by the number of the output."""
        frame = await self.ask(payload, **rest)
        assert frame["ctx"] == "send", frame
        outputs = {number: each for number, each in enumerate(frame["value"], 1) if each}
        return {number: [edits[0][1] for edits in each] for number, each in outputs.items()}


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    made = Room(tmp_path / "state")
    yield made
    made.session.close()
    await made.services.close()


async def test_a_known_plate_leaves_at_the_first_output_with_its_entry(room: Room) -> None:
    room.open(entries=TABLE)
    ((number, (match,)),) = (await room.matches("BAB123")).items()
    assert (number, match["known"], match["name"], match["group"]) == (1, True, "Alice", "family")
    assert room.said[-2]["value"] == {"fill": "green", "shape": "dot", "text": "BAB123 Alice"}


async def test_an_unknown_plate_leaves_at_the_second_output_with_the_nearest_entry(room: Room) -> None:
    room.open(entries=TABLE, outputField="gate.match")
    frame = await room.ask("8AB123")
    (((path, match),),) = frame["value"][1]
    assert (frame["value"][0], path) == (None, ["gate", "match"])
    assert (match["known"], match["reason"]) == (False, "not listed")
    assert (match["nearest"][0]["entry"]["name"], match["doubtful"]) == ("Alice", 1)


async def test_the_limit_of_the_node_counts(room: Room) -> None:
    room.open(1, entries=TABLE, limit="one")
    room.open(2, entries=TABLE, limit="two")
    assert list(await room.matches("8AB123", node=1)) == [1]
    assert list(await room.matches("8A8123", node=1)) == [2]
    assert list(await room.matches("8A8123", node=2)) == [1]


async def test_each_plate_of_a_picture_is_a_message_of_its_own(room: Room) -> None:
    room.open(entries=["NHK552"])
    answer = {"results": [RESULT, {"plate": "xyz1", "score": 0.9}, RESULT]}
    matches = await room.matches(answer)
    assert {number: [match["read"] for match in each] for number, each in matches.items()} == {
        1: ["NHK552", "NHK552"],
        2: ["XYZ1"],
    }


async def test_a_picture_without_a_plate_gives_no_message(room: Room) -> None:
    room.open(entries=TABLE)
    assert (await room.ask({"results": []}))["ctx"] == "done"
    assert (await room.ask({"results": [{"plate": None, "vehicle": {"type": "Sedan"}}]}))["ctx"] == "done"


async def test_what_is_no_plate_leaves_at_the_third_output(room: Room) -> None:
    room.open(entries=TABLE)
    matches = await room.matches(b"\xff\xd8")
    assert matches[3][0]["error"] == {
        "code": 400,
        "message": "msg.payload is no plate: connect a plate-recognizer, or give a text, or an object with a plate.",
    }
    frame = await room.ask(None, wired=False)
    assert (frame["ctx"], frame["value"]["code"]) == ("error", 400)


async def test_a_bad_entry_is_told_once_and_the_others_count(room: Room) -> None:
    room.open(entries=[{"plate": "B-AB 123", "hours": "late"}, "M-XY 88"])
    error = await room.until(lambda frame: frame["ctx"] == "error")
    assert error["value"]["message"] == (
        "The list of plates is not all in use. entry 1 (B-AB 123): hours: 'late' is no period; write 08:00-18:00, or "
        "22:00-06:00"
    )
    assert list(await room.matches("BAB123")) == [2]
    assert list(await room.matches("MXY88")) == [1]
    assert sum(frame["ctx"] == "error" for frame in room.said) == 1


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"timeZone": "Berlin"}, "timeZone: 'Berlin' is no time zone; write one as Europe/Berlin"),
        ({"source": "file"}, "file must be the whole path of a file on the machine where the worker runs"),
        ({"source": "file", "file": "plates.csv"}, "file must be the whole path of a file on the machine"),
        ({"source": "property", "list": "a b", "listType": "msg"}, "list is not a property of a message"),
        ({"source": "property", "list": " "}, "list is empty"),
        ({"entries": {"plate": "AB 1"}}, "the table of plates cannot be read: it is no list of entries"),
        ({"limit": "three"}, "limit must be exact, one or two"),
    ],
)
async def test_what_cannot_be_used_is_told_for_every_message(room: Room, config: dict[str, Any], reason: str) -> None:
    room.open(**config)
    match = (await room.matches("BAB123"))[3][0]
    assert match["error"]["message"].startswith(f"The node's configuration cannot be used: {reason}")


async def test_what_belongs_to_another_source_does_not_matter(room: Room) -> None:
    room.open(entries=TABLE, file="plates.csv", list="a b", listType="msg")
    assert list(await room.matches("BAB123")) == [1]


async def test_a_table_of_two_thousand_entries_is_taken(room: Room) -> None:
    row = '"A resident, and another",residents,2026-01-01,2026-12-31,mon-fri,08:00-18:00,"parks in row 7, place 12"'
    lines = ["plate,name,group,from,until,weekdays,hours,note", *(f"B-AB {number},{row}" for number in range(2000))]
    # As Node-RED's side sends lists.
    room.open(entries=json.dumps(lines))
    match = (await room.matches("BAB1999"))[2][0]
    assert match["reason"] != "not listed"


async def test_a_plate_is_learnt_from_a_result_and_forgotten(room: Room) -> None:
    room.open(entries=TABLE)
    assert list(await room.matches(RESULT)) == [2]
    added = (await room.matches(RESULT, action="add", entry={"name": "Bob"}))[4][0]
    assert added == {
        "action": "add",
        "entries": [{"plate": "NHK-552", "name": "Bob"}],
        "replaced": [],
        "learnt": 1,
        "kept": True,
    }
    match = (await room.matches(RESULT))[1][0]
    assert (match["name"], match["nearest"][0]["where"]) == ("Bob", "learnt")
    listed = (await room.matches(None, action="list"))[4][0]
    assert listed["entries"] == [
        {**TABLE[0], "where": "entry 1"},
        {**TABLE[1], "where": "entry 2"},
        {"plate": "NHK-552", "name": "Bob", "where": "learnt"},
    ]
    removed = (await room.matches("nhk 552", action="remove"))[4][0]
    assert (removed["entries"], removed["learnt"]) == ([{"plate": "NHK-552", "name": "Bob"}], 0)
    assert list(await room.matches(RESULT)) == [2]


async def test_no_answer_to_an_action_leaves_where_a_gate_opens(room: Room) -> None:
    room.open(entries=TABLE)
    for action, payload in (("add", "AB 1"), ("list", None), ("remove", "AB 1"), ("remove", "AB 1"), ("ad", "AB 1")):
        assert not {1, 2} & set(await room.matches(payload, action=action))


@pytest.mark.parametrize(
    ("payload", "msg", "message"),
    [
        ("AB 1", {"action": "ad"}, "msg.action is 'ad'; it must be add, remove or list, or not there."),
        ("AB 1", {"action": 5}, "msg.action is a number; it must be add, remove or list, or not there."),
        ("AB 1", {"action": "add", "entry": "Bob"}, "Nothing was changed: the fields of the new entry are no object"),
        ({"results": [RESULT, RESULT]}, {"action": "add"}, "Nothing was changed: the picture shows 2 plates"),
        ("B-AB 123", {"action": "remove"}, "Nothing was changed: BAB123 was not learnt; what the node's own table"),
    ],
)
async def test_an_action_that_is_not_possible_is_an_error(
    room: Room, payload: Any, msg: dict[str, Any], message: str
) -> None:
    room.open(entries=TABLE)
    assert (await room.matches(payload, **msg))[3][0]["error"]["message"].startswith(message)


async def test_what_was_learnt_is_there_after_a_deploy_and_a_restart(room: Room, tmp_path: Path) -> None:
    room.open(id="abc")
    await room.matches("AB 1", action="add")
    room.close()
    room.open(2, id="abc")
    assert list(await room.matches("AB 1", node=2)) == [1]
    room.open(3, id="other")
    assert list(await room.matches("AB 1", node=3)) == [2]
    restarted = Room(tmp_path / "state")
    restarted.open(id="abc")
    assert list(await restarted.matches("AB 1")) == [1]
    restarted.session.close()
    await restarted.services.close()


async def test_without_a_folder_for_state_the_answer_says_that_nothing_is_kept() -> None:
    room = Room(None)
    room.open()
    assert (await room.matches("AB 1", action="add"))[4][0]["kept"] is False
    assert list(await room.matches("AB 1")) == [1]
    room.session.close()
    await room.services.close()


async def test_messages_are_decided_in_their_order(room: Room) -> None:
    room.open()
    asked = [
        room.ask("AB 1", action="add"),
        room.ask("AB 1"),
        room.ask("AB 1", action="remove"),
        room.ask("AB 1"),
    ]
    frames = await asyncio.gather(*asked)
    assert [[bool(each) for each in frame["value"]].index(True) + 1 for frame in frames] == [4, 1, 4, 2]


async def test_a_file_is_followed_and_a_broken_one_keeps_the_last_good_list(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "plates.csv"

    def write(content: str, ago: int) -> None:
        path.write_text(content, "utf-8")
        os.utime(path, (time.time() - ago, time.time() - ago))

    room.open(source="file", file=str(path))
    match = (await room.matches("AB 1"))[3][0]
    assert match["error"] == {
        "code": 503,
        "message": f"The file {path} cannot be used: No such file or directory.",
    }
    write("plate;name\nAB 1;Alice\n", 90)
    match = (await room.matches("AB 1"))[1][0]
    assert (match["name"], match["nearest"][0]["where"], match["warning"]) == ("Alice", "line 2", None)
    write('plate;name\nAB 2;"Bo', 80)
    match = (await room.matches("AB 1"))[1][0]
    assert match["warning"].startswith(f"The file {path} is not used, and the last good list stays in use: line 2 is")
    write("plate\nAB 2\n", 70)
    assert list(await room.matches("AB 1")) == [2]


async def test_a_file_in_trouble_is_told_without_a_message(room: Room, tmp_path: Path) -> None:
    room.open(source="file", file=str(tmp_path / "none.csv"))
    error = await room.until(lambda frame: frame["ctx"] == "error")
    assert "none.csv cannot be used: No such file or directory" in error["value"]["message"]
    await room.until(lambda frame: frame["ctx"] == "status" and frame["value"].get("text") == "list not all in use")


@pytest.mark.parametrize(
    "value", [["AB 1"], [{"plate": "AB 1"}], "plate;name\nAB 1;x\n", b"AB 1\n", '["AB 1"]'], ids=repr
)
@pytest.mark.parametrize("kind", ["msg", "flow", "global"])
async def test_a_list_comes_from_a_message_or_a_context_store(room: Room, kind: str, value: Any) -> None:
    room.open(source="property", list="plates", listType=kind)
    given = {"plates": value} if kind == "msg" else {"inputs": {"list": value}}
    assert list(await room.matches("AB 1", **given)) == [1]
    assert list(await room.matches("AB 2", **given)) == [2]
    changed = {"plates": ["AB 2"]} if kind == "msg" else {"inputs": {"list": ["AB 2"]}}
    assert list(await room.matches("AB 2", **changed)) == [1]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (UNDEFINED, "flow.plates holds no list of plates: it is not there."),
        ({"plate": "AB 1"}, "flow.plates holds no list of plates: it is no list of entries."),
        ('[{"plate"', "flow.plates holds no list of plates: it is no JSON"),
    ],
)
async def test_without_a_list_no_plate_is_unknown(room: Room, value: Any, reason: str) -> None:
    room.open(source="property", list="plates", listType="flow")
    assert list(await room.matches("AB 1", inputs={"list": ["AB 1"]})) == [1]
    match = (await room.matches("AB 1", inputs={"list": value}))[3][0]
    assert match["error"]["message"].startswith(reason)


async def test_the_time_of_the_nodes_zone_counts(room: Room) -> None:
    room.open(entries=TABLE, timeZone="Asia/Kathmandu")
    assert (await room.matches("BAB123"))[1][0]["time"].endswith("+05:45")
