"""The commands that the README shows work as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from .conftest import Running

_README = Path(__file__).parents[2] / "README.md"


def _commands() -> list[str]:
    (section,) = re.findall(r"^## Server\n(.*?)^## ", _README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "curl" in line]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", _commands())
def test_the_readmes_curl_commands_work(
    server: Running, pictures: Mapping[str, bytes], tmp_path: Path, command: str
) -> None:
    (tmp_path / "car.jpg").write_bytes(pictures["one-car.jpg"])
    line = command.replace("http://127.0.0.1:8080", server.url).replace("curl ", "curl --silent --show-error --fail ")
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    expected = "nhk552" if "plate-reader" in command else "calls"
    assert expected in done.stdout
