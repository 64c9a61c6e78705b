"""An image arrives in every form that the Snapshot API documents; anything else is refused with the reason."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, FormData
from PIL import Image

from tests.contract.answers import departure

from .conftest import Running, serving

_PATH = "/v1/plate-reader/"


def _file(image: bytes, **fields: str) -> FormData:
    form = FormData()
    form.add_field("upload", image, filename="car.jpg", content_type="image/jpeg")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def _post(client: ClientSession, server: Running, data: Any, path: str = _PATH) -> tuple[int, dict[str, Any]]:
    async with client.post(server.url + path, data=data) as response:
        return response.status, await response.json()


def _plates(body: Mapping[str, Any]) -> list[str]:
    return [result["plate"] for result in body["results"]]


def _multipart_text(image: bytes) -> FormData:
    form = FormData(default_to_multipart=True)
    form.add_field("upload", base64.b64encode(image).decode())
    return form


def _lines(image: bytes) -> str:
    return base64.encodebytes(image).decode()


FORMS = {
    "a file": _file,
    "a multipart text with base64": _multipart_text,
    "urlencoded base64": lambda image: {"upload": base64.b64encode(image).decode()},
    "urlencoded base64 in lines": lambda image: {"upload": _lines(image)},
    "a data: address": lambda image: {"upload": "data:image/jpeg;base64," + base64.b64encode(image).decode()},
    "base64 whose plus signs became blanks": lambda image: {
        "upload": base64.b64encode(image).decode().replace("+", " ")
    },
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
async def test_every_documented_form_is_read(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], form: Any
) -> None:
    status, body = await _post(client, server, form(pictures["one-car.jpg"]))
    assert (status, _plates(body)) == (201, ["nhk552"])


async def test_the_answer_has_every_documented_field(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    form = _file(pictures["one-car.jpg"], camera_id="gate 2", timestamp="2026-11-23T08:00:00Z", mmc="true")
    _, body = await _post(client, server, form, "/v1/plate-reader")
    assert departure(body) is None
    assert (body["camera_id"], body["timestamp"], body["filename"]) == ("gate 2", "2026-11-23T08:00:00Z", "car.jpg")
    assert body["version"] == 1
    assert body["processing_time"] > 1
    assert body["usage"]["calls"] >= 1
    result = body["results"][0]
    assert result["candidates"][0] == {"plate": result["plate"], "score": result["score"]}
    assert result["vehicle"] == {
        "score": 0.0,
        "type": "Unknown",
        "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0},
    }


async def test_regions_guide_repeated_or_in_a_list(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    for values in (["fr", "de"], ["fr,de"]):
        form = _file(pictures["another-car-at-angle.jpg"])
        for value in values:
            form.add_field("regions", value)
        _, body = await _post(client, server, form)
        assert body["results"][0]["region"]["code"] == "fr", values


async def test_strict_regions_drop_plates_of_others(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    strict = json.dumps({"region": "strict"})
    form = _file(pictures["another-car-at-angle.jpg"], regions="in", config=strict)
    assert _plates((await _post(client, server, form))[1]) == []


async def test_thresholds_drop_results(client: ClientSession, server: Running, pictures: Mapping[str, bytes]) -> None:
    for name in ("threshold_d", "threshold_o"):
        form = _file(pictures["one-car.jpg"], config=json.dumps({name: 1}))
        assert _plates((await _post(client, server, form))[1]) == [], name


async def test_vehicle_mode_has_its_own_shape(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    form = _file(pictures["two-cars.jpg"], config=json.dumps({"detection_mode": "vehicle", "unknown": {}}))
    body = (await _post(client, server, form))[1]
    assert departure(body) is None
    results = {one["plate"]["props"]["plate"][0]["value"]: one for one in body["results"]}
    plate, vehicle = results["klm482"]["plate"], results["klm482"]["vehicle"]
    assert plate["type"] == "Plate"
    assert set(plate["props"]["region"][0]) == {"value", "score"}
    assert vehicle["box"]["xmin"] < plate["box"]["xmin"] < plate["box"]["xmax"] < vehicle["box"]["xmax"]
    assert vehicle["type"] in ("Car", "Truck")
    assert vehicle["props"] == {}
    # The company's own client leaves a plate without a vehicle out.
    assert results["ab123cd"]["vehicle"] == {
        "score": 0.0,
        "type": "Unknown",
        "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0},
        "props": {},
    }


async def _counted_plates(client: ClientSession, server: Running) -> float:
    async with client.get(f"{server.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return float(next(line for line in lines if line.startswith("plate_recognizer_plates_total ")).split()[1])


async def test_a_vehicle_without_a_plate_is_given_in_vehicle_mode_alone_and_not_counted_as_a_plate(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    for mode, plates in (("plate", []), ("vehicle", [None])):
        before = await _counted_plates(client, server)
        config = json.dumps({"detection_mode": mode, "threshold_o": 1})
        body = (await _post(client, server, _file(pictures["two-cars.jpg"], config=config)))[1]
        assert [one["plate"] for one in body["results"]] == plates, mode
        assert await _counted_plates(client, server) == before


async def test_the_strict_detection_rule_drops_plates_on_no_vehicle(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    form = _file(pictures["two-cars.jpg"], config=json.dumps({"detection_rule": "strict"}))
    assert _plates((await _post(client, server, form))[1]) == ["klm482"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('{"mode": "slow"}', "mode must be"),
        ('{"threshold_d": "0.5"}', "threshold_d must be a number from 0 to 1"),
        ('{"threshold_o": NaN}', "not JSON"),
        ('{"text_formats": ["[A-Z"]}', "text format"),
    ],
)
async def test_a_config_that_cannot_be_used_is_refused_with_the_reason(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], config: str, reason: str
) -> None:
    status, body = await _post(client, server, _file(pictures["no-car.jpg"], config=config))
    assert status == 400
    assert reason in body["detail"]


def _huge() -> bytes:
    """Return a PNG of 50,000 x 50,000 pixels that has little more than its header."""
    chunks = (b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "0 bytes"),
        (b"Not an image, but a text.", "not an image"),
        (_huge(), "64 million"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "cannot be read"),
    ],
    ids=["empty", "text", "huge", "broken"],
)
async def test_what_is_no_image_is_refused_with_the_reason(
    client: ClientSession, server: Running, image: bytes, reason: str
) -> None:
    status, body = await _post(client, server, _file(image))
    assert status == 400
    assert reason in body["detail"]


@pytest.mark.parametrize(
    ("data", "status"),
    [({"regions": "gb"}, 400), ({"upload": "§"}, 400), ({"upload_url": "http://127.0.0.1/car.jpg"}, 400), (b"?", 415)],
    ids=["no upload", "no base64", "an address", "no form"],
)
async def test_what_is_no_upload_is_refused(client: ClientSession, server: Running, data: Any, status: int) -> None:
    answered, body = await _post(client, server, data)
    assert answered == status
    assert body["detail"].endswith(".")


async def test_a_form_that_ends_early_is_refused(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    body = (
        b'--limit\r\nContent-Disposition: form-data; name="upload"; filename="a.jpg"\r\n\r\n' + pictures["one-car.jpg"]
    )
    headers = {"Content-Type": "multipart/form-data; boundary=limit"}
    async with client.post(server.url + _PATH, data=body, headers=headers) as response:
        assert response.status == 400
        assert "ends early" in (await response.json())["detail"]


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _variants(image: Image.Image) -> dict[str, bytes]:
    turned = Image.Exif()
    turned[0x0112] = 6
    grey = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return {
        "PNG": _saved(image, "PNG"),
        "WebP": _saved(image, "WEBP"),
        "BMP": _saved(image, "BMP"),
        "GIF": _saved(image, "GIF"),
        "TIFF": _saved(image, "TIFF"),
        "animated GIF": _saved(image, "GIF", save_all=True, append_images=[image.point(lambda value: 255 - value)]),
        "CMYK JPEG": _saved(image.convert("CMYK"), "JPEG"),
        "16-bit PNG": _saved(grey, "PNG"),
        "EXIF-rotated JPEG": _saved(image.rotate(90, expand=True), "JPEG", exif=turned),
    }


async def test_every_kind_of_picture_is_read(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    image = Image.open(io.BytesIO(pictures["one-car.jpg"]))
    for kind, data in _variants(image).items():
        status, body = await _post(client, server, _file(data))
        assert (status, _plates(body)) == (201, ["nhk552"]), kind


async def test_other_methods_and_paths_are_refused_as_json(client: ClientSession, server: Running) -> None:
    async with client.get(server.url + _PATH) as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert "detail" in await response.json()
    async with client.get(server.url + "/v2/") as response:
        assert response.status == 404
        assert "detail" in await response.json()


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: multipart/form-data",
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Encoding: gzip",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip",
    ],
)
async def test_a_body_that_its_headers_do_not_describe_is_refused(server: Running, headers: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    head = f"POST {_PATH} HTTP/1.1\r\nHost: server\r\n{headers}\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + b"abc")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"malformed" in answer


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    head = (
        b"POST /v1/plate-reader/ HTTP/1.1\r\nHost: server\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: 100000\r\n\r\n--x\r\n"
    )
    with serving("--queue", "1", "--threads", "2") as server:
        for _ in range(10):
            _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
            writer.write(head)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        file = pictures["no-car.jpg"]

        async def given_back() -> None:
            # The server hears of a client's end a moment after the client itself.
            while (await _post(client, server, _file(file)))[0] == 503:
                pass

        await asyncio.wait_for(given_back(), 20)
        # All places would be taken if they were not given back.
        for _ in range(4):
            assert (await _post(client, server, _file(file)))[0] == 201
