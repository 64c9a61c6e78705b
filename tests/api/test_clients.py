"""What clients of the Snapshot API send as they are, of other makers too, is read as they mean it."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from .conftest import Running

_PATH = "/v1/plate-reader/"
_ROOT = Path(__file__).parents[2]


async def _post(
    client: ClientSession, server: Running, data: Any, headers: Mapping[str, str] | None = None, query: str = ""
) -> tuple[int, dict[str, Any]]:
    async with client.post(server.url + _PATH + query, data=data, headers=headers) as response:
        return response.status, await response.json()


def _plates(body: Mapping[str, Any]) -> list[str]:
    return [result["plate"] for result in body["results"]]


def _part(name: str, content: bytes, header: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{header}\r\n\r\n'.encode() + content + b"\r\n"


def _recorded(*parts: bytes) -> tuple[bytes, dict[str, str]]:
    """Return a body as it is on the wire, with its header."""
    body = b"".join(b"--0f3c9a\r\n" + part for part in parts) + b"--0f3c9a--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=0f3c9a"}


@pytest.mark.parametrize(
    "config",
    [
        '{"detection_rule": "False", "region": "False"}',
        '{"region":"none"}',
        '{"region": false, "detection_rule": null}',
        "{}",
        "",
    ],
)
async def test_a_rule_that_is_not_strict_is_a_guide(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], config: str
) -> None:
    # As Home Assistant's integration sends it, by Python's requests: fields first, the file is named as its field.
    body, headers = _recorded(
        _part("regions", b"gb"),
        _part("config", config.encode()),
        _part("upload", pictures["two-cars.jpg"], '; filename="upload"'),
    )
    status, answer = await _post(client, server, body, headers)
    assert (status, sorted(_plates(answer))) == (201, ["ab123cd", "klm482"])


@pytest.mark.parametrize("rule", ["strict", "Strict"])
async def test_a_rule_that_is_strict_is_one(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], rule: str
) -> None:
    body, headers = _recorded(
        _part("config", json.dumps({"detection_rule": rule}).encode()),
        _part("upload", pictures["two-cars.jpg"], '; filename="upload"'),
    )
    assert _plates((await _post(client, server, body, headers))[1]) == ["klm482"]


_NODE_RED = """
const FormData = require("form-data");
const upload = require("fs").readFileSync(0);
const payload = { upload, regions: ["gb", "us-ca"], config: { mode: "fast" }, mmc: true };
const form = new FormData();
// As Node-RED's http request node does it.
for (const [name, value] of Object.entries(payload)) {
    form.append(name, typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value));
}
process.stdout.write(JSON.stringify({ headers: form.getHeaders(), body: form.getBuffer().toString("base64") }));
"""


async def test_node_reds_own_request_node_sends_a_buffer_without_a_name(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    done = await asyncio.to_thread(
        subprocess.run, ["node", "-e", _NODE_RED], input=pictures["one-car.jpg"], capture_output=True, cwd=_ROOT
    )
    sent = json.loads(done.stdout)
    body = base64.b64decode(sent["body"])
    assert b"filename" not in body
    status, answer = await _post(client, server, body, {"Content-Type": sent["headers"]["content-type"]})
    assert (status, _plates(answer)) == (201, ["nhk552"])


_VENDOR = """
import json, sys
import requests
# As the company's command line client sends it to an SDK: a list and an empty object where nothing is asked for.
for regions, config in (([], {}), (["gb", "us-ca"], {"detection_mode": "vehicle"})):
    fp = open(sys.argv[2], "rb")
    data = dict(regions=regions, config=json.dumps(config), camera_id="gate", timestamp="2026-11-25T00:00:00Z")
    response = requests.post(sys.argv[1] + "/v1/plate-reader/", files=dict(upload=fp), data=data)
    print(response.status_code, [str(result["plate"])[:6] for result in response.json()["results"]])
