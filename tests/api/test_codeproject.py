"""What calls CodeProject.AI's licence plate API gets the same form of answers here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from .conftest import Running, serving

PATHS = ("/v1/image/alpr", "/v1/vision/alpr")

# As recorded from the makers' documentation and sources: how each client names its file.
CLIENTS = {
    "Blue Iris": ("/v1/vision/alpr", "upload", "image.jpg"),
    "Agent DVR": ("/v1/vision/alpr", "image", "image.jpg"),
    "Viseron": ("/v1/vision/alpr", "image", "image"),
    "Frigate's companion": ("/v1/image/alpr", "upload", "upload"),
}


async def _post(client: ClientSession, url: str, image: bytes | None, field: str, name: str, **fields: str) -> Any:
    form = FormData(default_to_multipart=True)
    if image is not None:
        form.add_field(field, image, filename=name)
    for key, value in fields.items():
        form.add_field(key, value)
    async with client.post(url, data=form) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(("path", "field", "name"), CLIENTS.values(), ids=CLIENTS.keys())
async def test_each_client_is_answered_in_its_form(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], path: str, field: str, name: str
) -> None:
    image = pictures["one-car.jpg"]
    status, answer = await _post(client, server.url + path, image, field, name, min_confidence="0.4")
    assert (status, answer["success"], answer["code"], answer["count"]) == (200, True, 200, 1)
    (found,) = answer["predictions"]
    assert (found["plate"], found["label"]) == ("NHK552", "Plate: NHK552")
    assert 0.4 <= found["confidence"] <= 1
    assert 0 <= found["x_min"] < found["x_max"]
    assert 0 <= found["y_min"] < found["y_max"]
    assert answer["message"] == "Found Plate: NHK552"
    assert (answer["command"], answer["moduleId"], answer["inferenceDevice"]) == ("alpr", "ALPR", "CPU")
    assert min(answer["processMs"], answer["inferenceMs"]) > 0
    assert answer["analysisRoundTripMs"] >= answer["processMs"]
    assert {"moduleName", "requestId", "processedBy", "timestampUTC"} <= set(answer)


async def test_it_counts_like_any_call_and_reads_the_same(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    with serving("--state", str(tmp_path)) as server:
        _, answer = await _post(client, server.url + PATHS[0], pictures["two-cars.jpg"], "upload", "a.jpg")
        form = FormData()
        form.add_field("upload", pictures["two-cars.jpg"], filename="a.jpg")
        async with client.post(f"{server.url}/v1/plate-reader/", data=form) as response:
            same = await response.json()
    assert same["usage"]["calls"] == 2
    assert [(one["plate"].lower(), one["confidence"], one["x_min"]) for one in answer["predictions"]] == [
        (one["plate"], one["score"], one["box"]["xmin"]) for one in same["results"]
    ]


async def test_the_least_confidence_drops_plates(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    _, answer = await _post(
        client, server.url + PATHS[1], pictures["one-car.jpg"], "upload", "a.jpg", min_confidence="1"
    )
    assert (answer["success"], answer["predictions"], answer["message"]) == (True, [], "No plates found")


@pytest.mark.parametrize(
    ("image", "fields", "code", "reason"),
    [
        (None, {"other": "a"}, 400, "no image in 'upload' or 'image'"),
        (b"Not an image, but a text.", {}, 400, "not an image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, {"min_confidence": "high"}, 400, "'min_confidence' must be a number"),
    ],
)
async def test_what_concerns_the_image_fails_with_status_200(
    client: ClientSession, server: Running, image: bytes | None, fields: dict[str, str], code: int, reason: str
) -> None:
    status, answer = await _post(client, server.url + PATHS[0], image, "upload", "a.jpg", **fields)
    assert (status, answer["success"], answer["code"], answer["predictions"]) == (200, False, code, [])
    assert reason in answer["error"]


async def test_the_same_bounds_hold(client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    with serving("--max-upload", "1", "--token-file", str(tmp_path / "token")) as server:
        url = server.url + PATHS[0]
        status, answer = await _post(client, url, pictures["one-car.jpg"], "upload", "a.jpg")
        assert (status, answer["success"], answer["error"]) == (403, False, "Invalid token.")
        async with ClientSession(headers={"Authorization": "Token s3cret"}) as allowed:
            status, answer = await _post(allowed, url, b"\0" * 1_000_001, "upload", "a.jpg")
            assert (status, answer["success"], answer["code"]) == (413, False, 413)
