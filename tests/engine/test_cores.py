"""The processor threads of the engine: how many there are, how they are divided, and that there are no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from python_worker import groups
from python_worker.engine.cores import MOST, Plan, plan, usable

_ROOT = Path(__file__).parents[2]

_READ = """
import json, os, sys
from python_worker.jobs import read

threads = int(sys.argv[1])
work = read.load(threads)
with open("resources/samples/one-car.jpg", "rb") as file:
    options = {
        "regions": [], "strict_regions": False, "threshold_d": 0.2, "threshold_o": 0.6, "mode": "regular",
        "detection_mode": "plate", "strict_detection": False, "text_formats": [],
    }
    answer = work.do(options, file.read()).value

import cv2
from python_worker.engine.models import load_detector

compiled = load_detector(threads, 1)._compiled
print(json.dumps({
    "plates": [result["plate"] for result in answer["results"]],
    "concurrency": work.concurrency,
    "opencv": cv2.getNumThreads(),
    "openvino": compiled.get_property("INFERENCE_NUM_THREADS"),
    "all": len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 0,
}))
"""


@pytest.mark.parametrize(
    ("threads", "expected"),
    [
        (1, Plan(streams=1, concurrency=1)),
        (2, Plan(streams=1, concurrency=2)),
        (3, Plan(streams=1, concurrency=2)),
        (4, Plan(streams=2, concurrency=3)),
        (8, Plan(streams=4, concurrency=5)),
        (16, Plan(streams=4, concurrency=5)),
        (MOST, Plan(streams=4, concurrency=5)),
    ],
)
def test_more_threads_read_more_pictures_at_once(threads: int, expected: Plan) -> None:
    assert plan(threads) == expected


def _cores(monkeypatch: pytest.MonkeyPatch, number: int, tmp_path: Path, quota: str | None) -> int:
    """Return what is usable of so many cores with this `cpu.max`."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(number)), raising=False)
    monkeypatch.setattr(groups, "ROOT", tmp_path)
    if quota is not None:
        (tmp_path / "cpu.max").write_text(f"{quota}\n")
    return usable()


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (None, 8),
        ("max 100000", 8),
        ("100000 100000", 1),
        ("150000 100000", 2),
        ("20000 100000", 1),
        ("1600000 100000", 8),
        ("what is this", 8),
    ],
)
def test_the_engine_takes_the_cores_that_the_container_leaves_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str | None, expected: int
) -> None:
    assert _cores(monkeypatch, 8, tmp_path, quota) == expected


def test_the_largest_machine_does_not_get_more_threads_than_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert _cores(monkeypatch, 2 * MOST, tmp_path, None) == MOST


def test_an_engine_with_one_thread_keeps_to_it() -> None:
    command = [sys.executable, "-c", _READ, "1"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    # Most of them only wait; a library that has one for each core shows on a machine with many.
    assert found.pop("all") <= 16
    assert found == {"plates": ["nhk552"], "concurrency": 1, "opencv": 1, "openvino": 1}
