"""The worker's end of the bridge, as a real process behind a real socket."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest
from PIL import Image
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from python_worker.schemas import WORKER_FRAMES
from tests.contract.server import Service

SECRET = "the secret of this test"
UNDEFINED = msgpack.ExtType(1, b"undefined")
BOTH_WIRED = [True, True]


def picture() -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (32, 24), "grey").save(encoded, "JPEG")
    return encoded.getvalue()


@asynccontextmanager
async def worker(folder: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    private = folder / "private"
    private.mkdir(mode=0o700)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *["-I", "-m", "python_worker", "bridge", "--private", "--socket", str(private / "s"), "--state", str(folder)],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PLATE_RECOGNIZER_SECRET": SECRET, **environment},
    )
    assert process.stdin and process.stdout
    try:
        assert json.loads(await process.stdout.readline()) == {"listening": str(private / "s")}
        yield process
    finally:
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 20) == 0


def reference(*path: str | int) -> msgpack.ExtType:
    """Return the reference that an edit has for a value of the message."""
    return msgpack.ExtType(2, msgpack.packb(path))


def outcome(send: dict[str, Any]) -> dict[str, Any]:
    """Return what a failed message says at output 2."""
    assert send["value"][0] is None
    ((*_, (_path, answer)),) = send["value"][1]
    assert isinstance(answer, dict)
    return answer


class Client:
    """Node-RED's end of the bridge."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._frames: list[dict[str, Any]] = []

    async def send(self, *frames: dict[str, Any]) -> None:
        await self.connection.send(b"".join(msgpack.packb(frame, datetime=True) for frame in frames))

    async def open(self, node: int, kind: str = "plate-recognizer", token: str = "", **config: Any) -> dict[str, Any]:
        value = {"type": kind, "id": f"n{node}", "config": config, "credentials": {"apiToken": token}}
        await self.send({"ctx": "open", "node": node, "value": value})
        return await self.next()

    async def input(self, node: int, msgid: int, *needs: Any, **value: Any) -> None:
        value = {"needs": list(needs), "inputs": {}, "wired": BOTH_WIRED, **value}
        await self.send({"ctx": "input", "node": node, "msgid": msgid, "value": value})

    async def next(self) -> dict[str, Any]:
        """Return the next frame, which is as its schema says."""
        while not self._frames:
            data = await asyncio.wait_for(self.connection.recv(), 20)
            assert isinstance(data, bytes)
            self._frames = list(msgpack.Unpacker(io.BytesIO(data), timestamp=3))
        frame = self._frames.pop(0)
        WORKER_FRAMES[frame["ctx"]].validate(frame)
        return frame

    async def until(self, msgid: int) -> list[dict[str, Any]]:
        """Return the next frames, the last of which ends a message."""
        frames = [await self.next()]
        while frames[-1].get("msgid") != msgid:
            frames.append(await self.next())
        return frames

    async def end(self, msgid: int) -> dict[str, Any]:
        """Return the frame that ends a message."""
        return (await self.until(msgid))[-1]


