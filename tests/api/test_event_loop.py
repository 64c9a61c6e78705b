"""No request, in whatever form, blocks the event loop."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientSession, FormData, web
from blockbuster import blockbuster_ctx

from python_worker.api.app import Server, make_app
from python_worker.api.calls import Calls
from python_worker.api.connections import Connections
from python_worker.api.limits import Access, Queue
from python_worker.api.metrics import Metrics
from python_worker.api.origins import Origins
from python_worker.api.uploads import Uploads
from python_worker.services.embedded import EmbeddedService
from python_worker.services.usage import UsageCounter


async def test_nothing_blocks_the_event_loop(pictures: Mapping[str, bytes], tmp_path: Path) -> None:
    engine = EmbeddedService(UsageCounter(tmp_path))
    await engine.start()
    uploads = Uploads(100_000_000)
    calls = Calls(engine, Access(None, None), Queue(2, 8), uploads, Metrics(), 20_000_000, None)
    server = Server(calls, Origins((), has_token=False), Connections(100))
    runner = web.AppRunner(make_app(server), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    image = pictures["two-cars.jpg"]
    file = FormData()
    file.add_field("upload", image, filename="car.jpg")
    try:
        async with ClientSession() as client:
            with blockbuster_ctx("python_worker"):
                for form in (file, {"upload": base64.b64encode(image).decode()}, {"upload": "no image"}):
                    async with client.post(f"{url}/v1/plate-reader/", data=form) as response:
                        assert response.status in (201, 400), await response.text()
                for path in ("/v1/statistics/", "/info/", "/v1/regions/", "/health", "/metrics", "/openapi.json", "/"):
                    async with client.get(url + path) as response:
                        assert response.status == 200, await response.text()
    finally:
        await runner.cleanup()
        await engine.close()
