"""What the project's commands share: npm, the packages that it installs, and running one check after another."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "node-red-contrib-plate-recognizer-python"
ORIGINAL = "node-red-contrib-plate-recognizer@1.0.3"
LINES = {"4.1": ROOT, "5.0": ROOT / "tests" / "lines" / "5.0"}
"""Folder whose package.json names Node-RED of each line that is supported."""


class NpmError(Exception):
    """npm, or something that it should have installed, is missing or failed."""


def run_all(commands: Sequence[Sequence[str]]) -> int:
    """Run all commands in the project's folder, even after one failed; return the exit status for all."""
    statuses = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    return int(any(statuses))


def npm(*arguments: str, cwd: Path = ROOT) -> str:
    """Run npm and return its standard output; its other output goes to standard error.

    Raises:
        NpmError: npm is missing or failed.
    """
    command = [*_npm(), *arguments]
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise NpmError(f"npm {' '.join(arguments)} failed in {cwd}")
    return done.stdout


def ensure_packages(folder: Path = ROOT) -> None:
    """Install a folder's packages as its package-lock.json says, unless that has been done."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".stamp"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"Installing the packages of {folder.relative_to(ROOT.parent)} …", file=sys.stderr, flush=True)
    # The lines' Node-RED runs on the Node.js that is installed with it, not on the machine's.
    npm("ci", "--engine-strict=false", "--loglevel=error", cwd=folder)
    stamp.write_text(digest)


def install_package(folder: Path, *others: str, checkout: Path = ROOT) -> None:
    """Install this package into a Node-RED user directory as a user would from the registry, with other packages."""
    (packed,) = json.loads(npm("pack", "--json", "--pack-destination", str(folder), cwd=checkout))
    (folder / "package.json").write_text('{"private": true}\n')
    npm("install", f"./{packed['filename']}", *others, "--loglevel=error", cwd=folder)


def original_package() -> Path:
    """Return a node_modules with the original package, which the first call takes from the registry."""
    folder = ROOT / ".cache" / ORIGINAL
    packages = folder / "node_modules"
    if not packages.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        npm("install", ORIGINAL, "--loglevel=error", cwd=folder)
    return packages


def node_red(line: str) -> list[str]:
    """Return the command that starts Node-RED of a line; `ensure_packages` has installed it."""
    packages = LINES[line] / "node_modules"
    beside = [path for path in packages.glob("node-*/bin/node*") if path.name in ("node", "node.exe")]
    return [str(beside[0]) if beside else node(), str(packages / "node-red" / "red.js")]


def node() -> str:
    """Return the machine's Node.js.

    Raises:
        NpmError: there is none.
    """
    program = os.environ.get("npm_node_execpath") or shutil.which("node")
    if program is None:
        raise NpmError("node is not on the PATH")
    return program


def _npm() -> Sequence[str]:
    """Return the command of the npm that runs this script, otherwise of the one on the PATH."""
    script, node = os.environ.get("npm_execpath"), os.environ.get("npm_node_execpath")
    if script and node:
        return [node, script]
    program = shutil.which("npm")
    if program is None:
        raise NpmError("npm is not on the PATH")
    return [program]
