"""Whatever a client sends, the server answers as its description (`/openapi.json`) says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession, FormData
from jsonschema import Draft202012Validator

from python_worker import __version__
from python_worker.api.schemas import CHECKED_CONFIG, FIELDS

from .conftest import Running


def test_the_description_holds_for_generated_requests(server: Running, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{server.url}/openapi.json",
        # A description cannot say what an image is, so the server may refuse what it allows. In a form, everything is
        # text.
        "--exclude-checks=positive_data_acceptance,negative_data_rejection",
        "--max-examples=25",
        "--seed=1",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--workers=1",
        "--no-color",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_the_description_is_made_of_the_schemas_that_requests_are_checked_with(
    client: ClientSession, server: Running
) -> None:
    async with client.get(f"{server.url}/openapi.json") as response:
        described = await response.json()
    Draft202012Validator.check_schema({"$defs": described["components"]["schemas"]})
    config = described["components"]["schemas"]["Config"]["properties"]
    assert set(config) == CHECKED_CONFIG.properties
    bodies = described["paths"]["/v1/plate-reader/"]["post"]["requestBody"]["content"]
    for kind in ("multipart/form-data", "application/x-www-form-urlencoded", "application/json"):
        assert set(bodies[kind]["schema"]["properties"]) == set(FIELDS)
    checked = set()
    for name, field in bodies["application/json"]["schema"]["properties"].items():
        for value in ({"a": 1}, [1], 1, True):
            # What the description refuses, the server refuses with the name of the field.
            if Draft202012Validator(field).is_valid(value):
                continue
            async with client.post(f"{server.url}/v1/plate-reader/", json={name: value}) as response:
                answer = await response.json()
                assert response.status == 400
                assert name in answer["detail"]
                checked.add(name)
    assert checked == set(FIELDS)


async def test_each_answer_is_as_described(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    async with client.get(f"{server.url}/openapi.json") as response:
        described = await response.json()
    for path, name in (("/v1/plate-reader/", "Recognition"), ("/v1/image/alpr", "Alpr")):
        for image in (pictures["two-cars.jpg"], b"no image"):
            for config in ("{}", '{"detection_mode": "vehicle"}'):
                form = FormData()
                form.add_field("upload", image, filename="a.jpg")
                form.add_field("config", config)
                async with client.post(server.url + path, data=form) as response:
                    fits = name if response.ok else "Error"
                    schema = {"$ref": f"#/components/schemas/{fits}", "components": described["components"]}
                    Draft202012Validator(schema).validate(await response.json())
    for path in ("/v1/statistics/", "/info/", "/v1/regions/", "/health", "/ready"):
        operation = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        async with client.get(server.url + path) as response:
            answer = await response.json()
        Draft202012Validator({**operation, "components": described["components"]}).validate(answer)
        if path == "/info/":
            assert answer["version"] == __version__
