"""A node's config and credentials as deployed, read as its schema says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..schemas import complaint
from ..services.registry import claimed_by
from .base import ConfigError
from .fields import Expression, ExpressionError, parse
from .schema import ConfigSchema

# In both forms that Node-RED knows.
_VARIABLE = re.compile(r"\$\{(\S+)\}|\$\((\S+)\)")


class Config:
    """A valid config. Each property that is absent, empty or not in use has its default.

    The methods take a property's name. They raise ConfigError with the name and the reason if its value cannot be used.
    """

    def __init__(self, schema: ConfigSchema, config: Mapping[str, Any], credentials: Mapping[str, str | None]) -> None:
        """Check a deployed config.

        Raises:
            ConfigError: with the property and the reason.
        """
        self.schema = schema
        self._values: dict[str, Any] = {}
        for name, spec in schema.specs.items():
            secret = schema.kind(name) == "secret"
            value = (credentials if secret else config).get(name)
            if value is None or spec.get("role") == "editor" or not self._is_used(spec, config):
                continue
            _check_variable(f"the {spec['title']}" if secret else name, value)
            self._values[name] = value
        reason = complaint(schema, self._values)
        if reason:
            raise ConfigError(reason)

    def _is_used(self, spec: Mapping[str, Any], deployed: Mapping[str, Any]) -> bool:
        when = spec.get("when")
        if isinstance(when, Mapping):
            if any((deployed.get(name) or self.schema.specs[name]["default"]) != value for name, value in when.items()):
                return False
        elif when and deployed.get(when) not in (True, "true"):
            return False
        url = self.schema.named(kind="service")
        services = spec.get("services")
        if services is None or url is None:
            return True
        text = deployed.get(url)
        return claimed_by(text if isinstance(text, str) else "").name in services

    def value(self, name: str) -> Any:
        """Return a property as it was deployed; None if it is absent or not in use and has no default."""
        return self._values.get(name, self.schema.specs[name].get("default"))

    def text(self, name: str) -> str:
        """Return a text without blanks around it, "" if it is empty."""
        value = self._values.get(name)
        return str(value).strip() if value is not None else ""

    def choice(self, name: str) -> str:
        """Return one of the values that the property may have."""
        return str(self.value(name))

    def expression(self, name: str) -> Expression:
        """Return a property of messages."""
        try:
            return parse(self.text(name) or self.schema.specs[name]["default"])
        except ExpressionError as error:
            raise ConfigError(f"{name} is not a property of a message: {error}") from None

    def switch(self, name: str) -> bool:
        """Return whether a checkbox is set."""
        value = self._values.get(name)
        return bool(self.schema.specs[name]["default"]) if value in ("", None) else value in (True, "true")

    def number(self, name: str) -> float:
        """Return a number within the property's bounds."""
        spec = self.schema.specs[name]
        number = float(self.text(name) or spec["default"])
        if not spec["minimum"] <= number <= spec["maximum"]:
            raise ConfigError(f"{name} must be between {spec['minimum']:g} and {spec['maximum']:g}, not {number:g}")
        return number

    def whole(self, name: str) -> int:
        """Return a whole number within the property's bounds."""
        return int(self.number(name))

    def json(self, name: str, expected: str) -> Any:
        """Return the value of a JSON text, None if it is empty.

        Args:
            name: of the property.
            expected: what to enter, for the error.
        """
        value = self.value(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            read = json.loads(value)
        except ValueError as error:
            raise ConfigError(f"{name} is not JSON ({error}): enter {expected}") from None
        if read is None:
            raise ConfigError(f"{name} must be {expected}")
        return read


def failure_field(schema: ConfigSchema, config: Mapping[str, Any], role: str) -> Expression | None:
    """Return the expression with a role, so that failures have a place; the rest of the config may be wrong.

    None if the node type has none, or if it is no property of a message.
    """
    name = schema.named(role=role)
    if name is None:
        return None
    written = config.get(name) or schema.specs[name]["default"]
    try:
        return parse(written.strip()) if isinstance(written, str) else None
    except ExpressionError:
        return None


def _check_variable(name: str, value: Any) -> None:
    """Raise ConfigError for a variable that Node-RED does not know: it leaves the text as it is."""
    match = _VARIABLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        raise ConfigError(f"{name} is {match[0]}, but there is no environment variable {match[1] or match[2]}")
