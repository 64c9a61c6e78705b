"""The networks' runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_TWO_FIRST_RUNS = """
import threading
import numpy as np
from python_worker.engine.models import load_vehicles

network = load_vehicles(2, 1)
start = threading.Barrier(2)

def run():
    start.wait()
    network.run(np.zeros((1, 300, 300, 3), np.uint8))

threads = [threading.Thread(target=run) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("attempt", range(8))
def test_two_threads_may_be_the_first_to_run_a_network(attempt: int) -> None:
    # Without care, one in eight such processes waits for ever.
    command = [sys.executable, "-c", _TWO_FIRST_RUNS]
    assert subprocess.run(command, cwd=_ROOT, timeout=60).returncode == 0
