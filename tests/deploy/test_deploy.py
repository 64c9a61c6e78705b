"""The deployment files: that what they run exists, works, and is what the documentation says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from scripts.tools import ROOT, npm

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "plate-recognizer-server.service"
DOCKERFILES = sorted(DEPLOY.glob("Dockerfile.*"))
WORKER = Path(sys.executable).with_name("plate-recognizer-worker")
"""The command that /opt/plates/bin/plate-recognizer-worker is on a machine where it was installed as documented."""


@contextmanager
def _serving(arguments: Sequence[str]) -> Iterator[str]:
    """Run the worker with arguments, but on a free port of the loopback; yield the server's address."""
    free = [{"8080": "0", "0.0.0.0": "127.0.0.1"}.get(part, part) for part in arguments]  # noqa: S104
    with subprocess.Popen([WORKER, *free], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            listening = json.loads(process.stdout.readline())["listening"]
            yield f"http://{listening['host']}:{listening['port']}"
        finally:
            process.terminate()


def _status(url: str, token: str | None = None) -> int:
    headers = {"Authorization": f"Token {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile and what follows them, in its order."""
    lines = [line for line in dockerfile.read_text().splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def _exec_start() -> list[str]:
    joined = UNIT.read_text().replace("\\\n", " ")
    (line,) = re.findall(r"^ExecStart=(.*)$", joined, re.MULTILINE)
    return shlex.split(line)


def _compose() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return described


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/plates/bin/plate-recognizer-worker", str(WORKER)))
    checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux'")
def test_the_engine_reads_a_picture_in_memory_as_the_unit_allows_it() -> None:
    denied = re.search(r"^MemoryDenyWriteExecute=(?!no|false|off|0)", UNIT.read_text(), re.MULTILINE)
    # What systemd itself does for MemoryDenyWriteExecute; kernels before 6.3 answer that they cannot.
    deny = "import ctypes; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)" if denied else ""
    code = f"{deny}\nfrom python_worker.__main__ import main\nmain()"
    picture = ROOT / "resources" / "samples" / "one-car.jpg"
    read = subprocess.run([sys.executable, "-c", code, "read", picture], capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    assert "NHK552" in read.stdout


def test_the_units_command_serves_asks_for_its_token_and_keeps_its_counts(tmp_path: Path) -> None:
    token, state = tmp_path / "token", tmp_path / "state"
    token.write_text("s3cret\n")
    program, *arguments = _exec_start()
    assert program == "/opt/plates/bin/plate-recognizer-worker"
    given = {"${CREDENTIALS_DIRECTORY}/token": str(token), "${STATE_DIRECTORY}": str(state)}
    with _serving([given.get(part, part) for part in arguments]) as url:
        assert _status(f"{url}/info/") == 403
        assert _status(f"{url}/info/", "s3cret") == 200
    assert (state / "usage.sqlite").exists()


def test_the_image_serves_and_its_health_check_tells_whether_it_does(tmp_path: Path) -> None:
    instructions = _instructions(DEPLOY / "Dockerfile.server")
    (entry,) = [json.loads(rest) for name, rest in instructions if name == "ENTRYPOINT"]
    (arguments,) = [json.loads(rest) for name, rest in instructions if name == "CMD"]
    (health,) = [rest for name, rest in instructions if name == "HEALTHCHECK"]
    assert entry == ["/opt/plates/bin/plate-recognizer-worker"]
    _, _, script = json.loads(health[health.index("[") :])
    with _serving([str(tmp_path) if part == "/var/lib/plates" else part for part in arguments]) as url:
        here = script.replace("http://127.0.0.1:8080", url)
        assert here != script
        assert subprocess.run([sys.executable, "-c", here], check=False).returncode == 0
    gone = subprocess.run([sys.executable, "-c", here], check=False, stderr=subprocess.DEVNULL)
    assert gone.returncode == 1


def test_the_documented_change_of_the_compose_file_makes_the_server_ask_for_a_token(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(), re.DOTALL)
    change = yaml.safe_load(snippet)
    server = change["services"]["server"]
    assert server["secrets"] == list(change["secrets"])
    token = tmp_path / "token"
    token.write_text("s3cret")
    given = {"/run/secrets/token": str(token), "/var/lib/plates": str(tmp_path)}
    with _serving([given.get(part, part) for part in server["command"]]) as url:
        assert _status(f"{url}/info/") == 403
        assert _status(f"{url}/info/", "s3cret") == 200


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.suffix[1:]))
def test_an_image_installs_as_the_documentation_says(dockerfile: Path) -> None:
    documented = (ROOT / "README.md").read_text() + (ROOT / "docs" / "deploy.md").read_text()
    commands = [rest for name, rest in _instructions(dockerfile) if name == "RUN"]
    installs = [command for command in commands if re.search(r"-m venv|pip install", command)]
    assert len(installs) == 2
    # Where npm puts packages differs: the README installs into the user directory, the image beside Node-RED.
    readme = documented.replace("$HOME/.node-red/", "")
    assert [command for command in installs if command.replace("--no-cache-dir ", "") not in readme] == []


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.suffix[1:]))
def test_an_image_runs_as_a_user_without_privileges(dockerfile: Path) -> None:
    users = [rest for name, rest in _instructions(dockerfile) if name == "USER"]
    assert users[-1] != "root"


def test_the_images_are_built_from_all_files_that_the_package_has(tmp_path: Path) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    for name in (line[1:] for line in lines if line.startswith("!")):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    packed = [json.loads(npm("pack", "--dry-run", "--json", cwd=folder))[0] for folder in (ROOT, tmp_path)]
    here, there = ({file["path"] for file in listing["files"]} for listing in packed)
    assert there == here


def test_the_compose_file_builds_the_images_and_opens_ports_to_this_machine_only() -> None:
    described = _compose()
    services = described["services"]
    built = {DEPLOY / service["build"]["context"] / service["build"]["dockerfile"] for service in services.values()}
    assert {path.resolve() for path in built} == set(DOCKERFILES)
    ports = [port for service in services.values() for port in service["ports"]]
    assert ports == [f"127.0.0.1:{port}:{port}" for port in (1880, 8080)]
    mounted = {volume.partition(":")[0] for service in services.values() for volume in service["volumes"]}
    assert mounted == set(described["volumes"])


def test_the_server_has_time_to_answer_what_it_accepted() -> None:
    from python_worker.api.command import _ANSWER_SECONDS

    unit = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(), re.MULTILINE)
    compose = _compose()["services"]["server"]["stop_grace_period"]
    assert unit
    assert min(int(unit[1]), int(compose.removesuffix("s"))) > _ANSWER_SECONDS
