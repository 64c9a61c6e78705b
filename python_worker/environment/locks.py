"""Lock files: which third-party packages, in which versions, with which hashes. `npm run lock` makes them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

BASE = "base"
FOLDER = Path(__file__).resolve().parent.parent / "locks"
MODULES = {
    BASE: (
        "aiohttp",
        "fastjsonschema",
        "jsonschema",
        "msgpack",
        "PIL.Image",
        "rapidfuzz",
        "tzdata",
        "websockets.asyncio.server",
        "yarl",
    ),
    # OpenVINO by way of our own module, which sees to it that the import sends nothing.
    "embedded": ("numpy", "cv2", "python_worker.engine.runtime"),
    "server": ("multipart", "prometheus_client"),
}
"""What the worker imports of each lock's packages: `base` for the bridge, the others for the extra of that name."""

LABELS = {"embedded": "engine"}
"""What people call them, where that is another word."""


def path(name: str) -> Path:
    """Return the lock file of the base, or of an extra."""
    return FOLDER / f"{name}.txt"


def digest(name: str) -> str:
    """Return what identifies the content of a lock file, without its comments."""
    lines = [line for line in path(name).read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def without_hashes(name: str) -> str:
    """Return the requirements of a lock file with their versions alone."""
    return re.sub(r"(\s*\\)?\n?[ \t]+--hash=\S+", "", path(name).read_text("utf-8"))
