"""A session by itself: each message has one end, whatever the node's config, the answer or the message is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_worker.bridge import session as sessions
from python_worker.bridge.frames import FrameError
from python_worker.bridge.session import Session
from python_worker.errors import RecognitionError, RefusedError
from python_worker.nodes.base import Link, Outcome, Sent
from python_worker.nodes.plate_recognizer.node import RecognizerNode
from python_worker.schemas import WORKER_FRAMES
from python_worker.services import Services
from python_worker.values import Opaque

GOOD = {"results": [{"plate": "nhk552", "score": 0.9}], "status": 201, "statusText": "Created"}
USAGE = {"usage": {"calls": 1}, "total_calls": 2, "status": 200, "statusText": "OK"}
IMAGE = b"\xff\xd8 a picture"
UNDEFINED = Opaque("undefined")


class Rust(BaseException):
    """An exception that does not derive from Exception, like those of libraries in other languages."""


@dataclass
class Stub:
    """Services that answer what they are told to, or raise it."""

    answer: Any = None
    wait: asyncio.Event | None = None
    left: asyncio.Event = field(default_factory=asyncio.Event)
    patience: float = 20.0
    requires: Any = None

    def start(self) -> None:
        """Nothing to begin with."""

    def recognition(self, url: str, token: str, **_options: Any) -> Stub:
        if token == "healthy":
            return Stub(GOOD)
        if token == "broken":
            raise LookupError(url)
        return self

    def statistics(self, url: str, token: str, **options: Any) -> StubStatistics:
        return StubStatistics(self.recognition(url, token, **options))

    async def recognize(self, _image: bytes, _options: Any) -> Any:
        try:
            if self.wait is not None:
                await self.wait.wait()
        finally:
            self.left.set()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@dataclass
class StubStatistics:
    stub: Stub
    patience: float = 10.0

    async def statistics(self) -> Any:
        return USAGE if self.stub.answer is GOOD else await self.stub.recognize(b"", None)


class Room:
    """A session, and what it said."""

    def __init__(self, stub: Stub) -> None:
        self.said: list[dict[str, Any]] = []
        self.session = Session(cast(Services, stub), self._emit)
        self._changed = asyncio.Event()

    def _emit(self, data: bytes) -> None:
        frame = msgpack.unpackb(data, strict_map_key=False, timestamp=3)
        WORKER_FRAMES[frame["ctx"]].validate(frame)
        self.said.append(frame)
        self._changed.set()

    def open(self, node: int, kind: str = "plate-recognizer", token: str = "", size: int = 100, **config: Any) -> Any:
        """Open a node; return what it needs of a message."""
        value = {"type": kind, "id": f"n{node}", "config": config, "credentials": {"apiToken": token}}
        self.session.receive({"ctx": "open", "node": node, "value": value}, size)
        ready = [frame for frame in self.said if frame["ctx"] == "ready" and frame["node"] == node]
        return ready[-1]["value"]["needs"]

    def input(self, node: int, msgid: int, needs: list[Any], *, size: int = 100, wired: bool = True) -> None:
        value = {"needs": needs, "inputs": {}, "wired": [True, wired]}
        self.session.receive({"ctx": "input", "node": node, "msgid": msgid, "value": value}, size)

    def send(self, ctx: str, **fields: Any) -> None:
        self.session.receive({"ctx": ctx, **fields}, 20)

    def ends(self, msgid: int) -> list[dict[str, Any]]:
        return [frame for frame in self.said if frame.get("msgid") == msgid]

    async def end(self, msgid: int) -> dict[str, Any]:
        async def ended() -> None:
            while not self.ends(msgid):
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(ended(), 20)
        (frame,) = self.ends(msgid)
        return frame

    async def idle(self) -> None:
        """Wait until no task of the session is left."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait_for(asyncio.wait(others), 20)


