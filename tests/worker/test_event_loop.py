"""The event loop of the worker and the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from python_worker.event_loop import run_until_done

CONNECT = """
import asyncio, os, socket
from python_worker.event_loop import run_until_done

async def main():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, server.getsockname())
    print(len(os.listdir("/proc/self/task")))

run_until_done(main())
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as Linux shows them")
def test_a_connection_to_a_known_address_needs_no_thread() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", CONNECT], check=True, capture_output=True, text=True)
    assert done.stdout == "1\n"


def test_the_result_is_handed_on() -> None:
    async def main() -> int:
        return 7

    assert run_until_done(main()) == 7
