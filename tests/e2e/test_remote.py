"""A worker on another machine, or in another container."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from scripts.node_red import NodeRed
from tests.contract.server import Service

from .conftest import SETTINGS, user_directory
from .driver import PICTURE_IN_FLOW, deployed
from .flows import driven, plate_recognizer

SECRET = "the secret of the remote worker"


@dataclass(frozen=True)
class RemoteWorker:
    """A worker that runs by itself."""

    url: str
    process: asyncio.subprocess.Process


@pytest_asyncio.fixture(loop_scope="session")
async def remote(tmp_path: Path) -> AsyncIterator[RemoteWorker]:
    """Yield a worker that listens on a port, as a person would start it."""
    token = tmp_path / "token"
    token.write_text(SECRET)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "python_worker", "bridge", "--token-file", str(token)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    listening = json.loads(await process.stdout.readline())["listening"]
    yield RemoteWorker(f"ws://{listening['host']}:{listening['port']}", process)
    if process.returncode is None:
        process.terminate()
    await process.wait()


@pytest.mark.parametrize("where", ["settings.js", "environment"])
async def test_a_remote_worker_serves_and_no_python_is_needed(
    line: str, packages: Path, tmp_path: Path, remote: RemoteWorker, sdk: Service, where: str
) -> None:
    settings, variables = dict(SETTINGS), {"PATH": str(tmp_path), "PLATE_RECOGNIZER_PYTHON": None}
    if where == "settings.js":
        settings["plateRecognizer"] = {"url": remote.url, "token": SECRET}
    else:
        variables |= {"PLATE_RECOGNIZER_WORKER_URL": remote.url, "PLATE_RECOGNIZER_WORKER_TOKEN": SECRET}
    directory = user_directory(tmp_path, packages)
    async with (
        NodeRed(line, directory, settings=settings, environment=variables) as red,
        deployed(red, driven(plate_recognizer(url=sdk.url))) as driver,
    ):
        assert (await driver.message(payload=PICTURE_IN_FLOW)).result["payload"]["status"] == 201
        sdk.faults.append("stall")
        under_way = await driver.send(payload=PICTURE_IN_FLOW)
        await sdk.arrived(2)
        remote.process.kill()
        assert (await driver.outcome(under_way)).refused["payload"]["status"] == 503
        assert not [text for text in red.log if SECRET in text]


async def test_a_wrong_token_for_a_remote_worker_is_told_in_the_status(
    line: str, packages: Path, tmp_path: Path, remote: RemoteWorker
) -> None:
    settings = {**SETTINGS, "plateRecognizer": {"url": remote.url, "token": "not the secret"}}
    async with (
        NodeRed(line, user_directory(tmp_path, packages), settings=settings) as red,
        deployed(red, driven(plate_recognizer(url=""))) as driver,
    ):
        await driver.status("check its token")
        refused = (await driver.message(payload=PICTURE_IN_FLOW)).refused
        assert refused["payload"]["status"] == 503
        assert not [text for text in red.log if "not the secret" in text]
