"""`npm run platforms`: prints for which platforms the package index has wheels of all that the lock files name.

For each platform and Python, it lets uv choose the files as pip would there, only from wheels and with their hashes. uv
does not know 32-bit ARM, so pip downloads for that. Missing wheels are named. Even if none is missing, the package may
never have been run there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

from python_worker.environment import locks

from .lock import entries

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_36",
    "Linux arm64": "aarch64-manylinux_2_36",
    "Linux armv7 (32 bits)": "armv7l",
    "Alpine (musl) x86-64": "x86_64-unknown-linux-musl",
    "Alpine (musl) arm64": "aarch64-unknown-linux-musl",
    "macOS 14 arm64": "aarch64-apple-darwin",
    "macOS 14 x86-64": "x86_64-apple-darwin",
    "Windows x64": "x86_64-pc-windows-msvc",
    "Windows arm64": "aarch64-pc-windows-msvc",
}
"""uv's names. Linux is as old as Debian 12; for macOS see `_MACOS`."""

_MACOS = "14.0"
_UNKNOWN_TO_UV = ("Linux armv7 (32 bits)",)
_NO_WHEEL = re.compile(r"(?:Because|No matching distribution found for) ([a-z0-9-]+)(?:\{[^}]*\})?==")


def missing(platform: str, python: str, lock: str) -> list[str]:
    """Return the packages of a lock without a wheel for a platform and a Python.

    Raises:
        RuntimeError: uv failed for another reason.
    """
    wanted = entries(locks.path(lock).read_text("utf-8"))
    absent: list[str] = []
    while True:
        rest = [entry for entry in wanted if entry.partition("==")[0] not in absent]
        said = (_fails_for_pip if platform in _UNKNOWN_TO_UV else _fails)(platform, python, rest)
        if said is None:
            return absent
        found = _NO_WHEEL.search(" ".join(said.split()))
        if found is None:
            raise RuntimeError(said)
        absent.append(found[1])


def table(platforms: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield f"| platform | {' | '.join(locks.MODULES)} |"
    yield f"| --- |{' --- |' * len(locks.MODULES)}"
    for platform in platforms:
        yield f"| {platform} | {' | '.join(_cell(platform, lock) for lock in locks.MODULES)} |"


def _fails(platform: str, python: str, requirements: list[str]) -> str | None:
    """Return what uv says if requirements cannot be installed, otherwise None."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wanted.txt")
        path.write_text("".join(requirements))
        command = [
            *(sys.executable, "-I", "-m", "uv", "pip", "install", "--dry-run", "--target", folder, "--no-deps"),
            *("--only-binary", ":all:", "--require-hashes", "--python-platform", PLATFORMS[platform]),
            *("--python-version", python, "-r", str(path)),
        ]
        environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": _MACOS}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return done.stderr if done.returncode else None


def _fails_for_pip(platform: str, python: str, requirements: list[str]) -> str | None:
    variables = {
        "python_full_version": f"{python}.9",
        "python_version": python,
        "platform_machine": PLATFORMS[platform],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "wanted.txt")
        # pip would choose the requirements that apply by the Python that it runs in.
        path.write_text("".join(_without_marker(entry) for entry in requirements if _applies(entry, variables)))
        tags = [f"manylinux_2_{minor}_{PLATFORMS[platform]}" for minor in range(36, 16, -1)]
        abis = (f"cp{python.replace('.', '')}", "abi3", "none")
        command = [
            *(sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder),
            *("--only-binary", ":all:", "--require-hashes", "--implementation", "cp", "--python-version", python),
            *(part for abi in abis for part in ("--abi", abi)),
            *(part for tag in tags for part in ("--platform", tag)),
            *("-r", str(path)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else None


def _applies(entry: str, variables: dict[str, str]) -> bool:
    marker = Requirement(entry.partition("\\\n")[0].strip()).marker
    return marker is None or marker.evaluate(variables)


def _without_marker(entry: str) -> str:
    return re.sub(r" ;[^\n]*(?= \\\n)", "", entry)


def _cell(platform: str, lock: str) -> str:
    found = {python: missing(platform, python, lock) for python in PYTHONS}
    good = [python for python, absent in found.items() if not absent]
    if len(good) == len(PYTHONS):
        return "all"
    names = sorted({name for absent in found.values() for name in absent})
    return f"{', '.join(good) or 'none'}; no wheel of {', '.join(names)}"


if __name__ == "__main__":
    for line in table(sys.argv[1:] or PLATFORMS):
        print(line, flush=True)
