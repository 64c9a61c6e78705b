"""The original nodes get plates from our server after a change of only their URL; Node-RED's own request node, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from python_worker.samples import SAMPLES, draw_samples
from scripts.node_red import NodeRed
from scripts.tools import LINES, ensure_packages, original_package
from tests.api.conftest import serving as serving_engine

from .comms import editing
from .conftest import SETTINGS, user_directory
from .flows import node, seed, serving, tab
from .test_seed_flows import BASIC_DEBUG, BASIC_INJECT, STATISTICS_DEBUG, STATISTICS_INJECT

NAME = "two-cars.jpg"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Yield the address of our server."""
    with serving_engine() as running:
        yield running.url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def original(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NodeRed]:
    """Yield a Node-RED with the original package and without ours."""
    ensure_packages(LINES["4.1"])
    directory = user_directory(tmp_path_factory.mktemp("original"), original_package())
    async with NodeRed("4.1", directory, settings=SETTINGS) as red:
        yield red


async def test_the_original_recognizer_gets_plates(original: NodeRed, server: str) -> None:
    flow = seed("basic")
    for one in flow:
        if one["type"] == "http request":
            one["url"] = f"{original.url}/picture.jpg"
        if one["type"] == "plate-recognizer":
            one.update({"url": f"{server}/v1/plate-reader/", "credentials": {"apiToken": "0" * 40}})
    async with editing(original) as editor:
        await original.deploy([*flow, *serving("/picture.jpg", draw_samples()[NAME])])
        message = await editor.press(BASIC_INJECT, BASIC_DEBUG)
    results = message["payload"]["results"]
    assert {result["plate"].upper() for result in results} == set(SAMPLES[NAME])
    assert message["payload"]["status"] == 201


_BUILD = """
msg.headers = { "content-type": "multipart/form-data" };
msg.payload = { upload: msg.payload, regions: ["gb", "fr"], config: { mode: "regular" }, camera_id: "gate" };
return msg;
"""


async def test_node_reds_own_request_node_gets_plates(original: NodeRed, server: str) -> None:
    flow = [
        tab(),
        node("inject", "press", wires=[["fetch"]]),
        node("http request", "fetch", method="GET", ret="bin", url=f"{original.url}/picture.jpg", wires=[["build"]]),
        node("function", "build", func=_BUILD, outputs=1, wires=[["post"]]),
        node("http request", "post", method="POST", ret="obj", url=f"{server}/v1/plate-reader/", wires=[["shown"]]),
        node("debug", "shown", active=True, tosidebar=True, complete="true"),
    ]
    async with editing(original) as editor:
        await original.deploy([*flow, *serving("/picture.jpg", draw_samples()[NAME])])
        message = await editor.press("press", "shown")
    assert message["statusCode"] == 201
    assert message["payload"]["camera_id"] == "gate"
    assert {result["plate"].upper() for result in message["payload"]["results"]} == set(SAMPLES[NAME])


async def test_the_original_statistics_show_the_calls(original: NodeRed, server: str) -> None:
    flow = seed("statistics")
    for one in flow:
        if one["type"] == "plate-statistics":
            one.update({"url": f"{server}/v1/statistics/", "credentials": {"apiToken": "0" * 40}})
    async with editing(original) as editor:
        await original.deploy(flow)
        message = await editor.press(STATISTICS_INJECT, STATISTICS_DEBUG)
    assert message["usage"]["calls"] >= 1
    assert message["total_calls"] > message["usage"]["calls"]
