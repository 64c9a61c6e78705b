"""The flows of the original's documentation, as they stand there, with addresses put in."""

from __future__ import annotations

import pytest

from scripts.node_red import Flow, NodeRed
from tests.contract.server import PLATE, TOKEN, Service

from .comms import editing
from .driver import deployed
from .flows import PICTURE, observed, seed, serving

BASIC, BASIC_INJECT, BASIC_DEBUG = "38586517.a5bf9a", "e4699284.081c7", "30cb89da.c35546"
CASES, CASES_PLATES, CASES_ERRORS = "231d72b4.5233ae", "28523886.f82428", "100a66ab.4607f9"
CASES_INJECTS = ["fff72ad.6f8c7d8", "9a21e444.b22fc8", "10f189ae.db2d76", "869cd924.d991d8", "8c4f0d01.426a2"]
STATISTICS, STATISTICS_INJECT, STATISTICS_DEBUG = "9b354f46.f081d", "5653b69.13c4648", "54063a77.493ae4"


def imported(red: NodeRed, name: str, *, url: str = "", token: str = TOKEN) -> Flow:
    """Return a seed flow with the pictures' address, the service's and a token put in."""
    flow = seed(name)
    for node in flow:
        if node["type"] == "http request":
            node["url"] = f"{red.url}/picture.jpg"
        if node["type"].startswith("plate-"):
            node.update({"url": url or node["url"], "credentials": {"apiToken": token}})
    return [*flow, *serving("/picture.jpg", PICTURE)]


@pytest.mark.parametrize("service", ["cloud", "sdk"])
async def test_the_basic_flow_shows_the_whole_message_with_the_plates(
    red: NodeRed, cloud: Service, sdk: Service, service: str
) -> None:
    url = sdk.url if service == "sdk" else ""
    async with editing(red) as editor:
        await red.deploy(imported(red, "basic", url=url))
        await red.request("POST", f"/inject/{BASIC_INJECT}")
        message = await editor.debugged(BASIC_DEBUG)
    assert message["payload"]["results"] == [PLATE]
    assert (message["payload"]["status"], message["payload"]["statusText"]) == (201, "Created")
    assert message["statusCode"] == 200, "what the http request node said is still there"
    (call,) = (sdk if service == "sdk" else cloud).calls
    assert call.form.upload == PICTURE
    assert call.form.fields == {}, "the flow says not to send a time, and has no camera and regions"
    assert call.headers["Authorization"] == f"Token {TOKEN}"


async def test_a_refusal_in_the_basic_flow_reaches_a_catch_node_since_its_output_2_has_no_wire(
    red: NodeRed, cloud: Service
) -> None:
    flow = imported(red, "basic", token="not-the-token")
    async with deployed(red, [*flow, *observed([BASIC])]) as driver:
        await red.request("POST", f"/inject/{BASIC_INJECT}")
        (caught,) = await driver.events.until(lambda all_: [event for event in all_ if event.kind == "catch"])
        await driver.fence()
    # The picture is still there, to be sent again.
    assert caught.message["payload"].keys() == {"$base64"}
    assert caught.message["error"]["code"] == 403
    assert "Invalid token" in caught.message["error"]["message"]
    assert "complete" not in {event.kind for event in driver.events}


async def test_each_case_of_the_different_cases_flow_shows_its_plates(red: NodeRed, cloud: Service) -> None:
    async with editing(red) as editor:
        await red.deploy(imported(red, "different-cases"))
        for number, inject in enumerate(CASES_INJECTS):
            cloud.results = [PLATE] * number
            recognition = await editor.press(inject, CASES_PLATES)
            assert recognition["results"] == [PLATE] * number
            assert recognition["status"] == 201
            await editor.status(CASES, ",".join(["NHK552(90%)"] * number))


async def test_the_different_cases_flow_shows_a_refusal_at_its_errors_node(red: NodeRed, cloud: Service) -> None:
    async with editing(red) as editor:
        await red.deploy(imported(red, "different-cases"))
        for status, text in ((413, "Request Entity Too Large"), (403, "Forbidden")):
            cloud.faults.append(str(status))
            recognition = await editor.press(CASES_INJECTS[0], CASES_ERRORS)
            assert recognition["status"] == status
            assert recognition["statusText"] == text
            assert recognition["error"]["code"] == status
            await editor.status(CASES, text)


async def test_the_statistics_flow_shows_the_calls_of_the_account(red: NodeRed, cloud: Service) -> None:
    async with editing(red) as editor:
        await red.deploy(imported(red, "statistics"))
        payload = await editor.press(STATISTICS_INJECT, STATISTICS_DEBUG)
        await editor.status(STATISTICS, "128 / 2500")
    assert payload == {
        "usage": {"month": 1, "calls": 128, "year": 2019, "resets_on": "2019-02-01T00:00:00Z"},
        "total_calls": 2500,
        "status": 200,
        "statusText": "OK",
        "calls_remaining": 2372,
    }


async def test_the_statistics_flow_asks_an_sdk_for_its_info(red: NodeRed, sdk: Service) -> None:
    async with editing(red) as editor:
        await red.deploy(imported(red, "statistics", url=sdk.url))
        payload = await editor.press(STATISTICS_INJECT, STATISTICS_DEBUG)
        await editor.status(STATISTICS, "128 / 2500")
    assert payload["calls_remaining"] == 2372
    assert sdk.calls[0].path == "/info/"


async def test_the_statistics_flow_survives_a_service_that_refuses_connections(red: NodeRed) -> None:
    """The original ends Node-RED here."""
    flow = imported(red, "statistics", url="http://127.0.0.1:9/v1/statistics/")
    async with deployed(red, [*flow, *observed([STATISTICS])]) as driver:
        await red.request("POST", f"/inject/{STATISTICS_INJECT}")
        (caught,) = await driver.events.until(lambda all_: [event for event in all_ if event.kind == "catch"])
    assert caught.message["error"]["code"] == 503
    assert caught.message["payload"]["status"] == 503