"""


async def test_the_companys_own_client_sends_fields_and_a_file(
    server: Running, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "car.jpg").write_bytes(pictures["one-car.jpg"])
    command = [sys.executable, "-I", "-c", _VENDOR, server.url, str(tmp_path / "car.jpg")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["201 ['nhk552']", '201 ["{\'type"]'], done.stderr


@pytest.mark.parametrize("regions", ['["in", "DE"]', "IN,de", "[in, de]"])
async def test_regions_may_be_one_json_text_and_capitals(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], regions: str
) -> None:
    body, headers = _recorded(
        _part("regions", regions.encode()),
        _part("config", b'{"region": "strict"}'),
        _part("upload", pictures["another-car-at-angle.jpg"], '; filename="a.jpg"'),
    )
    status, answer = await _post(client, server, body, headers)
    assert (status, [result["region"]["code"] for result in answer["results"]]) in ((201, []), (201, ["de"]))


@pytest.mark.parametrize("header", ['; filename="again.jpg"', ""])
async def test_a_second_picture_in_another_field_does_not_count(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], header: str
) -> None:
    image = pictures["one-car.jpg"]
    body, headers = _recorded(
        _part("image", pictures["two-cars.jpg"], header),
        _part("upload", image, '; filename="car.jpg"'),
        _part("thumbnail", pictures["no-car.jpg"], header),
    )
    status, answer = await _post(client, server, body, headers)
    assert (status, _plates(answer)) == (201, ["nhk552"])


async def test_a_picture_in_another_field_alone_is_told(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    body, headers = _recorded(_part("image", pictures["one-car.jpg"], '; filename="car.jpg"'))
    status, answer = await _post(client, server, body, headers)
    assert status == 400
    assert "no image in 'upload'; it has a file in 'image'" in answer["detail"]


async def test_a_json_body_has_the_fields_of_the_form(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    body = {
        "upload": base64.b64encode(pictures["two-cars.jpg"]).decode(),
        "regions": ["gb", "us-ca"],
        "camera_id": "gate 2",
        "timestamp": None,
        "mmc": False,
        "config": {"detection_rule": "strict"},
    }
    for config in (body["config"], json.dumps(body["config"])):
        async with client.post(server.url + _PATH, json={**body, "config": config}) as response:
            answer = await response.json()
            assert (response.status, _plates(answer), answer["camera_id"]) == (201, ["klm482"], "gate 2")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"upload": 5}', 400),
        (b'{"upload": {"type": "Buffer", "data": [' + b"1," * 5000 + b"1]}}", 413),
        (b"[" * 1000, 400),
        (b'{"upload": "\xc3\xa9"}', 400),
    ],
)
async def test_a_json_body_that_cannot_be_used_is_refused(
    client: ClientSession, server: Running, body: bytes, status: int
) -> None:
    answered, answer = await _post(client, server, body, {"Content-Type": "application/json"})
    assert answered == status
    assert answer["detail"].endswith(".")


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream"])
async def test_a_picture_may_be_the_whole_body(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], kind: str
) -> None:
    status, answer = await _post(
        client, server, pictures["one-car.jpg"], {"Content-Type": kind}, "?camera_id=gate%202&regions=gb"
    )
    assert (status, _plates(answer), answer["camera_id"]) == (201, ["nhk552"], "gate 2")


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ('filename="caf\u00e9.jpg"'.encode(), "caf\u00e9.jpg"),
        ('filename="caf\u00e9.jpg"'.encode("latin-1"), "caf\ufffd.jpg"),
        ('filename="\U0001f697.jpg"'.encode(), "\U0001f697.jpg"),
        (b"filename=car.jpg", "car.jpg"),
        (b'filename=""', "image"),
    ],
)
async def test_a_files_name_is_given_back_in_whatever_letters(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], sent: bytes, given: str
) -> None:
    body, headers = _recorded(_part("upload", pictures["no-car.jpg"], "; NAME").replace(b"NAME", sent))
    status, answer = await _post(client, server, body, headers)
    assert (status, answer["filename"]) == (201, given)


async def test_an_error_is_where_either_kind_of_client_looks(client: ClientSession, server: Running) -> None:
    for data, expected in (({}, 400), ({"upload": "YQ", "camera_id": "a" * 70_000}, 413)):
        status, answer = await _post(client, server, data)
        assert status == expected
        assert answer["error"] == answer["detail"]


async def test_half_a_character_of_json_is_no_fault_of_the_server(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    form = FormData()
    form.add_field("upload", pictures["no-car.jpg"], filename="a.jpg")
    form.add_field("regions", '["\\ud800"]')
    form.add_field("config", '{"text_formats": ["\\ud800"]}')
    assert (await _post(client, server, form))[0] == 400
    upload = base64.b64encode(pictures["no-car.jpg"]).decode()
    async with client.post(server.url + _PATH, json={"upload": upload, "camera_id": "\ud800"}) as response:
        assert (response.status, (await response.json())["camera_id"]) == (201, "?")


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the vendor's CSV export: a result with a vehicle each, those without one are left out."""
    return [
        {"plate": result["plate"] and result["plate"]["props"]["plate"][0]["value"], **result["vehicle"]["box"]}
        for result in answer["results"]
        if result["vehicle"]
    ]


async def test_each_plate_has_a_vehicle_in_vehicle_mode(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    body, headers = _recorded(
        _part("config", b'{"detection_mode": "vehicle"}'),
        _part("upload", pictures["two-cars.jpg"], '; filename="car.jpg"'),
    )
    rows = _rows((await _post(client, server, body, headers))[1])
    with (tmp_path / "plates.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert {"ab123cd", "klm482"} <= {row["plate"] for row in rows}
