"""Deploying, crashing and ending while messages are under way."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.node_red import NodeRed
from scripts.tools import LINES
from tests.contract.server import Service

from .conftest import SETTINGS, user_directory
from .driver import PICTURE_IN_FLOW, deployed
from .flows import NODE, PICTURE, driven, plate_recognizer, plate_statistics
from .processes import gone, socket_of, worker_of


async def test_deploying_a_node_completes_its_messages_under_way_and_cancels_their_requests(
    red: NodeRed, sdk: Service
) -> None:
    flow = driven(plate_recognizer(url=sdk.url, ignoreDuring=False))
    async with deployed(red, flow) as driver:
        sdk.faults.extend(["stall"] * 3)
        under_way = [await driver.send(payload=PICTURE_IN_FLOW) for _ in range(3)]
        await sdk.arrived(3)
        await red.deploy([{**part, "statusText": "none"} if part["id"] == NODE else part for part in flow], "nodes")
        await sdk.left(3)
        for message in under_way:
            outcome = await driver.outcome(message)
            assert (outcome.outputs, outcome.caught, outcome.completed) == ({}, [], 1)
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


@pytest.mark.parametrize("kind", ["flows", "full"])
async def test_deploying_more_cancels_the_requests_under_way_and_the_new_node_serves(
    red: NodeRed, sdk: Service, kind: str
) -> None:
    flow = driven(plate_recognizer(url=sdk.url))
    async with deployed(red, flow) as driver:
        sdk.faults.append("stall")
        await driver.send(payload=PICTURE_IN_FLOW)
        await sdk.arrived(1)
    flow[0]["label"] = "Changed"
    async with deployed(red, [{**part, "x": 1} if part["id"] == NODE else part for part in flow], kind) as driver:
        await sdk.left(1)
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


async def test_a_rewired_node_routes_failures_by_its_new_wires(red: NodeRed, sdk: Service) -> None:
    """Node-RED does not restart a node if only its wires changed."""
    flow = driven(plate_recognizer(url=sdk.url))
    async with deployed(red, flow) as driver:
        sdk.faults.extend(["403", "403"])
        assert (await driver.message(payload=PICTURE_IN_FLOW)).refused["payload"]["status"] == 403
        rewired = [{**part, "wires": [["output 1"], []]} if part["id"] == NODE else part for part in flow]
        await red.deploy(rewired, "nodes")
        assert (await driver.message(payload=PICTURE_IN_FLOW)).error["error"]["code"] == 403


async def test_a_killed_worker_fails_what_was_under_way_and_a_new_one_serves_what_comes_then(
    own: NodeRed, sdk: Service
) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url, ignoreDuring=False))) as driver:
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        sdk.faults.extend(["stall"] * 3)
        under_way = [await driver.send(payload=PICTURE_IN_FLOW) for _ in range(3)]
        await sdk.arrived(4)
        killed = await worker_of(own)
        os.kill(killed, signal.SIGKILL)
        for message in under_way:
            refused = (await driver.outcome(message)).refused
            assert refused["payload"]["status"] == 503
            assert refused["payload"]["statusText"] == "Service Unavailable"
        # These come while there is no worker: they wait for the new one.
        for message in [await driver.send(payload=PICTURE_IN_FLOW) for _ in range(3)]:
            assert (await driver.outcome(message)).result["payload"]["status"] == 201
        assert await worker_of(own) != killed


async def test_a_killed_worker_fails_messages_at_the_catch_node_when_output_2_has_no_wire(
    own: NodeRed, sdk: Service
) -> None:
    tested = plate_recognizer(url=sdk.url, outputField="recognition")
    async with deployed(own, driven(tested, outputs=1)) as driver:
        sdk.faults.append("stall")
        under_way = await driver.send(payload=PICTURE_IN_FLOW)
        await sdk.arrived(1)
        os.kill(await worker_of(own), signal.SIGKILL)
        error = (await driver.outcome(under_way)).error
    assert error["recognition"]["status"] == 503
    assert error["error"]["code"] == 503


async def test_a_worker_that_dies_again_is_started_again(own: NodeRed, sdk: Service) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url))) as driver:
        for _ in range(2):
            assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
            before = len(own.log)
            os.kill(await worker_of(own), signal.SIGKILL)
            await own.logged("worker is unavailable", after=before)
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_no_worker_outlives_node_red_however_that_ends(
    own: NodeRed, sdk: Service, number: signal.Signals
) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
        worker = await worker_of(own)
        socket = await socket_of(worker)
        assert socket.is_socket()
        sdk.faults.append("stall")
        await driver.send(payload=PICTURE_IN_FLOW)
        await sdk.arrived(2)
    # The worker writes to Node-RED's pipes, so their end is the worker's, too.
    await own.stop(number)
    await gone(worker)
    assert not socket.parent.exists()


async def test_a_worker_that_is_killed_in_the_moment_in_which_node_red_ends_leaves_no_folder(
    own: NodeRed, sdk: Service
) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
        worker = await worker_of(own)
        socket = await socket_of(worker)
    os.kill(worker, signal.SIGKILL)
    await own.stop(signal.SIGTERM)
    assert not socket.parent.exists()


async def test_a_file_in_place_of_the_packages_folder_costs_no_recognition(
    line: str, packages: Path, environment: dict[str, str], tmp_path: Path, sdk: Service
) -> None:
    directory = user_directory(tmp_path, packages)
    (directory / "plate-recognizer").write_text("a file")
    async with (
        NodeRed(line, directory, settings=SETTINGS, environment=environment) as red,
        deployed(red, driven(plate_recognizer(url=sdk.url))) as driver,
    ):
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux wakes a stopped process whose parent has ended")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_worker_that_is_stopped_by_a_signal_does_not_outlive_node_red_either(
    own: NodeRed, sdk: Service, number: signal.Signals
) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
        worker = await worker_of(own)
        socket = await socket_of(worker)
        os.kill(worker, signal.SIGSTOP)
        await driver.send(payload=PICTURE_IN_FLOW)
    await own.stop(number)
    await gone(worker)
    assert not socket.parent.exists()


# The detection takes half a minute, and its code is the same for both lines.
@pytest.mark.parametrize("line", list(LINES)[:1], indirect=True)
async def test_a_worker_that_hangs_is_replaced_and_what_it_had_fails(own: NodeRed, sdk: Service) -> None:
    """Takes as long as it takes to find out: about 35 seconds."""
    async with deployed(own, driven(plate_recognizer(url=sdk.url, ignoreDuring=False))) as driver:
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        hung = await worker_of(own)
        os.kill(hung, signal.SIGSTOP)
        under_way = [await driver.send(payload=PICTURE_IN_FLOW) for _ in range(20)]
        await own.logged("gives no sign of life")
        for message in under_way:
            assert (await driver.outcome(message)).refused["payload"]["status"] == 503
        await gone(hung)
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        assert await worker_of(own) != hung


async def test_without_nodes_there_is_no_worker(own: NodeRed, sdk: Service) -> None:
    async with deployed(own, driven(plate_recognizer(url=sdk.url))) as driver:
        await driver.message(payload=PICTURE_IN_FLOW)
        worker = await worker_of(own)
    await own.deploy([])
    await gone(worker)


async def test_an_interpreter_that_is_missing_is_named_in_status_and_log_and_used_when_it_appears(
    line: str, packages: Path, environment: dict[str, str], tmp_path: Path, sdk: Service
) -> None:
    python = tmp_path / "python"
    variables = {**environment, "PLATE_RECOGNIZER_PYTHON": str(python)}
    async with (
        NodeRed(line, user_directory(tmp_path, packages), settings=SETTINGS, environment=variables) as red,
        deployed(red, driven(plate_recognizer(url=sdk.url))) as driver,
    ):
        await red.logged(rf"\[error\].*{re.escape(str(python))}")
        await driver.status("not found: the Python of the settings")
        assert (await driver.message(payload=PICTURE_IN_FLOW)).refused["payload"]["status"] == 503
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        await driver.cleared()
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201


async def test_the_embedded_engines_count_of_the_month_is_kept_across_restarts(
    line: str, packages: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    directory = user_directory(tmp_path, packages)

    async def running(tested: dict[str, Any], **message: Any) -> dict[str, Any]:
        async with (
            NodeRed(line, directory, settings=SETTINGS, environment=environment) as red,
            deployed(red, driven(tested)) as driver,
        ):
            payload: dict[str, Any] = (await driver.message(**message)).result["payload"]
            return payload

    recognized = await running(plate_recognizer(url="embedded:"), payload=PICTURE)
    assert recognized["status"] == 201
    statistics = await running(plate_statistics(url="embedded:"))
    assert statistics["usage"]["calls"] == 1
