"""Pages of other sites cannot make a visitor's server work, unless they were allowed to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession, FormData

from .conftest import Running, serving

_PATH = "/v1/plate-reader/"


def _form(image: bytes) -> FormData:
    form = FormData()
    form.add_field("upload", image, filename="car.jpg")
    return form


async def _read(client: ClientSession, server: Running) -> float:
    async with client.get(f"{server.url}/v1/statistics/") as response:
        calls: float = (await response.json())["usage"]["calls"]
        return calls


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1", "http://[", "\u00e9"])
@pytest.mark.parametrize("path", [_PATH, "/v1/image/alpr"])
async def test_a_page_of_another_site_makes_no_call(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], origin: str, path: str
) -> None:
    before = await _read(client, server)
    headers = {"Origin": origin}
    async with client.post(server.url + path, data=_form(pictures["one-car.jpg"]), headers=headers) as response:
        assert response.status == 403
        assert "--allow-origin" in (await response.json())["error"]
        assert "Access-Control-Allow-Origin" not in response.headers
    async with client.options(server.url + path, headers=headers) as response:
        assert response.status == 403
    assert await _read(client, server) == before


async def test_the_servers_own_page_calls(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    async with client.post(
        server.url + _PATH, data=_form(pictures["no-car.jpg"]), headers={"Origin": server.url}
    ) as response:
        assert response.status == 201


async def test_a_name_that_another_site_may_have_bound_to_this_machine_needs_a_token_or_leave(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret")
    rebound = {"Origin": "http://plates.example", "Host": "plates.example"}
    headers = {**rebound, "Authorization": "Token s3cret"}
    for options, status in (
        ((), 403),
        (("--token-file", str(tmp_path / "token")), 201),
        (("--allow-origin", "http://plates.example"), 201),
    ):
        with serving(*options) as server:
            form = _form(pictures["no-car.jpg"])
            async with client.post(server.url + _PATH, data=form, headers=headers) as response:
                assert response.status == status, options


async def test_a_page_that_was_allowed_calls_and_reads_answers_and_errors(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving("--allow-origin", "https://dash.example", "--allow-origin", "http://127.0.0.1:1880") as server:
        headers = {"Origin": "https://dash.example"}
        asked = {**headers, "Access-Control-Request-Method": "POST"}
        async with client.options(server.url + _PATH, headers=asked) as response:
            assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (204, "https://dash.example")
            assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
        for image, status in ((pictures["no-car.jpg"], 201), (b"no image", 400)):
            async with client.post(server.url + _PATH, data=_form(image), headers=headers) as response:
                assert response.status == status
                assert response.headers["Access-Control-Allow-Origin"] == "https://dash.example"
                assert response.headers["Vary"] == "Origin"
        async with client.post(server.url + _PATH, headers={"Origin": "https://other.example"}) as response:
            assert response.status == 403
