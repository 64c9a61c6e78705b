"""No secret is in what people, flows, logs and other users of a machine see, whatever a service or a proxy answers."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scripts.node_red import NodeRed
from scripts.tools import LINES
from tests.contract.faults import FAULTS
from tests.contract.proxy import proxy
from tests.contract.server import Service
from tests.long import machine
from tests.long.peers import SECRET, remote_worker
from tests.worker.test_redact import FORMS, LOGIN, PROXY_PASSWORD, PROXY_USER, QUERY, TOKEN

from .conftest import SETTINGS, user_directory
from .driver import PICTURE_IN_FLOW, deployed
from .flows import driven, plate_recognizer

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes as on Linux")


def check(text: str, forms: set[str]) -> None:
    for form in forms:
        assert form not in text.lower(), f"{form} in {text[:2000]}"


@pytest.mark.parametrize("line", list(LINES)[:1], indirect=True)
@pytest.mark.parametrize("where", ["private worker", "remote worker"])
async def test_no_secret_is_in_messages_statuses_logs_command_lines_and_exported_flows(
    line: str, packages: Path, tmp_path: Path, environment: dict[str, str], sdk: Service, where: str
) -> None:
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(proxy("repeats the login"))
        login = f"{quote(PROXY_USER, safe='')}:{quote(PROXY_PASSWORD, safe='')}"
        variables = {"HTTP_PROXY": f"http://{login}@{address}", "NO_PROXY": "127.0.0.1"}
        settings: dict[str, Any] = dict(SETTINGS)
        forms = set(FORMS)
        if where == "remote worker":
            worker = await stack.enter_async_context(remote_worker(tmp_path, variables))
            settings["plateRecognizer"] = {"url": f"ws://{worker.host}:{worker.port}", "token": SECRET}
            processes = [worker.process]
            forms.add(SECRET)
        directory = user_directory(tmp_path, packages)
        red = await stack.enter_async_context(
            NodeRed(line, directory, settings=settings, environment={**environment, **variables})
        )
        ask = {"tries": 1, "timeout": 0.5, "cameraId": "camera", "cameraIdType": "msg", "ignoreDuring": False}
        base = f"127.0.0.1:{sdk.port}/v1/plate-reader/?{QUERY}"
        for node in (
            plate_recognizer(url=f"http://{base}", credentials={"apiToken": TOKEN}, **ask),
            plate_recognizer(url=f"http://{LOGIN}{base}", **ask),
            plate_recognizer(url=f"http://plates.example/?{QUERY}", credentials={"apiToken": TOKEN}, **ask),
            plate_recognizer(url=f"http//{LOGIN}{base}", **ask),
        ):
            async with deployed(red, driven(node)) as driver:
                for fault in FAULTS:
                    await driver.message(payload=PICTURE_IN_FLOW, camera=f"~{fault}")
                # The test's own messages come back, too, but they hold no secret.
                check(json.dumps([vars(event) for event in driver.events], ensure_ascii=False), forms)
            exported = json.dumps(await red.request("GET", "/flows"))
            check(exported, {TOKEN, SECRET})
        if where == "private worker":
            worker_process = await machine.worker(red)
            processes = [worker_process]
            forms.add(_variable(worker_process, "PLATE_RECOGNIZER_SECRET"))
        for process in [machine.of(red.pid), *processes, *machine.descendants(red.pid)]:
            check(machine.commands(process), forms)
        check("\n".join(red.log), forms)


def _variable(process: machine.Process, name: str) -> str:
    """Return a variable with which a process was started."""
    content = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    (value,) = [each.partition(b"=")[2] for each in content if each.startswith(f"{name}=".encode())]
    return value.decode()
