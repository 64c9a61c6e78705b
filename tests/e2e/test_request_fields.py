"""Fields of the plate-recognizer node that are about the request to the service."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from scripts.node_red import Flow, NodeRed
from tests.contract.server import PLATE, TOKEN, UPLOAD_LIMIT, Service

from .driver import PICTURE_IN_FLOW, deployed
from .flows import NODE, driven, node, plate_recognizer


async def test_the_token_may_be_an_environment_variable(red: NodeRed, cloud: Service) -> None:
    tested = plate_recognizer(url="", credentials={"apiToken": "${PLATE_TOKEN}"})
    flow = driven(tested)
    flow[0]["env"] = [{"name": "PLATE_TOKEN", "value": TOKEN, "type": "str"}]
    async with deployed(red, flow) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.result["payload"]["status"] == 201
    assert cloud.calls[0].headers["Authorization"] == f"Token {TOKEN}"


async def test_the_token_is_in_no_message_and_in_no_exported_flow(red: NodeRed, cloud: Service) -> None:
    tested = plate_recognizer(url="", cameraIdType="msg", cameraId="camera", credentials={"apiToken": TOKEN})
    async with deployed(red, driven(tested)) as driver:
        for camera in ("", "~echo", "~500", "~html"):
            await driver.message(payload=PICTURE_IN_FLOW, camera=camera)
        seen = repr(driver.events)
    assert len(cloud.calls) == 4
    assert TOKEN not in seen
    assert TOKEN not in repr(await red.request("GET", "/flows"))
    assert TOKEN not in (red.user_directory / "flows.json").read_text()
    assert TOKEN not in (red.user_directory / "flows_cred.json").read_text()


@pytest.mark.parametrize("path", ["", "/", "/v1/plate-reader/", "/v1/plate-reader"])
async def test_a_bare_host_gets_the_path_of_the_api(red: NodeRed, sdk: Service, path: str) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url + path))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.result["payload"]["status"] == 201
    assert "Authorization" not in sdk.calls[0].headers


async def test_an_address_that_is_none_is_a_400_without_a_call(red: NodeRed) -> None:
    async with deployed(red, driven(plate_recognizer(url="ftp://example.org"))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.refused["payload"]["status"] == 400
    assert "ftp://example.org" in outcome.refused["payload"]["error"]["message"]


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        pytest.param({}, None, id="absent"),
        pytest.param({"cameraId": ""}, None, id="empty"),
        pytest.param({"cameraId": "topic"}, ["topic"], id="plain text of an old flow"),
        pytest.param({"cameraId": "gate 1", "cameraIdType": "str"}, ["gate 1"], id="str"),
        pytest.param({"cameraId": "camera.name", "cameraIdType": "msg"}, ["from msg"], id="msg"),
        pytest.param({"cameraId": "nothing.here", "cameraIdType": "msg"}, None, id="msg without it"),
        pytest.param({"cameraId": "CAMERA", "cameraIdType": "env"}, ["from env"], id="env"),
        pytest.param({"cameraId": "camera", "cameraIdType": "flow"}, ["from flow"], id="flow"),
        pytest.param({"cameraId": "camera", "cameraIdType": "global"}, ["from global"], id="global"),
    ],
)
async def test_the_camera_id_comes_from_where_the_field_says(
    red: NodeRed, sdk: Service, config: dict[str, str], sent: list[str] | None
) -> None:
    prepare = 'flow.set("camera", "from flow"); global.set("camera", "from global");'
    flow = driven(plate_recognizer(url=sdk.url, **config), prepare=prepare)
    flow[0]["env"] = [{"name": "CAMERA", "value": "from env", "type": "str"}]
    async with deployed(red, flow) as driver:
        await driver.message(payload=PICTURE_IN_FLOW, camera={"name": "from msg"}, topic="a topic")
    assert sdk.calls[0].form.fields.get("camera_id") == sent


@pytest.mark.parametrize("config", [{}, {"timestamp": True}])
async def test_the_current_time_in_utc_is_sent_unless_the_field_says_not_to(
    red: NodeRed, sdk: Service, config: dict[str, bool]
) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
    (timestamp,) = sdk.calls[0].form.fields["timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", timestamp)


async def test_make_and_model_are_asked_for_and_come_out(red: NodeRed, sdk: Service) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url, makeAndModel=True))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert sdk.calls[0].form.fields["mmc"] == ["true"]
    assert outcome.result["payload"]["results"][0]["model_make"][0]["make"] == "BMW"


async def test_regions_are_sent_one_by_one_when_the_field_is_on(red: NodeRed, sdk: Service) -> None:
    config = {"regionFilter": True, "regionList": '["gb", "us-ca"]', "regionListType": "json"}
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
    assert sdk.calls[0].form.fields["regions"] == ["gb", "us-ca"]


@pytest.mark.parametrize("regions", ["[]", ""])
async def test_a_region_filter_without_regions_sends_none_as_version_1_did(
    red: NodeRed, sdk: Service, regions: str
) -> None:
    tested = plate_recognizer(url=sdk.url, regionFilter=True, regionList=regions, regionListType="json")
    async with deployed(red, driven(tested)) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.result["payload"]["status"] == 201
    assert "regions" not in sdk.calls[0].form.fields


@pytest.mark.parametrize("regions", ["gb, us-ca", '{"gb": true}', '[""]', "[1]"])
async def test_an_invalid_list_of_regions_is_an_error_of_the_node_and_of_every_message(
    red: NodeRed, sdk: Service, regions: str
) -> None:
    tested = plate_recognizer(url=sdk.url, regionFilter=True, regionList=regions, regionListType="json")
    before = len(red.log)
    async with deployed(red, driven(tested)) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
        await red.logged(r"\[error\].*regionList", after=before)
    assert outcome.refused["payload"]["status"] == 400
    assert "regionList" in outcome.refused["payload"]["error"]["message"]
    assert not sdk.calls


async def test_an_empty_list_of_regions_of_an_old_flow_does_nothing_while_the_field_is_off(
    red: NodeRed, sdk: Service
) -> None:
    config = {"regionFilter": False, "regionList": "", "regionListType": "json"}
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
    assert "regions" not in sdk.calls[0].form.fields


async def test_the_timeout_ends_a_request_that_gets_no_answer(red: NodeRed, sdk: Service) -> None:
    sdk.faults.append("stall")
    async with deployed(red, driven(plate_recognizer(url=sdk.url, timeout="0.2"))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert outcome.refused["payload"]["status"] == 504
    assert "0.2 seconds" in outcome.refused["payload"]["error"]["message"]


@pytest.mark.parametrize(("config", "refusals", "status"), [({}, 2, 201), ({}, 3, 429), ({"tries": "1"}, 1, 429)])
async def test_a_throttled_request_is_sent_again_as_often_as_the_field_says(
    red: NodeRed, sdk: Service, config: dict[str, str], refusals: int, status: int
) -> None:
    sdk.faults.extend(["429@0"] * refusals)
    async with deployed(red, driven(plate_recognizer(url=sdk.url, **config))) as driver:
        outcome = await driver.message(payload=PICTURE_IN_FLOW)
    assert (outcome.result if status == 201 else outcome.refused)["payload"]["status"] == status
    assert len(sdk.calls) == min(refusals + 1, int(config.get("tries", "3")))


@pytest.fixture(scope="module")
def large_picture() -> bytes:
    """Return a photograph-like picture above the cloud's limit, of 2400 by 1800 pixels."""
    encoded = io.BytesIO()
    Image.effect_noise((2400, 1800), 120).convert("RGB").save(encoded, "JPEG", quality=98)
    picture = encoded.getvalue()
    assert len(picture) > UPLOAD_LIMIT
    return picture


