"""The plate-events node at the worker's end: what it says, what it keeps, and what its settings must be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from python_worker.nodes.base import ConfigError, Context, Done, Edits, Failed, Message, Sent
from python_worker.nodes.config import Config
from python_worker.nodes.plate_events.node import MOST_KEPT, EventsNode
from python_worker.nodes.registry import NODE_TYPES
from python_worker.nodes.status import Status, cars
from python_worker.services import Services
from python_worker.values import Opaque

UNDEFINED = Opaque("undefined")


class Said:
    """What a node says."""

    def __init__(self) -> None:
        self.statuses: list[Status] = []
        self.sent: list[dict[Any, Any]] = []
        self._change = asyncio.Event()

    def status(self, status: Status) -> None:
        self.statuses.append(status)

    def busy(self, status: Status) -> None:
        raise AssertionError(status)

    def error(self, text: str) -> None:
        raise AssertionError(text)

    def send(self, outputs: list[list[Edits] | None]) -> None:
        (messages,) = outputs
        assert messages is not None
        self.sent += [{".".join(map(str, path)): value for path, value in edits} for edits in messages]
        self._change.set()

    async def events(self, count: int) -> list[dict[Any, Any]]:
        """Wait until so many events were sent."""

        async def sent() -> None:
            while len(self.sent) < count:
                self._change.clear()
                await self._change.wait()

        await asyncio.wait_for(sent(), 20)
        return self.sent


class Room:
    """Nodes that share a context as those of one Node-RED do."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def node(self, node_id: str = "n1", **config: Any) -> tuple[EventsNode, Said]:
        node_type = NODE_TYPES["plate-events"]
        context = Context(node_id, cast(Services, None), self.kept)
        node = node_type.make(Config(node_type.schema, config, {}), context)
        assert isinstance(node, EventsNode)
        said = Said()
        node.start(said)
        return node, said


def results(*plates: str, score: float = 0.9, **more: Any) -> dict[str, Any]:
    return {"results": [{"plate": plate, "score": score} for plate in plates], **more}


async def take(node: EventsNode, said: Said, known: Mapping[Any, Any]) -> Any:
    message = Message({path: known.get(path[0], UNDEFINED) for path in node.needs}, {}, [True, True])
    return await node.handle(message, said)


async def test_an_event_has_the_camera_as_topic_the_car_as_payload_and_the_best_picture() -> None:
    node, said = Room().node(wait=0)
    known = {"payload": results("nhk552", camera_id=7), "image": b"\xff\xd8 a picture"}
    assert await take(node, said, known) == Done()
    (event,) = said.sent
    assert (event["topic"], event["image"]) == ("7", b"\xff\xd8 a picture")
    assert (event["payload"]["event"], event["payload"]["plate"]) == ("arrived", "nhk552")
    assert said.statuses[-1]["text"] == "NHK552, 1 car"
    node.close(removed=True)


@pytest.mark.parametrize(
    ("known", "camera"),
    [
        ({"payload": results("nhk552", camera_id="gate"), "topic": "yard"}, "gate"),
        ({"payload": results("nhk552", camera_id=None), "topic": "yard"}, "yard"),
        ({"payload": results("nhk552"), "topic": {"not": "a name"}}, ""),
        ({"payload": results("nhk552")["results"], "topic": "yard"}, "yard"),
    ],
)
async def test_the_camera_is_that_of_the_results_else_the_topic(known: dict[str, Any], camera: str) -> None:
    node, said = Room().node(wait=0)
    await take(node, said, known)
    assert said.sent[0]["topic"] == camera
    node.close(removed=True)


@pytest.mark.parametrize("image", [None, UNDEFINED, "http://camera/picture.jpg", {"a": 1}, b"", 5])
async def test_what_is_no_picture_is_left_out(image: Any) -> None:
    node, said = Room().node(wait=0)
    await take(node, said, {"payload": results("nhk552"), "image": image})
    assert "image" not in said.sent[0]
    node.close(removed=True)


