"""`npm run lock`: writes the lock files of the worker's third-party packages, from pyproject.toml.

There is one for the base and one for each extra that the worker asks for; an extra's file holds what the base's does
not. uv makes them, because only uv writes one file for all Pythons, systems and processors at once. Locked versions
stay as long as pyproject.toml allows them; `--upgrade` takes the newest ones.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from python_worker.environment import locks

from .tools import ROOT

OLDEST = "3.10"
_HEADER = "# Made by `npm run lock` from pyproject.toml. README.md says how to install from it by hand.\n"


def main(arguments: Sequence[str]) -> int:
    """Write all lock files; return the exit status."""
    upgrade = "--upgrade" in arguments
    base = ""
    for name in locks.MODULES:
        before = "" if upgrade else "".join(map(_existing, {locks.BASE: None, name: None}))
        compiled = _compile(name, base, before)
        own = "".join(entry for entry in entries(compiled) if entry not in entries(base))
        if name == locks.BASE:
            base = own
        locks.path(name).parent.mkdir(exist_ok=True)
        locks.path(name).write_text(_HEADER + own, "utf-8")
    return 0


def entries(text: str) -> list[str]:
    """Return the requirements of a lock file, each with its marker and its hashes."""
    return re.findall(r"^[a-z0-9][^\n]*\n(?:[ \t]+--hash=[^\n]*\n)*", text, re.MULTILINE)


def _existing(name: str) -> str:
    path = locks.path(name)
    return path.read_text("utf-8") if path.exists() else ""


def _compile(name: str, base: str, before: str) -> str:
    """Return the requirements of the base, or of the base and an extra, as uv chooses them.

    Args:
        name: of the lock.
        base: the base's lock, which an extra has to agree with.
        before: locks; their versions stay if possible.
    """
    extra = [] if name == locks.BASE else ["--extra", name]
    with tempfile.TemporaryDirectory() as folder:
        constraints, output = Path(folder, "constraints.txt"), Path(folder, "lock.txt")
        constraints.write_text(base)
        output.write_text(before)
        subprocess.run(
            [
                *(sys.executable, "-I", "-m", "uv", "pip", "compile", "pyproject.toml", *extra, "--quiet"),
                *("--universal", "--python-version", OLDEST, "--generate-hashes", "--no-header", "--no-annotate"),
                *("--only-binary", ":all:", "--constraints", str(constraints), "--output-file", str(output)),
            ],
            cwd=ROOT,
            check=True,
        )
        return output.read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
