"""Options that several commands have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from python_worker.__main__ import main

_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [["bridge"], ["serve"], ["read", "image.jpg"]])
@pytest.mark.parametrize("threads", ["0", "257", "-1", "2.5", "two", "", "²", "9" * 5000])
def test_a_number_of_threads_that_cannot_be_is_refused(
    command: list[str], threads: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, f"--threads={threads}"])
    assert ended.value.code == 2
    assert "argument --threads: must be a whole number from 1 to 256" in capsys.readouterr().err


def test_images_are_read_with_the_threads_that_were_asked_for() -> None:
    command = [sys.executable, "-I", "-m", "python_worker", "read", "--threads", "1", "resources/samples/one-car.jpg"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert "NHK552" in done.stdout
