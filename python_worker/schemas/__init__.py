"""JSON Schemas of what crosses a boundary, compiled once."""

from __future__ import annotations

import json
from importlib import resources
from itertools import islice
from typing import Any

import fastjsonschema
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


class Schema:
    """A schema in two forms: code that quickly tells whether a value is valid, and a validator that explains why not.

    Without the first, by fastjsonschema, a message takes 1.15 times as long (docs/benchmarks.md).
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        """Compile a schema that uses only what JSON Schema's draft 7 and 2020-12 have in common."""
        self.properties = frozenset(definition.get("properties", ()))
        self.validator = Draft202012Validator(definition)
        self._check = fastjsonschema.compile(definition, use_default=False)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is valid."""
        try:
            self._check(value)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True


def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text("utf-8"))
    return schema


def _read_frames(sender: str) -> dict[str, dict[str, Any]]:
    """One schema for each ctx: one schema for all of them would cost more, and give less clear errors."""
    schemas = _read("frames")
    return {ctx: {**schema, "$defs": schemas["$defs"]} for ctx, schema in schemas[sender].items()}


CLIENT_FRAMES = {ctx: Schema(definition) for ctx, definition in _read_frames("client").items()}
WORKER_FRAMES = {ctx: Draft202012Validator(definition) for ctx, definition in _read_frames("worker").items()}
ANSWER = Schema(_read("answer"))
STATISTICS = Schema(_read("statistics"))


def complaint(schema: Schema, value: Any) -> str | None:
    """Return what is wrong with a value in one sentence part, None if it is valid."""
    if schema.accepts(value):
        return None
    try:
        # Only a few of them: a large value may be wrong in every part.
        error = best_match(islice(schema.validator.iter_errors(value), 20))
    except RecursionError:
        return "is nested too deeply"
    if error is None:
        return None
    # The innermost part of the schema that describes itself: "must be a number" says more than a failed pattern.
    while "description" not in error.schema and error.parent is not None:
        error = error.parent
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error.absolute_path)
    # A value can be long or secret, and the part of the schema says enough.
    expected = error.schema.get("description") or _shortened(error.message)
    return f"{where.lstrip('.') or 'it'} {expected}"


def _shortened(text: str, longest: int = 200) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
