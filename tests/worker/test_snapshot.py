"""Uploads follow the service's contract, and every failure of an upload has its status."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgpack
import pytest
from PIL import Image

from python_worker.child import memory
from python_worker.errors import InputError, RecognitionError
from python_worker.services import Services
from python_worker.services.base import RecognitionOptions, RecognitionService
from python_worker.services.snapshot import UPLOAD_LIMIT
from tests.contract.server import PLATE, TOKEN, Service
from tests.hostile import large_png

PLAIN = RecognitionOptions()


def picture(width: int = 64, height: int = 48, kind: str = "JPEG") -> bytes:
    encoded = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(encoded, kind, quality=95)
    return encoded.getvalue()


@pytest.fixture
async def services(cloud: Service) -> AsyncIterator[Services]:
    services = Services(cloud=cloud.url)
    yield services
    await services.close()


def service(
    services: Services, url: str = "", token: str = TOKEN, tries: int = 1, timeout: float = 5, shrink: bool = True
) -> RecognitionService:
    return services.recognition(url, token, timeout=timeout, tries=tries, shrink=shrink)


async def failure(recognition: RecognitionService, image: bytes | None = None) -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        await recognition.recognize(image or picture(), PLAIN)
    assert TOKEN not in json.dumps(caught.value.as_result())
    return caught.value


async def test_an_upload_carries_raw_bytes_and_every_option(services: Services, cloud: Service) -> None:
    image = picture(kind="PNG")
    options = RecognitionOptions(("gb", "us-ca"), "gate 1", "2026-11-23T12:00:00.000Z", mmc=True)
    answer = await service(services).recognize(image, options)
    assert (answer["status"], answer["statusText"]) == (201, "Created")
    assert answer["results"][0]["plate"] == PLATE["plate"]
    (call,) = cloud.calls
    assert call.headers["Authorization"] == f"Token {TOKEN}"
    assert (call.form.upload, call.form.upload_type) == (image, "image/png")
    assert call.form.fields == {
        "regions": ["gb", "us-ca"],
        "camera_id": ["gate 1"],
        "timestamp": ["2026-11-23T12:00:00.000Z"],
        "mmc": ["true"],
    }


async def test_what_is_not_set_is_not_sent(services: Services, sdk: Service) -> None:
    await service(services, sdk.url, token="").recognize(picture(), PLAIN)
    (call,) = sdk.calls
    assert call.form.fields == {}
    assert "Authorization" not in call.headers


async def test_the_cloud_without_a_token_is_not_called(services: Services, cloud: Service) -> None:
    error = await failure(service(services, token=""))
    assert (error.status, error.status_text) == (403, "Forbidden")
    assert "embedded engine" in error.message
    assert not cloud.calls


async def test_what_is_no_image_is_not_sent(services: Services, cloud: Service) -> None:
    for image in (b"hello", b"\xff\xd8\xff", b"%PDF-1.7 " + bytes(1000)):
        error = await failure(service(services), image)
        assert isinstance(error, InputError)
        assert error.status == 400
    assert not cloud.calls


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("400", 400, "upload"),
        ("403", 403, "detail"),
        ("413", 413, "detail"),
        ("500", 500, "detail"),
        ("html", 502, "body"),
        ("empty", 502, "body"),
        ("list", 502, "body"),
        ("shape", 502, "body"),
        ("nan", 502, "body"),
        ("truncate", 502, None),
        ("short-length", 502, None),
        ("not-http", 502, None),
        ("hang-up", 502, None),
        ("redirect", 502, None),
        ("huge", 502, None),
        ("echo", 403, "detail"),
        ("license", 502, "error"),
        ("license-detail", 502, "detail"),
        ("deep", 502, "body"),
        ("deep-enough", 502, "body"),
        ("many", 502, "body"),
        ("wrong-in-every-part", 502, "body"),
        ("garbage", 502, None),
        ("endless-headers", 502, None),
        ("reset", 502, None),
    ],
)
async def test_a_failure_of_the_service(
    services: Services, cloud: Service, fault: str, status: int, said: str | None
) -> None:
    cloud.faults.append(fault)
    error = await failure(service(services))
    assert (error.status, error.status_text) == (status, HTTPStatus(status).phrase)
    result = error.as_result()
    assert result["error"]["code"] == status
    assert said is None or said in result


@pytest.mark.parametrize("fault", ["odd", "surrogate", "integer", "overflow"])
async def test_an_answer_that_is_odd_but_valid_is_a_result(services: Services, cloud: Service, fault: str) -> None:
    cloud.faults.append(fault)
    answer = await service(services).recognize(picture(), PLAIN)
    assert answer["status"] == 200
    msgpack.packb(answer)


async def test_a_reason_phrase_that_is_no_text_is_passed_on_as_one(services: Services, cloud: Service) -> None:
    cloud.faults.append("surrogate-reason")
    error = await failure(service(services))
    assert error.status == 500
    error.status_text.encode()
    cloud.faults.append("no-status")
    assert (await failure(service(services))).status == 999


async def test_what_a_license_lacks_is_said_first(services: Services, cloud: Service) -> None:
    cloud.faults.append("license")
    error = await failure(service(services))
    assert error.message.startswith("License expired. So says ")
    cloud.faults.append("license")
    with pytest.raises(RecognitionError, match=r"^License expired"):
        await services.statistics("", TOKEN, timeout=5).statistics()


async def test_an_upload_is_not_opened_by_the_event_loop(
    services: Services, sdk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture() + bytes(20_000_000)

    def forbidden(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the picture was opened")

    monkeypatch.setattr(Image, "open", forbidden)
    assert (await service(services, sdk.url).recognize(image, PLAIN))["status"] == 201


async def test_a_service_says_how_long_it_may_take(services: Services, sdk: Service) -> None:
    assert service(services, sdk.url, timeout=7, tries=3).patience == 21
    assert service(services, timeout=7, tries=3, shrink=False).patience == 21
    assert service(services, timeout=7, tries=3).patience > 21
    assert services.statistics(sdk.url, "", timeout=7).patience == 7


async def test_waits_between_tries_do_not_exceed_the_patience(services: Services, cloud: Service) -> None:
    cloud.faults.extend(["429@4", "429@4"])
    assert (await failure(service(services, tries=2, timeout=2))).status == 429
    assert len(cloud.calls) == 1


@pytest.mark.parametrize("fault", ["stall", "drip"])
async def test_a_service_that_does_not_come_to_an_end_is_given_up(
    services: Services, cloud: Service, fault: str
) -> None:
    cloud.faults.append(fault)
    error = await failure(service(services, timeout=0.3))
    assert (error.status, error.status_text) == (504, "Gateway Timeout")


async def test_an_unreachable_service_is_named_without_its_password(services: Services) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = await failure(service(services, f"http://user:hidden@127.0.0.1:{port}", token=""))
    assert error.status == 503
    assert f"127.0.0.1:{port}" in error.message
    assert "hidden" not in error.message


async def test_too_many_requests_are_tried_again_as_the_service_says(services: Services, cloud: Service) -> None:
    cloud.faults.extend(["429@0", "429@0"])
    answer = await service(services, tries=3).recognize(picture(), PLAIN)
    assert answer["status"] == 201
    assert len(cloud.calls) == 3


async def test_tries_end(services: Services, cloud: Service) -> None:
    cloud.faults.extend(["429@0"] * 3)
    assert (await failure(service(services, tries=3))).status == 429
    assert len(cloud.calls) == 3


async def test_a_wait_that_exceeds_the_timeout_is_not_waited_for(services: Services, cloud: Service) -> None:
    cloud.faults.append("429@3600")
    assert (await failure(service(services, tries=3))).status == 429
    assert len(cloud.calls) == 1


async def test_a_connection_that_the_service_gave_up_meanwhile_costs_no_message(
    services: Services, cloud: Service
) -> None:
    recognition = service(services)
    await recognition.recognize(picture(), PLAIN)
    cloud.faults.append("hang-up")
    assert (await recognition.recognize(picture(), PLAIN))["status"] == 201


async def test_a_large_image_is_shrunk_for_the_cloud_and_the_boxes_fit_the_original(
    services: Services, cloud: Service
) -> None:
    image = picture(1600, 1200, "PNG")
    assert len(image) > UPLOAD_LIMIT
    answer = await service(services).recognize(image, PLAIN)
    (call,) = cloud.calls
    assert call.form.upload_type == "image/jpeg"
    assert len(call.form.upload or b"") <= UPLOAD_LIMIT
    with Image.open(io.BytesIO(call.form.upload or b"")) as sent:
        factor = 1600 / sent.width
    expected: dict[str, Any] = {key: round(value * factor) for key, value in PLATE["box"].items()}
    assert answer["results"][0]["box"] == pytest.approx(expected, abs=1)


async def test_a_large_image_is_left_alone_where_nothing_limits_it(
    services: Services, cloud: Service, sdk: Service
) -> None:
    image = picture(1600, 1200, "PNG")
    await service(services, sdk.url).recognize(image, PLAIN)
    assert sdk.calls[0].form.upload == image
    assert (await failure(service(services, shrink=False), image)).status == 413


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched as Linux shows it")
async def test_an_image_that_takes_too_much_memory_to_be_shrunk_costs_no_other(
    services: Services, cloud: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bound", lambda: 200_000_000)
    recognition = service(services, timeout=20)
    hostile = asyncio.create_task(failure(recognition, large_png() + bytes(UPLOAD_LIMIT)))
    usual = await asyncio.gather(*(recognition.recognize(picture(1600, 1200, "PNG"), PLAIN) for _ in range(3)))
    assert (await hostile).status == 413
    assert [answer["status"] for answer in usual] == [201] * 3


async def test_proxies_of_the_environment_are_used(
    services: Services, sdk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", sdk.url)
    answer = await service(services, "http://plates.example/v1/plate-reader/").recognize(picture(), PLAIN)
    assert answer["status"] == 201
    assert sdk.calls[0].headers["Host"] == "plates.example"


async def test_statistics_of_the_cloud_and_of_an_sdk(services: Services, cloud: Service, sdk: Service) -> None:
    answer = await services.statistics("", TOKEN, timeout=5).statistics()
    assert (answer["usage"]["calls"], answer["total_calls"], answer["calls_remaining"]) == (128, 2500, 2372)
    assert (answer["status"], answer["statusText"]) == (200, "OK")
    assert (await services.statistics(sdk.url, "", timeout=5).statistics())["calls_remaining"] == 2372


@pytest.mark.parametrize(("fault", "status"), [("403", 403), ("html", 502), ("list", 502), ("stall", 504)])
async def test_failing_statistics(services: Services, cloud: Service, fault: str, status: int) -> None:
    cloud.faults.append(fault)
    with pytest.raises(RecognitionError) as caught:
        await services.statistics("", TOKEN, timeout=0.3).statistics()
    assert caught.value.status == status