def run(talk: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await talk()

    asyncio.run(main())


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = [value]
    return value


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**64, -(2**80), 1e300, float("inf"), "\ud800", "x" * 300, "ok"]),
    st.floats(),
    st.text(max_size=6),
)
JSON = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
results = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "plate": JSON | st.fixed_dictionaries({"props": JSON | st.fixed_dictionaries({"plate": JSON})}),
            "score": JSON,
            "vehicle": JSON,
        },
    ),
    max_size=3,
)
answers = st.one_of(
    JSON,
    st.fixed_dictionaries({"results": JSON | results}, optional={"more": JSON, "usage": JSON}),
    st.fixed_dictionaries({"usage": st.fixed_dictionaries({"calls": JSON})}, optional={"total_calls": JSON}),
    st.sampled_from([deep(600), {"results": [], "odd": {(1, 2): {3}}}, {"results": [deep(2000)]}, object(), {1: b"x"}]),
    st.sampled_from([ValueError("no"), Rust(), asyncio.CancelledError(), MemoryError(), RefusedError("said \ud800")]),
    st.builds(lambda said: RefusedError("refused", status=403, said={"said": said}), JSON),
)
texts = st.one_of(
    st.sampled_from(["", "payload", "a.b[0]", "out[msg.i]", "http://[", "http://℀.com", "embedded", "[" * 2000]),
    st.sampled_from(["a" + "[msg.a" * 2000, "a" + "[0]" * 2000, "a" + "[msg.a" * 30 + "]" * 30, "9" * 5000]),
    st.text(max_size=8),
)
configs = st.fixed_dictionaries(
    {},
    optional={
        "inputField": texts | JSON,
        "outputField": texts | JSON,
        "url": texts | JSON,
        "cameraId": texts | JSON,
        "cameraIdType": st.sampled_from(["str", "msg", "env"]) | JSON,
        "statusText": st.sampled_from(["none", "count", "plates", "scores"]) | JSON,
        "separateMsg": st.booleans() | JSON,
        "regionList": JSON,
        "regionFilter": st.booleans(),
        "timeout": JSON,
        "tries": JSON,
    },
)
travelled = st.one_of(
    st.just(IMAGE),
    st.sampled_from([UNDEFINED, Opaque("function"), {"count": UNDEFINED}, 1e300, 2.0, "9" * 5000, deep(400)]),
    st.dictionaries(st.text(max_size=3), st.integers(-5, 5) | st.just(UNDEFINED), max_size=3),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["plate-recognizer", "plate-recognizer", "plate-statistics"]),
    config=configs | st.fixed_dictionaries({"statusText": st.just("scores"), "separateMsg": st.booleans()}),
    answer=answers,
    parts=travelled,
    wired=st.booleans(),
    data=st.data(),
)
def test_each_message_has_one_end_and_the_other_nodes_go_on(
    kind: str, config: dict[str, Any], answer: Any, parts: Any, wired: bool, data: st.DataObject
) -> None:
    async def talk() -> None:
        room = Room(Stub(answer))
        needs = room.open(1, kind, **config)
        room.open(2, token="healthy")
        for msgid in (1, 2):
            values = [parts if path == ["parts"] else data.draw(travelled) for path in needs]
            room.input(1, msgid, values, wired=wired)
            await room.end(msgid)
        room.input(2, 3, [IMAGE])
        assert (await room.end(3))["ctx"] == "send"
        await room.idle()
        for msgid in (1, 2, 3):
            assert len(room.ends(msgid)) == 1
        assert not room.session._works
        assert room.session._bytes == 0

    logging.disable()
    try:
        run(talk)
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("url", ["http://[", "http://℀.com", "http://user:password@℀.com", "http://[::1"])
async def test_a_url_that_python_cannot_read_makes_one_node_misconfigured(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    services = Services()
    try:
        room = Room(cast(Stub, services))
        room.open(1, url=url)
        room.open(2, "plate-statistics", url=url)
        reasons = [frame["value"]["message"] for frame in room.said if frame["ctx"] == "error"]
        assert len(reasons) == 2
        assert all("http" in reason for reason in reasons)
        assert "plate-recognizer:n1" in caplog.text
        assert "password" not in caplog.text + str(room.said)
        room.open(3, url="embedded:", outputField="x")
    finally:
        await services.close()


@pytest.mark.parametrize("name", ["inputField", "outputField", "cameraId"])
@pytest.mark.parametrize("text", ["a" + "[msg.a" * 2000 + "]" * 2000, "a" + "[msg.b" * 100 + "]" * 100, "[" * 2000])
async def test_an_expression_without_end_makes_one_node_misconfigured(
    name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(Stub(GOOD))
    config: dict[str, Any] = {name: text, "cameraIdType": "msg"}
    room.open(1, **config)
    assert name in next(frame for frame in room.said if frame["ctx"] == "error")["value"]["message"]
    assert f"n1 is misconfigured: {name}" in caplog.text


async def test_what_nobody_thought_of_makes_one_node_misconfigured_and_the_log_says_where(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room(Stub(GOOD))
    needs = room.open(1, token="broken", url="http://user:password@host")
    room.input(1, 1, [None for _ in needs])
    send = await room.end(1)
    assert "LookupError" in send["value"][1][0][-1][1]["error"]["message"]
    assert "in recognition" in caplog.text
    assert "password" not in caplog.text, "a library's text may repeat a secret"


@pytest.mark.parametrize("part", ["start", "needs", "inputs", "patience"])
async def test_a_node_that_cannot_begin_is_misconfigured(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> Any:
        raise RuntimeError(part)

    monkeypatch.setattr(RecognizerNode, part, broken if part == "start" else property(broken))
    room = Room(Stub(GOOD))
    needs = room.open(1)
    assert [frame["ctx"] for frame in room.said] == ["ready", "error", "status"]
    room.input(1, 1, [IMAGE for _ in needs])
    assert (await room.end(1))["value"][1][0][-1][1]["status"] == 400


async def test_a_node_that_fails_at_failing_ends_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> Outcome:
        raise RuntimeError

    async def rude(*_arguments: Any) -> Any:
        return Sent(cast(Any, "what is this"))

    room = Room(Stub(RuntimeError()))
    room.open(1)
    monkeypatch.setattr(RecognizerNode, "fail", broken)
    room.input(1, 1, [IMAGE])
    assert (await room.end(1))["value"]["code"] == 500
    monkeypatch.setattr(RecognizerNode, "handle", rude)
    room.input(1, 2, [IMAGE])
    assert (await room.end(2))["value"]["code"] == 500


async def test_a_cancelled_message_frees_its_place_and_has_no_end() -> None:
    stub = Stub(GOOD, wait=asyncio.Event())
    room = Room(stub)
    room.open(1)
    room.input(1, 1, [IMAGE])
    await asyncio.sleep(0)
    room.send("cancel", node=1, msgid=1)
    room.send("cancel", node=1, msgid=99)
    await asyncio.wait_for(stub.left.wait(), 20)
    await room.idle()
    assert not room.ends(1)
    assert not room.session._works
    assert stub.wait
    stub.wait.set()
    room.input(1, 2, [IMAGE])
    assert (await room.end(2))["ctx"] == "send", "the node is not busy any more"


async def test_a_message_that_is_cancelled_before_it_begins_has_no_end() -> None:
    room = Room(Stub(GOOD))
    room.open(1)
    room.input(1, 1, [IMAGE])
    room.send("cancel", node=1, msgid=1)
    await room.idle()
    assert not room.ends(1)
    assert not room.session._works


@pytest.mark.parametrize("how", ["node", "session", "again"])
async def test_a_closed_node_says_nothing_any_more(how: str) -> None:
    stub = Stub(ValueError(), wait=asyncio.Event())
    room = Room(stub)
    room.open(1, ignoreDuring=False)
    for msgid in range(20):
        room.input(1, msgid, [IMAGE])
    await asyncio.sleep(0)
    if how == "node":
        room.send("close", node=1, value={"removed": True})
    elif how == "session":
        room.session.close()
    else:
        room.open(1)
    before = len(room.said)
    assert stub.wait
    stub.wait.set()
    await room.idle()
    assert len(room.said) == before
    assert not room.session._works


async def test_past_the_bounds_a_message_is_overload_and_the_others_are_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "MOST_MESSAGES", 2)
    stub = Stub(GOOD, wait=asyncio.Event())
    room = Room(stub)
    room.open(1, ignoreDuring=False)
    room.input(1, 1, [IMAGE])
    room.input(1, 2, [IMAGE], size=sessions.MOST_BYTES)
    assert (await room.end(2))["value"][1][0][-1][1]["status"] == 503
    room.input(1, 3, [IMAGE])
    room.input(1, 4, [IMAGE], wired=False)
    assert (await room.end(4))["value"]["code"] == 503
    assert stub.wait
    stub.wait.set()
    assert [(await room.end(msgid))["ctx"] for msgid in (1, 3)] == ["send", "send"]


async def test_a_message_that_holds_too_much_fails_alone() -> None:
    room = Room(Stub(GOOD))
    room.open(1)
    room.send("oversized", node=1, msgid=1)
    room.send("oversized", node=9, msgid=2)
    assert (await room.end(1))["value"]["code"] == 413
    assert not room.ends(2)


async def test_nodes_are_bounded_in_number_and_size_and_opening_one_again_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "MOST_NODES", 2)
    room = Room(Stub(GOOD))
    for _ in range(50):
        room.open(1)
        room.open(2, size=10**6)
    assert len(room.session._nodes) == 2
    room.input(2, 1, [])
    assert "1,000,000 bytes" in (await room.end(1))["value"][1][0][-1][1]["error"]["message"]
    with pytest.raises(FrameError, match="more than 2 nodes"):
        room.open(3)


async def test_what_violates_the_protocol_is_told_apart() -> None:
    room = Room(Stub(GOOD, wait=asyncio.Event()))
    room.open(1)
    with pytest.raises(FrameError, match="2 values for 1 needs"):
        room.input(1, 1, [IMAGE, IMAGE])
    room.input(1, 1, [IMAGE])
    with pytest.raises(FrameError, match="in work already"):
        room.input(1, 1, [IMAGE])
    with pytest.raises(FrameError, match="hello again"):
        room.send("hello", value={"protocol": 1})
    room.session.close()
    await room.idle()


def edits_of(frame: dict[str, Any]) -> list[Any]:
    """Return the paths that a failure sets, and the path of the reference that comes with it."""
    edits = frame["value"]["edits"] if frame["ctx"] == "error" else frame["value"][1][0]
    return [
        (path, msgpack.unpackb(value.data) if isinstance(value, msgpack.ExtType) else value["status"])
        for path, value in edits
    ]


@pytest.mark.parametrize(
    ("input_field", "output_field", "kept"),
    [
        ("payload", "payload", ["payload"]),
        ("payload.image", "payload", ["payload", "image"]),
        ("payload", "payload.result", ["payload"]),
        ("a[0]", "a['0']", ["a", 0]),
        ("payload", "result", None),
        ("payload.image", "payload.result", None),
    ],
)
async def test_a_failure_never_costs_the_picture(input_field: str, output_field: str, kept: list[Any] | None) -> None:
    room = Room(Stub(RefusedError("no", status=403)))
    room.open(1, inputField=input_field, outputField=output_field)
    room.input(1, 1, [IMAGE])
    room.input(1, 2, [IMAGE], wired=False)
    at_output, for_catch = edits_of(await room.end(1)), edits_of(await room.end(2))
    (*rest, (_, status)) = at_output
    assert status == 403
    assert rest == ([] if kept is None else [(["failedInput"], kept)])
    assert for_catch == (at_output if kept is None else []), "a Catch node can send the message again"


async def test_where_there_is_no_picture_none_is_kept() -> None:
    room = Room(Stub(GOOD))
    room.open(1)
    room.input(1, 1, [UNDEFINED])
    assert edits_of(await room.end(1)) == [(["payload"], 400)]


async def test_a_misconfigured_node_keeps_the_picture_without_asking_for_it() -> None:
    room = Room(Stub(GOOD))
    assert room.open(1, timeout=-1) == []
    room.input(1, 1, [])
    assert edits_of(await room.end(1)) == [(["failedInput"], ["payload"]), (["payload"], 400)]
    assert room.open(2, timeout=-1, inputField="a[msg.i]", outputField="a[msg.i]") == [["i"]]
    room.input(2, 2, [3])
    assert edits_of(await room.end(2)) == [(["failedInput"], ["a", 3]), (["a", 3], 400)]


@pytest.mark.parametrize("parts", [{"id": "outer", "count": UNDEFINED}, Opaque("circular reference")])
async def test_parts_that_a_message_has_stay_in_node_red(parts: Any) -> None:
    room = Room(Stub(GOOD))
    room.open(1, separateMsg=True)
    room.input(1, 1, [IMAGE, parts])
    ((_, (path, new)),) = (await room.end(1))["value"][0]
    assert path == ["parts"]
    assert new["parts"] == msgpack.ExtType(2, msgpack.packb(["parts"]))


async def test_an_answer_that_would_be_repeated_too_often_fails() -> None:
    room = Room(Stub({"results": [{"plate": "a"}] * 1000, "filename": "x" * 100_000}))
    room.open(1, separateMsg=True)
    room.input(1, 1, [IMAGE, UNDEFINED])
    assert edits_of(await room.end(1))[-1] == (["payload"], 502)


async def test_a_node_says_how_long_a_message_may_take() -> None:
    room = Room(Stub(GOOD))
    room.open(1)
    room.open(2, timeout="nonsense")
    room.open(3, "plate-statistics")
    assert [frame["value"]["patience"] for frame in room.said if frame["ctx"] == "ready"] == [20, 1, 10]


async def test_a_failure_that_is_known_is_told_in_its_own_words() -> None:
    room = Room(Stub(RecognitionError("plain words", status=418)))
    room.open(1)
    room.input(1, 1, [IMAGE], wired=False)
    assert (await room.end(1))["value"]["message"] == "plain words"


async def test_a_node_type_that_the_worker_does_not_know_says_what_to_install() -> None:
    room = Room(Stub(GOOD))
    room.open(1, "plate-of-the-future")
    room.input(1, 1, [])
    error = (await room.end(1))["value"][1][0][-1][1]["error"]
    assert "install the same version of the worker and of the nodes" in error["message"]


async def test_a_node_begins_messages_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    links: list[Link] = []
    closed: list[bool] = []
    monkeypatch.setattr(RecognizerNode, "start", lambda _self, link: links.append(link))
    monkeypatch.setattr(RecognizerNode, "close", lambda _self, *, removed: closed.append(removed))
    room = Room(Stub(GOOD))
    room.open(1)
    links[0].send([None, [[(("payload", "plate"), "AB1")], []]])
    assert room.said[-1] == {"ctx": "send", "node": 1, "value": [None, [[[["payload", "plate"], "AB1"]], []]]}
    said = len(room.said)
    room.send("close", node=1, value={"removed": True})
    links[0].send([[[]]])
    assert (len(room.said), closed) == (said, [True])
