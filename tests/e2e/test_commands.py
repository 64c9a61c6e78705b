"""The commands that the README names, as a person calls them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from python_worker import __version__
from python_worker.samples import write_samples
from scripts.tools import ROOT

WORKER = ["npm", "run", "-s", "worker", "--"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the sample pictures."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return sorted(folder.iterdir())


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


def test_the_worker_reads_images_that_are_named_relative_to_where_npm_is_called(samples: list[Path]) -> None:
    command = ["npm", "run", "-s", "--prefix", str(ROOT), "worker", "--", "read", "--json", *(p.name for p in samples)]
    done = subprocess.run(command, cwd=samples[0].parent, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["image"] for answer in answers] == [picture.name for picture in samples]
    assert all(answer["status"] == 201 for answer in answers)