async def test_a_car_is_told_by_the_clock_when_no_message_comes() -> None:
    node, said = Room().node(wait=0.05, hold=1, when="both")
    await take(node, said, {"payload": results("nhk552")})
    assert said.sent == []
    events = await said.events(2)
    assert [event["payload"]["event"] for event in events] == ["arrived", "left"]
    assert said.statuses[-1]["text"] == "NHK552, 0 cars"


async def test_a_closed_node_says_nothing_more() -> None:
    room = Room()
    node, said = room.node(wait=0.01)
    await take(node, said, {"payload": results("nhk552")})
    node.close(removed=True)
    successor, later = room.node("n2", wait=0.02)
    await take(successor, later, {"payload": results("klm482")})
    await later.events(1)
    assert said.sent == []
    successor.close(removed=True)


async def test_a_successor_goes_on_with_the_cars_and_tells_what_was_due_meanwhile() -> None:
    room = Room()
    node, said = room.node(wait=0.01)
    await take(node, said, {"payload": results("nhk552"), "image": b"picture"})
    node.close(removed=False)
    successor, later = room.node(wait=0.01)
    (event,) = await later.events(1)
    assert (event["payload"]["plate"], event["image"]) == ("nhk552", b"picture")
    await take(successor, later, {"payload": results("nhk552")})
    assert (len(later.sent), said.sent, room.kept) == (1, [], {})
    successor.close(removed=True)


@pytest.mark.parametrize(
    ("removed", "node_id", "config"), [(True, "n1", {}), (False, "n2", {}), (False, "n1", {"hold": 99})]
)
async def test_a_node_that_is_no_successor_begins_without_cars(
    removed: bool, node_id: str, config: dict[str, Any]
) -> None:
    room = Room()
    node, said = room.node(wait=0)
    await take(node, said, {"payload": results("nhk552")})
    node.close(removed=removed)
    other, later = room.node(node_id, wait=0, **config)
    await take(other, later, {"payload": results("nhk552")})
    assert len(later.sent) == 1
    other.close(removed=True)


async def test_cars_of_nodes_that_do_not_come_back_are_forgotten_in_the_end() -> None:
    room = Room()
    for number in range(MOST_KEPT + 5):
        node, said = room.node(f"n{number}")
        await take(node, said, {"payload": results("nhk552")})
        node.close(removed=False)
    assert len(room.kept) == MOST_KEPT
    assert "n0" not in room.kept


async def test_results_that_cannot_be_used_end_as_an_error_and_change_nothing() -> None:
    node, said = Room().node(wait=3600)
    await take(node, said, {"payload": results("nhk552")})
    for payload in (None, "text", {}, {"results": 5}, results("nhk552", score=float("nan")), {"results": ["x"]}):
        outcome = await take(node, said, {"payload": payload})
        assert isinstance(outcome, Sent)
        assert outcome.outputs[0] is None
    message = Message(dict.fromkeys(node.needs, UNDEFINED), {}, [True, False])
    assert isinstance(await node.handle(message, said), Failed)
    await take(node, said, {"payload": results("nhk552")})
    assert [event["payload"]["pictures"] for event in said.sent] == [2]
    node.close(removed=True)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"outputField": "payload[msg.index]"}, "outputField must not depend on the message"),
        ({"pictureField": "images[msg.index]"}, "pictureField must not depend on the message"),
        ({"pictureField": "payload"}, "pictureField must be another property than outputField"),
        ({"outputField": "a.b", "pictureField": "a"}, "pictureField must be another property than outputField"),
        ({"hold": 0}, "hold must be between 1 and 604800"),
        ({"wait": "3601"}, "wait must be between 0 and 3600"),
        ({"score": 1.5}, "score must be between 0 and 1"),
        ({"when": "never"}, "when must be arrive, leave or both"),
        ({"cameraId": "a..b"}, "cameraId is not a property of a message"),
    ],
)
async def test_settings_that_cannot_be_used_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("[", r"\[")):
        Room().node(**config)


def test_the_status_names_the_last_plate_and_how_many_cars_are_here() -> None:
    assert cars(2, "kab123") == {"fill": "blue", "shape": "dot", "text": "KAB123, 2 cars"}
    assert cars(0, None)["text"] == "0 cars"
