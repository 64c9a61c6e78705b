"""JSON Schemas of what crosses a boundary, compiled once."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8"))
    return schema


def _load(name: str) -> Draft202012Validator:
    return Draft202012Validator(_read(name))


def _load_frames(sender: str) -> dict[str, Draft202012Validator]:
    """One schema for each ctx: a choice between all of them would cost more, and complain less clearly."""
    schemas = _read("frames")
    return {ctx: Draft202012Validator({**schema, "$defs": schemas["$defs"]}) for ctx, schema in schemas[sender].items()}


CLIENT_FRAMES = _load_frames("client")
WORKER_FRAMES = _load_frames("worker")
ANSWER = _load("answer")
STATISTICS = _load("statistics")
CONFIGS = {kind: _load(kind) for kind in ("plate-recognizer", "plate-statistics")}


def complaint(schema: Draft202012Validator, value: Any) -> str | None:
    """Return what is wrong with a value in one sentence part, None if it is valid."""
    error = best_match(schema.iter_errors(value))
    if error is None:
        return None
    # The innermost part of the schema that describes itself: "must be a number" says more than a failed pattern.
    while "description" not in error.schema and error.parent is not None:
        error = error.parent
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error.absolute_path)
    # A value can be long, or a secret: the schema's part says enough.
    expected = error.schema.get("description") or _shortened(error.message)
    return f"{where.lstrip('.') or 'it'} {expected}"


def _shortened(text: str, longest: int = 200) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
