"""Each request has one line in the log, that finds it again and betrays nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession, FormData

from .conftest import serving


async def test_the_log_names_each_request_and_holds_no_secret(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret-token")
    log = tmp_path / "log"
    with serving("--token-file", str(tmp_path / "token"), "--allow-upload-url", log=log) as server:
        named = {"X-Request-Id": "gate-2.17"}
        right = {"Authorization": "Token s3cret-token"}
        image = FormData()
        image.add_field("upload", pictures["one-car.jpg"], filename="private-name.jpg")
        image.add_field("camera_id", "private-camera")
        sent = []
        for data, headers, status in (
            (image, {**right, **named}, 201),
            ({"upload_url": "http://user:private-password@127.0.0.1/"}, right, 400),
            ({}, {"Authorization": "Token wr0ng-token", "X-Request-Id": "forged\u00e9 id"}, 403),
        ):
            url = f"{server.url}/v1/plate-reader/?token=private-query"
            async with client.post(url, data=data, headers=headers) as response:
                assert response.status == status, await response.text()
                sent.append((response.headers["X-Request-Id"], status))
        assert sent[0][0] == "gate-2.17"
        assert all(re.fullmatch(r"[0-9a-f]{16}", name) for name, _ in sent[1:])
        async with client.get(f"{server.url}/%0aERROR%1b[31m", headers=right) as response:
            assert response.status == 404
        for watched in ("/health", "/metrics", "/ready"):
            async with client.get(server.url + watched) as response:
                assert response.status == 200
        server.process.terminate()
        assert await asyncio.to_thread(server.process.wait, 30) == 0
    text = log.read_text()
    for name, status in sent:
        (line,) = re.findall(rf"^INFO {name} .*$", text, re.MULTILINE)
        assert re.fullmatch(rf"INFO {name} 127\.0\.0\.1 POST /v1/plate-reader/ {status} \d+ ms", line)
    assert "\x1b" not in text
    assert not re.search("^ERROR", text, re.MULTILINE)
    assert re.search(r"^DEBUG \w+ 127\.0\.0\.1 GET /health 200", text, re.MULTILINE)
    for secret in ("s3cret", "wr0ng", "private", "nhk552"):
        assert secret not in text.lower()
