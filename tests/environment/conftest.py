"""A package of two tiny locks, installed by the real installer with the real venv and pip, without internet."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.tools import ROOT

NO_INTERNET = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}


def make_wheel(folder: Path, name: str, code: str, version: str = "1.0") -> Path:
    """Write a wheel with one module."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content.encode())}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in files.items():
            # Without the time, equal wheels have equal hashes.
            archive.writestr(zipfile.ZipInfo(path), content)
    return wheel


class Installer:
    """The package's copy in a folder, its wheels, and the folder of its environments."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "package"
        self.wheels = folder / "wheels"
        self.root = folder / "user ü" / "plate-recognizer"
        worker = self.package / "python_worker"
        ours = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "python_worker" / "environment", worker / "environment", ignore=ours)
        for name in ("__init__.py", "launch.py"):
            shutil.copy(ROOT / "python_worker" / name, worker / name)
        with (worker / "environment" / "locks.py").open("a") as locks:
            locks.write('\nMODULES = {BASE: ("tinybase",), "embedded": ("tinyextra",)}\n')
        (worker / "locks").mkdir()
        self.lock("base", make_wheel(self.wheels, "tinybase", "VALUE = 1\n"))
        self.lock("embedded", make_wheel(self.wheels, "tinyextra", "VALUE = 2\n"))

    def lock(self, name: str, wheel: Path) -> None:
        """Let a lock consist of a wheel."""
        package, version = wheel.name.split("-")[:2]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.package / "python_worker" / "locks" / f"{name}.txt").write_text(
            f"{package}=={version} \\\n    --hash=sha256:{digest}\n"
        )

    @property
    def folder_of_wheels(self) -> dict[str, str]:
        """Return what makes pip take wheels from the folder alone."""
        return {**NO_INTERNET, "PIP_FIND_LINKS": str(self.wheels)}

    def start(self, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start the installer as Node-RED does."""
        launch = self.package / "python_worker" / "launch.py"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        return subprocess.Popen(
            [sys.executable, "-I", launch, "python_worker.environment", "--folder", str(self.root), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**kept, **environment},
        )

    def run(self, *arguments: str, environment: Mapping[str, str] = NO_INTERNET) -> list[dict[str, Any]]:
        """Run the installer to its end, and return what it printed; the last is the result."""
        return told(self.start(*arguments, environment=environment))

    def imports(self, result: dict[str, Any], module: str) -> bool:
        """Tell whether a module can be imported as the worker would."""
        launch = self.package / "python_worker" / "launch.py"
        folders = [part for folder in result["packages"] for part in ("-p", folder)]
        command = [result["python"], "-I", launch, *folders, "python_worker.environment.imports", module]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["broken"] is None


def told(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for an installer's end, and return what it printed."""
    with process:
        assert process.stdout is not None
        lines = process.stdout.readlines()
    return [json.loads(line) for line in lines]


def logged(lines: list[dict[str, Any]], text: str) -> int:
    """Return how many lines for the log have a text."""
    return sum(text in line.get("log", "") for line in lines)


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an environment, which is made once and copied."""
    installer = Installer(tmp_path_factory.mktemp("built"))
    (*_, result) = installer.run("base", environment=installer.folder_of_wheels)
    assert result["trouble"] is None, result
    return installer.root


@pytest.fixture
def installer(tmp_path: Path) -> Installer:
    """Return an installer with nothing installed."""
    return Installer(tmp_path)


@pytest.fixture
def built(installer: Installer, _built: Path) -> Installer:
    """Return an installer whose base is there."""
    shutil.copytree(_built, installer.root, symlinks=True)
    return installer
