"""What the control groups (version 2) that this process is in allow it; only Linux has them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def limits(name: str) -> Iterator[str]:
    """Yield what a file such as "memory.max" says, for the process's own group and for all around it."""
    files = [ROOT / name]
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines():
            if line.startswith("0::/"):
                group = ROOT / line[len("0::/") :]
                files += [folder / name for folder in (group, *group.parents) if ROOT in folder.parents]
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            yield file.read_text("ascii")