@asynccontextmanager
async def connected(
    folder: Path, *, greet: bool = True, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {SECRET}", **(headers or {})}
    async with unix_connect(str(folder / "private" / "s"), additional_headers=headers, compression=None) as connection:
        client = Client(connection)
        if greet:
            await client.send({"ctx": "hello", "value": {"protocol": 2, "versions": {}}})
            hello = (await client.next())["value"]
            assert hello["protocol"] == 2
        yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with worker(tmp_path), connected(tmp_path) as client:
        yield client


async def test_a_message_is_recognized_and_only_edits_come_back(client: Client, sdk: Service) -> None:
    ready = await client.open(1, url=sdk.url, inputField="a.b[0]", outputField="result.x", statusText="plates")
    assert ready["value"] == {
        "needs": [["a", "b", 0]],
        "inputs": {},
        "patience": 90,
        "fields": {"output": "result.x", "input": "a.b[0]", "errors": 1},
    }
    await client.input(1, 7, picture())
    *_, shown, send = await client.until(7)
    assert shown["value"]["text"] == "NHK552"
    assert (send["ctx"], send["node"]) == ("send", 1)
    ((((path, answer),),),) = send["value"]
    assert (path, answer["status"]) == (["result", "x"], 201)
    await client.input(1, 8, picture())
    assert {frame.get("msgid") for frame in await client.until(8)} <= {None, 8}, "a message has one end"


async def test_a_status_is_shown_while_the_service_works(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url)
    sdk.faults.append("stall")
    await client.input(1, 7, picture())
    assert (await client.next())["value"]["text"] == "recognizing"
    await client.input(1, 8, picture())
    assert (await client.next())["value"] == {"fill": "yellow", "shape": "ring", "text": "recognizing"}


async def test_a_node_that_is_busy_for_a_moment_only_shows_what_came_of_it(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url)
    await client.input(1, 7, b"no image")
    assert (await client.next())["value"]["text"] == "Bad Request"
    assert (await client.next())["ctx"] == "send"


async def test_messages_overtake_each_other(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url, ignoreDuring=False)
    sdk.faults.append("stall")
    await client.input(1, 1, picture())
    await sdk.arrived(1)
    await client.input(1, 2, picture())
    assert (await client.end(2))["ctx"] == "send"


async def test_a_busy_node_skips_an_image_and_is_free_after_a_failure(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url, timeout=1)
    sdk.faults.append("stall")
    await client.input(1, 1, picture())
    await sdk.arrived(1)
    await client.input(1, 2, picture())
    assert await client.end(2) == {"ctx": "done", "node": 1, "msgid": 2}
    send = await client.end(1)
    assert send["value"][0] is None
    assert outcome(send)["status"] == 504
    await client.input(1, 3, picture())
    assert (await client.end(3))["value"][0][0][0][1]["status"] == 201


async def test_a_failure_without_a_wire_at_output_2_is_an_error(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url, outputField="result")
    sdk.faults.append("403")
    await client.input(1, 1, picture(), wired=[True, False])
    error = await client.end(1)
    assert (error["ctx"], error["value"]["code"]) == ("error", 403)
    assert error["value"]["edits"][0][0] == ["result"]
    assert error["value"]["edits"][0][1]["detail"] == "Invalid token."


async def test_a_closed_node_cancels_its_requests_and_answers_nothing(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url, ignoreDuring=False)
    await client.open(2, url=sdk.url)
    sdk.faults.extend(["stall", "stall"])
    await client.input(1, 1, picture())
    await client.input(1, 2, picture())
    await sdk.arrived(2)
    await client.send({"ctx": "close", "node": 1, "value": {"removed": False}})
    await sdk.left(2)
    await client.input(1, 3, picture())
    await client.input(2, 4, picture())
    frame = await client.next()
    while frame.get("msgid") != 4:
        assert frame["node"] == 2 or frame["ctx"] == "status"
        frame = await client.next()


async def test_a_cancelled_message_ends_its_request_and_is_not_answered(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url)
    sdk.faults.append("stall")
    await client.input(1, 1, picture())
    await sdk.arrived(1)
    await client.send({"ctx": "cancel", "node": 1, "msgid": 1})
    await sdk.left(1)
    await client.input(1, 2, picture())
    assert {frame.get("msgid") for frame in await client.until(2)} == {None, 2}


async def test_a_node_with_a_url_that_cannot_be_read_leaves_the_others_alone(client: Client, sdk: Service) -> None:
    await client.open(1, url="http://[")
    await client.send(
        *(
            {
                "ctx": "open",
                "node": 2,
                "value": {"type": "plate-recognizer", "id": "n2", "config": config, "credentials": {}},
            }
            for config in ({"inputField": "a" + "[msg.a" * 2000}, {"url": sdk.url})
        )
    )
    await client.input(1, 1)
    assert outcome(await client.end(1))["status"] == 400
    await client.input(2, 2, picture())
    assert (await client.end(2))["value"][0][0][0][1]["status"] == 201


async def test_a_broken_connection_cancels_all_requests(tmp_path: Path, sdk: Service) -> None:
    async with worker(tmp_path):
        async with connected(tmp_path) as client:
            await client.open(1, url=sdk.url)
            sdk.faults.append("stall")
            await client.input(1, 1, picture())
            await sdk.arrived(1)
        await sdk.left(1)


async def test_separate_messages_have_parts_in_order_and_nest_existing_ones(client: Client, sdk: Service) -> None:
    sdk.results = [{"plate": text, "score": 0.9} for text in ("one", "two", "three")]
    ready = await client.open(1, url=sdk.url, separateMsg=True, outputField="plates")
    assert ready["value"]["needs"] == [["payload"], ["parts"]]
    await client.input(1, 1, picture(), {"id": "outer", "index": 0})
    (messages,) = (await client.end(1))["value"]
    answers = [{path[0]: value for path, value in edits} for edits in messages]
    assert [answer["plates"]["results"]["plate"] for answer in answers] == ["one", "two", "three"]
    assert len({answer["parts"].pop("id") for answer in answers}) == 1
    outer = reference("parts")
    assert [answer["parts"] for answer in answers] == [
        {"type": "array", "count": 3, "len": 1, "property": "plates", "index": i, "parts": outer} for i in range(3)
    ]


async def test_no_plate_is_one_message_with_empty_results(client: Client, sdk: Service) -> None:
    sdk.results = []
    await client.open(1, url=sdk.url, separateMsg=True)
    await client.input(1, 1, picture(), UNDEFINED)
    ((edits,),) = (await client.end(1))["value"]
    assert [path for path, _ in edits] == [["payload"]]
    assert edits[0][1]["results"] == {}


async def test_a_vehicle_without_a_plate_is_passed_on_as_the_service_gave_it(client: Client, sdk: Service) -> None:
    box = {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}
    vehicle = {"plate": None, "vehicle": {"type": "Car", "score": 0.9, "box": box, "props": {}}}
    plate = {"type": "Plate", "score": 0.9, "box": box, "props": {"plate": [{"value": "ab1", "score": 0.8}]}}
    sdk.results = [{"plate": plate, "vehicle": None}, vehicle]
    for separate in (False, True):
        await client.open(1 + separate, url=sdk.url, separateMsg=separate, statusText="scores")
        await client.input(1 + separate, 1 + separate, picture(), *([UNDEFINED] if separate else []))
        (messages,) = (await client.end(1 + separate))["value"]
        results = [edits[0][1]["results"] for edits in messages]
        assert (results if separate else results[0]) == sdk.results


@pytest.mark.parametrize(
    ("kind", "camera", "sent"),
    [("str", "gate", ["gate"]), ("flow", "gate", ["7"]), ("msg", "topic", ["7"]), ("str", "", None)],
)
async def test_the_camera_id_is_sent_from_where_the_field_says(
    client: Client, sdk: Service, kind: str, camera: str, sent: list[str] | None
) -> None:
    ready = await client.open(1, url=sdk.url, cameraId=camera, cameraIdType=kind)
    inputs = dict.fromkeys(ready["value"]["inputs"], 7)
    needs: list[Any] = [picture(), 7]
    await client.input(1, 1, *needs[: len(ready["value"]["needs"])], inputs=inputs)
    await client.end(1)
    assert sdk.calls[0].form.fields.get("camera_id") == sent


async def test_a_misconfigured_node_says_so_once_and_to_every_message(client: Client, sdk: Service) -> None:
    ready = await client.open(1, url=sdk.url, regionFilter=True, regionList="gb", outputField="out[msg.i]")
    assert ready["value"]["needs"] == [["i"]]
    assert "regionList is not JSON" in (await client.next())["value"]["message"]
    assert (await client.next())["value"]["fill"] == "red"
    await client.input(1, 1, "x")
    send = await client.end(1)
    ((path, answer),) = send["value"][1][0]
    assert (path, answer["status"]) == (["out", "x"], 400)
    assert not sdk.calls


async def test_an_output_field_that_cannot_be_resolved_costs_no_call(client: Client, sdk: Service) -> None:
    await client.open(1, url=sdk.url, outputField="out[msg.i]")
    await client.input(1, 1, picture(), UNDEFINED)
    error = await client.end(1)
    assert (error["value"]["code"], error["value"]["edits"]) == (400, [])
    assert "msg.i is not there" in error["value"]["message"]
    assert not sdk.calls


async def test_usage_of_the_account_and_of_the_embedded_engine(client: Client, sdk: Service) -> None:
    await client.open(1, "plate-statistics", url=sdk.url)
    await client.input(1, 1)
    assert (await client.end(1))["value"][0][0][0][1]["calls_remaining"] == 2372
    await client.open(2, "plate-statistics", url="embedded:")
    await client.input(2, 2)
    assert (await client.end(2))["value"][0][0][0][1]["usage"]["calls"] == 0


async def closed_with(client: Client) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:
        await asyncio.wait_for(client.connection.recv(), 20)
    assert caught.value.rcvd
    return caught.value.rcvd.code, caught.value.rcvd.reason


async def test_another_protocol_version_is_refused_with_both_numbers(tmp_path: Path) -> None:
    async with worker(tmp_path), connected(tmp_path, greet=False) as client:
        await client.send({"ctx": "hello", "value": {"protocol": 1, "versions": {}}})
        code, reason = await closed_with(client)
        assert code == 4001
        assert "protocol 1, the worker 2: update Node-RED's package to 2.0.0" in reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xc1", "not MessagePack"),
        (b"\x93\x01", "not MessagePack"),
        (msgpack.packb([1]), "not a map"),
        (msgpack.packb({"ctx": "dance"}), "unknown ctx"),
        (msgpack.packb({"ctx": "open", "node": 1, "value": {"type": "inject"}}), "open: value"),
        (msgpack.packb({"ctx": "input", "node": "x", "msgid": 1, "value": {}}), "input: "),
        ("text", "frames are binary"),
    ],
)
async def test_a_frame_that_violates_the_protocol_ends_the_connection_with_the_reason(
    tmp_path: Path, data: bytes | str, reason: str
) -> None:
    async with worker(tmp_path):
        async with connected(tmp_path) as client:
            await client.connection.send(data)
            code, said = await closed_with(client)
            assert code == 4002
            assert reason in said
        async with connected(tmp_path):
            pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"Origin": "http://localhost:1880"}, 403),
    ],
)
async def test_only_node_red_gets_in(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with worker(tmp_path):
        with pytest.raises(InvalidStatus) as caught:
            async with connected(tmp_path, headers=headers):
                pass
        assert caught.value.response.status_code == status


async def test_the_worker_ends_with_its_parents_pipe_and_removes_the_sockets_folder(tmp_path: Path) -> None:
    async with worker(tmp_path) as process:
        assert process.stdin
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)
    assert not (tmp_path / "private").exists()


async def run_command(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-I", "-m", "python_worker", *arguments], stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, errors.decode()


async def test_a_worker_without_a_token_does_not_start() -> None:
    status, errors = await run_command("bridge")
    assert status == 2
    assert "--token-file" in errors
