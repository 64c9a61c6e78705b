"""The regions whose plates are known; needs nothing of the extra `embedded`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def known_regions() -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of `formats.json` by region code."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("formats.json").read_text("utf-8"))
    regions: dict[str, Mapping[str, Any]] = data["regions"]
    return regions
