"""Where a message goes when its recognition fails: to output 2 if that is wired, otherwise to the Catch nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from scripts.node_red import NodeRed
from tests.contract.server import TOKEN, Service

from .driver import PICTURE_IN_FLOW, deployed
from .flows import driven, plate_recognizer, plate_statistics

CLOSED_PORT = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Failure:
    """How a service fails, and what the message says then."""

    fault: str
    status: int
    text: str
    said: dict[str, Any]


FAILURES = [
    Failure(
        "400",
        400,
        "Bad Request",
        {"upload": ["The submitted data was not a file. Check the encoding type on the form."]},
    ),
    Failure("403", 403, "Forbidden", {"detail": "Invalid token."}),
    Failure("404", 404, "Not Found", {"detail": "Not Found"}),
    Failure("413", 413, "Request Entity Too Large", {"detail": "Payload too large."}),
    Failure("429", 429, "Too Many Requests", {"detail": "Request was throttled. Expected available in 1 second."}),
    Failure("500", 500, "Internal Server Error", {"detail": "Internal Server Error"}),
    Failure("html", 502, "Bad Gateway", {"body": "<!doctype html><title>Welcome</title>"}),
    Failure("list", 502, "Bad Gateway", {}),
    Failure("shape", 502, "Bad Gateway", {}),
    Failure("nan", 502, "Bad Gateway", {}),
    Failure("redirect", 502, "Bad Gateway", {}),
    Failure("hang-up", 502, "Bad Gateway", {}),
    Failure("truncate", 502, "Bad Gateway", {}),
    Failure("short-length", 502, "Bad Gateway", {}),
    Failure("not-http", 502, "Bad Gateway", {}),
    Failure("huge", 502, "Bad Gateway", {}),
    Failure("stall", 504, "Gateway Timeout", {}),
    Failure("drip", 504, "Gateway Timeout", {}),
]


def check(payload: dict[str, Any], failure: Failure) -> None:
    """Check what the output field holds after a failure."""
    assert (payload["status"], payload["statusText"]) == (failure.status, failure.text)
    assert payload["error"]["code"] == failure.status
    assert payload["error"]["message"]
    assert failure.said.items() <= payload.items()


async def test_a_failure_of_the_service_goes_to_output_2_with_what_the_service_said(red: NodeRed, sdk: Service) -> None:
    tested = plate_recognizer(url=sdk.url, tries=1, timeout=1, cameraId="camera", cameraIdType="msg")
    async with deployed(red, driven(tested)) as driver:
        for failure in FAILURES:
            calls = len(sdk.calls)
            outcome = await driver.message(payload=PICTURE_IN_FLOW, topic="gate", camera=f"~{failure.fault}")
            check(outcome.refused["payload"], failure)
            assert outcome.refused["topic"] == "gate"
            assert outcome.statuses[-1] == {"fill": "red", "shape": "dot", "text": failure.text}
            # A kept connection that closes without an answer may have been idle for too long, so a fresh one is tried.
            assert len(sdk.calls) - calls <= (2 if failure.fault == "hang-up" else 1)


async def test_a_failure_of_the_service_goes_to_catch_nodes_when_output_2_has_no_wire(
    red: NodeRed, sdk: Service
) -> None:
    tested = plate_recognizer(
        url=sdk.url, tries=1, timeout=1, outputField="recognition", cameraId="camera", cameraIdType="msg"
    )
    async with deployed(red, driven(tested, outputs=1)) as driver:
        for failure in FAILURES:
            outcome = await driver.message(payload=PICTURE_IN_FLOW, camera=f"~{failure.fault}")
            check(outcome.error["recognition"], failure)
            assert outcome.error["error"]["code"] == failure.status
            assert outcome.error["error"]["message"].endswith(outcome.error["recognition"]["error"]["message"])
            assert outcome.statuses[-1] == {"fill": "red", "shape": "dot", "text": failure.text}


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(None, id="null"),
        pytest.param("", id="empty text"),
        pytest.param("no base64!", id="text"),
        pytest.param(12, id="number"),
        pytest.param({"a": 1}, id="object"),
        pytest.param(b"", id="empty Buffer"),
        pytest.param(b"GIF but not really", id="not an image"),
    ],
)
async def test_what_is_no_image_is_a_400_and_costs_no_call(red: NodeRed, sdk: Service, payload: Any) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
        outcome = await driver.message(payload=payload)
    assert outcome.refused["payload"]["status"] == 400
    assert outcome.statuses[-1] == {"fill": "red", "shape": "dot", "text": "Bad Request"}
    assert not sdk.calls


async def test_a_message_without_the_input_field_is_a_400_that_names_the_field(red: NodeRed, sdk: Service) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, inputField="picture.jpeg"))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert "msg.picture.jpeg" in outcome.refused["payload"]["error"]["message"]
    assert not sdk.calls


async def test_the_cloud_without_a_token_is_a_403_that_says_what_to_do_and_costs_no_call(
    red: NodeRed, cloud: Service
) -> None:
    async with deployed(red, driven(plate_recognizer(url=""))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.refused["payload"]["status"] == 403
    message = outcome.refused["payload"]["error"]["message"]
    assert "token" in message
    assert "embedded engine" in message
    assert not cloud.calls


async def test_a_wrong_token_is_the_clouds_403(red: NodeRed, cloud: Service) -> None:
    async with deployed(red, driven(plate_recognizer(url="", credentials={"apiToken": "wrong"}))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.refused["payload"]["detail"] == "Invalid token."
    assert len(cloud.calls) == 1


async def test_a_service_that_refuses_connections_is_a_503(red: NodeRed) -> None:
    async with deployed(red, driven(plate_recognizer(url=CLOSED_PORT))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.refused["payload"]["status"] == 503
    assert outcome.statuses[-1] == {"fill": "red", "shape": "dot", "text": "Service Unavailable"}


@pytest.mark.parametrize("outputs", [1, 2])
async def test_a_statistics_node_routes_failures_as_the_recognizer_does(
    red: NodeRed, cloud: Service, outputs: int
) -> None:
    tested = plate_statistics(url="", timeout=1, credentials={"apiToken": TOKEN})
    async with deployed(red, driven(tested, outputs=outputs)) as driver:
        for fault, status in (("403", 403), ("html", 502), ("shape", 502), ("stall", 504), ("hang-up", 502)):
            cloud.faults.extend([fault, fault])
            outcome = await driver.message()
            cloud.faults.clear()
            failed = outcome.refused if outputs == 2 else outcome.error
            assert failed["payload"]["status"] == status
            assert outcome.statuses[-1]["fill"] == "red"
        assert (await driver.message()).result["payload"]["calls_remaining"] == 2372


async def test_after_a_failure_the_node_works_on(red: NodeRed, sdk: Service) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, tries=1))) as driver:
        for fault in ("500", "truncate", "not-http"):
            sdk.faults.append(fault)
            assert (await driver.message(payload=PICTURE_IN_FLOW)).refused
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
