"""The lock files hold what pyproject.toml asks for, for every Python and platform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from python_worker.environment import locks
from scripts.lock import entries
from scripts.tools import ROOT

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64"), ("win32", "AMD64"))


def _wanted(lock: str) -> list[Requirement]:
    """Return what pyproject.toml asks for; Python 3.10 cannot read it as such, and the lists are plain."""
    text = (ROOT / "pyproject.toml").read_text()
    name = "dependencies" if lock == locks.BASE else lock
    (listed,) = re.findall(rf"^{name} = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    return [Requirement(text) for text in re.findall(r'^ *"(.*)",$', listed, re.MULTILINE)]


def _requirement(entry: str) -> Requirement:
    return Requirement(entry.partition("\\\n")[0].strip())


def _variables(python: str, system: str, machine: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "sys_platform": system,
        "platform_machine": machine,
        "implementation_name": "cpython",
    }


def _applying(requirements: list[Requirement], variables: dict[str, Any]) -> list[Requirement]:
    return [each for each in requirements if each.marker is None or each.marker.evaluate(variables)]


@pytest.mark.parametrize("lock", locks.MODULES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("system", "machine"), PLATFORMS)
def test_a_lock_has_one_version_of_everything_in_the_range_that_is_asked_for(
    lock: str, python: str, system: str, machine: str
) -> None:
    variables = _variables(python, system, machine)
    locked = _applying([_requirement(entry) for entry in entries(locks.path(lock).read_text())], variables)
    versions = {each.name: str(each.specifier).removeprefix("==") for each in locked}
    assert len(versions) == len(locked)
    for wanted in _applying(_wanted(lock), variables):
        assert wanted.specifier.contains(versions[wanted.name])


@pytest.mark.parametrize("lock", locks.MODULES)
def test_every_requirement_has_hashes_and_the_extras_leave_the_bases_packages_alone(lock: str) -> None:
    text = locks.path(lock).read_text()
    assert all("--hash=sha256:" in entry for entry in entries(text))
    assert len(entries(text)) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))
    if lock != locks.BASE:
        base = {_requirement(entry).name for entry in entries(locks.path(locks.BASE).read_text())}
        assert not base & {_requirement(entry).name for entry in entries(text)}


@pytest.mark.parametrize("lock", locks.MODULES)
def test_without_hashes_a_lock_still_has_all_versions_and_markers(lock: str) -> None:
    plain = locks.without_hashes(lock)
    assert "--hash" not in plain
    assert [str(Requirement(line)) for line in plain.splitlines() if not line.startswith("#")] == [
        str(_requirement(entry)) for entry in entries(locks.path(lock).read_text())
    ]


def test_nothing_is_missing_that_a_package_in_the_locks_needs(tmp_path: Path) -> None:
    """With hashes, whatever a package needs and no lock names is refused."""
    wanted = [part for lock in locks.MODULES for part in ("-r", str(locks.path(lock)))]
    command = [
        *(sys.executable, "-I", "-m", "uv", "pip", "install", "--dry-run", "--require-hashes"),
        *("--only-binary", ":all:", "--target", str(tmp_path), *wanted),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "UV_NO_CONFIG": "1"})
    assert done.returncode == 0, done.stderr
