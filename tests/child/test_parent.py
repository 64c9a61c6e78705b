"""A child ends with its parent, however the parent ends, and finds its code where the parent does."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

import python_worker
from tests.e2e.processes import gone, until

_ROOT = Path(__file__).parents[2]

# A worker with a child that does what the second argument says; it prints what a first call is answered.
PARENT = """
import asyncio, json, sys
sys.path.insert(0, sys.argv[1])
from python_worker.child.supervisor import Supervisor

async def main():
    supervisor = Supervisor("tests.child.toys", "toy", seconds=1000)
    about = (await supervisor.call({"work": "about"}, b"")).value
    print(json.dumps({"pid": supervisor.pid, "package": about["package"]}), flush=True)
    await supervisor.call(json.loads(sys.argv[2]), b"")

asyncio.run(main())
"""


async def parent(folder: Path, options: dict[str, str]) -> tuple[asyncio.subprocess.Process, dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-I", "-c", PARENT, str(folder), json.dumps(options)], stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    return process, json.loads(await asyncio.wait_for(process.stdout.readline(), 60))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends what is stuck in native code")
@pytest.mark.parametrize("state", ["working", "stuck in native code", "stopped"])
async def test_a_parent_that_is_killed_leaves_no_child(tmp_path: Path, state: str) -> None:
    marker = tmp_path / "marker"
    work = {"work": "stuck" if state == "stuck in native code" else "first", "marker": str(marker)}
    process, first = await parent(_ROOT, work)
    child = int(first["pid"])
    await until(marker.exists)
    if state == "stopped":
        os.kill(child, signal.SIGSTOP)
    process.kill()
    await process.wait()
    await gone(child)


async def test_a_child_runs_the_code_that_its_parent_runs(tmp_path: Path) -> None:
    folder = tmp_path / "a folder, nicht installiert: ü"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(python_worker.__file__).parent, folder / "python_worker", ignore=ignore)
    shutil.copytree(_ROOT / "tests" / "child", folder / "tests" / "child", ignore=ignore)
    process, first = await parent(folder, {"work": "hang"})
    process.kill()
    await process.wait()
    assert Path(first["package"]).parent == folder / "python_worker"
