"""The commands that the README names, as a person calls them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from python_worker import __version__
from python_worker.samples import SAMPLES
from scripts.tools import ROOT

WORKER = ["npm", "run", "-s", "worker", "--"]
DEMO = ["npm", "run", "-s", "demo"]
PICTURES = ROOT / "resources" / "samples"
FIRST_START = 15 * 60
"""Seconds in which the demo has its Python environment, which it keeps for the next time."""


def test_the_workers_output_is_nothing_but_its_own() -> None:
    done = subprocess.run([*WORKER, "--version"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_the_workers_exit_status_and_errors_come_through() -> None:
    done = subprocess.run([*WORKER, "no-such-command"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no-such-command" in done.stderr
    assert done.stdout == ""


def test_the_workers_standard_input_is_the_callers(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a token")
    command = [*WORKER, "bridge", "--private", "--token-file", str(token)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert json.loads(worker.stdout.readline())["listening"]["port"] > 0
        worker.stdin.close()
        assert worker.wait(60) == 0


def test_the_worker_reads_images_that_are_named_relative_to_where_npm_is_called() -> None:
    command = ["npm", "run", "-s", "--prefix", str(ROOT), "worker", "--", "read", "--json", *SAMPLES]
    done = subprocess.run(command, cwd=PICTURES, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["image"] for answer in answers] == list(SAMPLES)
    assert all(answer["status"] == 201 for answer in answers)


def test_the_demo_prints_one_line_for_each_image_and_ends(tmp_path: Path) -> None:
    no_image = tmp_path / "no image.jpg"
    no_image.write_text("nothing")
    images = [PICTURES / "one-car.jpg", PICTURES / "no-car.jpg", no_image, tmp_path / "absent.jpg"]
    command = [*DEMO, "--", "--once", *map(str, images)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=FIRST_START)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["image"] for line in lines] == [str(image) for image in images]
    assert [line["status"] for line in lines] == [201, 201, 400, 400]
    assert [line["plates"] for line in lines] == [["NHK552"], [], [], []]
    assert all(line["milliseconds"] >= 0 for line in lines)
    assert done.returncode == 1, "two images could not be processed"


def test_the_demo_without_images_reads_the_sample_pictures() -> None:
    command = [*DEMO, "--", "--once"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=FIRST_START)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {Path(line["image"]).name for line in lines} == set(SAMPLES)
    assert done.returncode == 0


def test_the_demo_says_where_to_open_the_editor_and_ends_with_ctrl_c() -> None:
    with subprocess.Popen(DEMO, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as demo:
        assert demo.stderr is not None
        try:
            opened = next(found for line in demo.stderr if (found := re.search(r"Open (http://\S+)", line)))
            with urllib.request.urlopen(opened[1]) as editor:
                assert b"Node-RED" in editor.read()
        finally:
            os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(opened[1])
