"""Images are fetched only from internet addresses, however an address is written, and only up to a size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from python_worker.api.errors import ApiError
from python_worker.api.fetch import ImageFetcher, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.10",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - to be refused
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::c0a8:10a",
        "2002:7f00:1::",
    ],
)
def test_addresses_of_this_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/car.jpg",
        "http://localhost:{port}/car.jpg",
        "http://2130706433:{port}/car.jpg",
        "http://0x7f000001:{port}/car.jpg",
        "http://[::ffff:127.0.0.1]:{port}/car.jpg",
        # Parsers disagree about the host of these.
        "http://127\u30020\u30020\u30021:{port}/car.jpg",
        "http://\uff11\uff12\uff17.0.0.1:{port}/car.jpg",
        "http://\u2460\u2461\u2466.0.0.1:{port}/car.jpg",
        "http://127.1:{port}/car.jpg",
        "http://0177.0.0.1:{port}/car.jpg",
        "http://LOCALHOST.:{port}/car.jpg",
        "http://example.com@127.0.0.1:{port}/car.jpg",
        "http://[::]:{port}/car.jpg",
        "http://0:{port}/car.jpg",
        "http://[:{port}/car.jpg",
        "file:///etc/hostname",
        "ftp://example.com/car.jpg",
        "car.jpg",
        "",
    ],
)
async def test_nothing_is_fetched_from_this_machine(url: str) -> None:
    requests: list[str] = []
    async with _site(requests) as port:
        fetcher = ImageFetcher(1000)
        with pytest.raises(ApiError, match="upload_url"):
            await fetcher.fetch(url.format(port=port))
        await fetcher.close()
    assert requests == []


async def test_an_image_is_fetched_from_where_it_is_allowed_also_after_redirects() -> None:
    async with _site([]) as port:
        fetcher = ImageFetcher(1000, allowed=lambda address: True)
        assert await fetcher.fetch(f"http://127.0.0.1:{port}/redirect") == b"image"
        await fetcher.close()


async def test_a_redirect_into_this_network_is_refused() -> None:
    requests: list[str] = []
    async with _site(requests) as port:
        fetcher = ImageFetcher(1000, allowed=lambda address: address == "127.0.0.1")
        with pytest.raises(ApiError, match="not on the internet"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/inside")
        await fetcher.close()
    assert requests == ["/inside"]


@pytest.mark.parametrize("host", ["127\u30020\u30020\u30022", "\uff11\uff12\uff17.0.0.2", "0x7f000002", "2130706434"])
async def test_a_redirect_into_this_network_is_refused_however_it_is_written(host: str) -> None:
    requests: list[str] = []
    judged: list[str] = []

    def allowed(address: str) -> bool:
        judged.append(address)
        return address == "127.0.0.1"

    async with _site(requests, target=f"http://{host}/car.jpg") as port:
        fetcher = ImageFetcher(1000, allowed=allowed)
        with pytest.raises(ApiError, match="upload_url"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/elsewhere")
        await fetcher.close()
    assert requests == ["/elsewhere"]
    # What is judged is what would be connected to: an address, not a name.
    assert set(judged) <= {"127.0.0.1", "127.0.0.2"}


async def test_one_deadline_holds_for_all_redirects_together() -> None:
    requests: list[str] = []
    async with _site(requests) as port:
        fetcher = ImageFetcher(1000, allowed=lambda address: True, seconds=0.5)
        # Each hop takes less than the deadline, all together take more.
        with pytest.raises(ApiError, match=r"within 0\.5 seconds"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/slow/3")
        await fetcher.close()
    assert "/car.jpg" not in requests


@pytest.mark.parametrize(("path", "status"), [("/large", 413), ("/missing", 400), ("/loop", 400)])
async def test_what_gives_no_image_is_refused(path: str, status: int) -> None:
    async with _site([]) as port:
        fetcher = ImageFetcher(1000, allowed=lambda address: True)
        with pytest.raises(ApiError) as refused:
            await fetcher.fetch(f"http://127.0.0.1:{port}{path}")
        await fetcher.close()
    assert refused.value.status == status


@asynccontextmanager
async def _site(requests: list[str], target: str = "") -> AsyncIterator[int]:
    """Serve a small site that notes its requests, and redirects `/elsewhere` to a target; yield its port."""

    async def answer(request: web.Request) -> web.Response:
        requests.append(request.path)
        if request.path.startswith("/slow/"):
            left = int(request.path.rpartition("/")[2])
            await asyncio.sleep(0.3)
            raise web.HTTPFound(f"/slow/{left - 1}" if left > 1 else "/car.jpg")
        targets = {
            "/redirect": "/car.jpg",
            "/inside": "http://127.0.0.2/car.jpg",
            "/loop": "/loop",
            "/elsewhere": target,
        }
        if request.path in targets:
            raise web.HTTPFound(targets[request.path])
        bodies = {"/car.jpg": b"image", "/large": b"\0" * 1001}
        if request.path not in bodies:
            raise web.HTTPNotFound
        return web.Response(body=bodies[request.path])

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
