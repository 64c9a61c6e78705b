"""Whatever a client sends, the server answers as its description (`/openapi.json`) says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .conftest import Running


def test_the_description_holds_for_generated_requests(server: Running, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{server.url}/openapi.json",
        # A description cannot say what an image is, so the server may refuse what it allows. In a form, everything is
        # text.
        "--exclude-checks=positive_data_acceptance,negative_data_rejection",
        "--max-examples=25",
        "--seed=1",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--workers=1",
        "--no-color",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
