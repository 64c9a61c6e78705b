"""What a node type's `config.json` says: the one place of its properties' defaults, bounds and titles.

It is a JSON Schema. These keywords of its own are read here, in `nodes/lib/types.js` and by the editor's
`resources/form.js`:

- `role`: "output" and "input" are the expressions that a failure needs, "newestOnly" is the switch that lets a new
  message replace the one that waits, "editor" marks what the worker does not look at.
- `services`: the property counts only while one of these services is chosen; `when`: only while this switch is on, or
  while a property has a value: `{"source": "file"}`.
- `errors`, of the schema itself: index of the output for errors; `largest`: bytes of a frame with the config, where
  `LARGEST` is too little.
- `title`, `titles`, `placeholder`, `unit`, `icon`, `types`: the dialog's.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from ..schemas import Schema

LARGEST = 64 * 2**10
"""Bytes of a deployed node's frame; ten thousand nodes may be open."""


class ConfigSchema(Schema):
    """The schema of a node type's config and credentials."""

    def __init__(self, definition: dict[str, Any]) -> None:
        """Compile `config.json`'s content."""
        self.specs: dict[str, dict[str, Any]] = definition["properties"]
        self.errors: int = definition["errors"]
        self.largest: int = definition.get("largest", LARGEST)
        # A number may be a text, whose bounds a schema cannot check: `Config` does.
        checked = {
            name: {key: value for key, value in spec.items() if key not in ("minimum", "maximum")}
            for name, spec in self.specs.items()
            if spec.get("role") != "editor"
        }
        super().__init__({**definition, "properties": checked, "$defs": _KINDS})

    def kind(self, name: str) -> str:
        """Return what a property can be, one of the keys of `kinds.json`; "" if it says that itself."""
        return str(self.specs[name].get("$ref", "")).rpartition("/")[2]

    def named(self, *, kind: str = "", role: str = "") -> str | None:
        """Return the first property of a kind or with a role; None if there is none."""
        return next(
            (
                name
                for name, spec in self.specs.items()
                if (kind and self.kind(name) == kind) or (role and spec.get("role") == role)
            ),
            None,
        )


def read_schema(package: str) -> ConfigSchema:
    """Return the schema in a node type's package."""
    return ConfigSchema(json.loads(resources.files(package).joinpath("config.json").read_text("utf-8")))


_KINDS: dict[str, Any] = {
    name: kind
    for name, kind in json.loads(resources.files(__package__).joinpath("kinds.json").read_text("utf-8")).items()
    if not name.startswith("$")
}
