"""How a private worker ends when its parent has ended, but its own event loop has not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.tools import ROOT

HANGING = """
import argparse, sys, threading
from python_worker.bridge import command

async def close(self):
    threading.Event().wait()

command.GRACE = 0.2
command.Services.close = close
parser = argparse.ArgumentParser()
command.add_arguments(parser)
command.run(parser.parse_args(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no socket to leave behind")
def test_a_private_worker_whose_event_loop_hangs_ends_after_its_parent_and_leaves_no_socket(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, "--private", "--socket", str(folder / "socket")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PLATE_RECOGNIZER_SECRET": "secret"},
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdin is not None
        assert b"listening" in worker.stdout.readline()
        worker.stdin.close()
        assert worker.wait(60) == 1
    assert not folder.exists()