async def test_a_large_image_is_shrunk_for_the_cloud_and_its_boxes_scaled_back(
    red: NodeRed, cloud: Service, large_picture: bytes
) -> None:
    tested = plate_recognizer(url="", credentials={"apiToken": TOKEN})
    async with deployed(red, driven(tested)) as driver:
        outcome = await driver.message(payload=large_picture)
    upload = cloud.calls[0].form.upload or b""
    assert len(upload) <= UPLOAD_LIMIT
    with Image.open(io.BytesIO(upload)) as sent:
        factor = 2400 / sent.width
    assert factor >= 1
    box = outcome.result["payload"]["results"][0]["box"]
    assert box == {name: pytest.approx(pixels * factor, abs=1) for name, pixels in PLATE["box"].items()}


async def test_a_large_image_is_sent_as_it_is_when_the_field_says_so(
    red: NodeRed, cloud: Service, large_picture: bytes
) -> None:
    tested = plate_recognizer(url="", shrink=False, credentials={"apiToken": TOKEN})
    async with deployed(red, driven(tested)) as driver:
        outcome = await driver.message(payload=large_picture)
    assert cloud.calls[0].form.upload == large_picture
    assert outcome.refused["payload"]["status"] == 413


async def test_a_large_image_is_sent_as_it_is_to_an_sdk(red: NodeRed, sdk: Service, large_picture: bytes) -> None:
    async with deployed(red, driven(plate_recognizer(url=sdk.url))) as driver:
        outcome = await driver.message(payload=large_picture)
    assert sdk.calls[0].form.upload == large_picture
    assert outcome.result["payload"]["status"] == 201


def subflow(url: str) -> Flow:
    """Return a subflow around a recognizer whose address and token are the subflow's environment, and an instance."""
    settings = {"URL": url, "TOKEN": TOKEN, "CAMERA": "of the template"}
    inner = plate_recognizer(url="${URL}", cameraId="CAMERA", cameraIdType="env", credentials={"apiToken": "${TOKEN}"})
    return [
        {
            "id": "template",
            "type": "subflow",
            "name": "Plates",
            "env": [{"name": name, "value": value, "type": "str"} for name, value in settings.items()],
            "in": [{"x": 0, "y": 0, "wires": [{"id": "inner"}]}],
            "out": [{"x": 0, "y": 0, "wires": [{"id": "inner", "port": port}]} for port in (0, 1)],
        },
        {**inner, "id": "inner", "z": "template", "wires": [[], []]},
    ]


async def test_in_a_subflow_address_token_and_camera_may_be_its_environment(red: NodeRed, sdk: Service) -> None:
    instance = node("subflow:template", NODE, env=[{"name": "CAMERA", "value": "of the instance", "type": "str"}])
    async with deployed(red, [*subflow(sdk.url), *driven(instance)]) as driver:
        message = await driver.send(payload=PICTURE_IN_FLOW)
        (event,) = await driver.events.until(
            lambda all_: [event for event in all_ if event.id == message and event.kind.startswith("output")]
        )
    assert event.kind == "output 1"
    (call,) = sdk.calls
    assert call.headers["Authorization"] == f"Token {TOKEN}"
    assert call.form.fields["camera_id"] == ["of the instance"]
