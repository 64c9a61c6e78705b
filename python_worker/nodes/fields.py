"""Property expressions of Node-RED messages: `payload`, `a.b[2].c`, `a["x y"]`, `payload[msg.index]`.

The grammar is the one of Node-RED's `RED.util.normalisePropertyExpression` (4.1 and 5.0); the tests compare both on
generated expressions. Values never come from the whole message: an expression says which parts of it are needed, and is
resolved with only those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import InputError
from ..values import Opaque

Key: TypeAlias = "str | int"
Path: TypeAlias = "tuple[Key, ...]"

_DIGITS = re.compile(r"[0-9]+")
_IDENTIFIER_START = re.compile(r"[a-zA-Z0-9$_]")
_NESTED = re.compile(r"msg[.\[]")
_LARGEST_INTEGER = 2**53
_LONGEST_INDEX = 15
LONGEST = 1_000
DEEPEST = 20
"""Bounds of an expression: its characters, and expressions within expressions."""


class ExpressionError(ValueError):
    """The text is not a property expression."""


@dataclass(frozen=True)
class Expression:
    """A parsed property expression; a part is a key, an index, or an expression whose value is the key."""

    text: str
    parts: tuple[Key | Expression, ...]

    @property
    def _prefix(self) -> Path:
        """The path up to the first part that depends on the message."""
        keys: list[Key] = []
        for part in self.parts:
            if isinstance(part, Expression):
                break
            keys.append(part)
        return tuple(keys)

    def needs_for_path(self) -> list[Path]:
        """Return the paths whose values `path` looks up."""
        return [need for part in self.parts if isinstance(part, Expression) for need in part.needs_for_value()]

    def needs_for_value(self) -> list[Path]:
        """Return the paths whose values `value` looks up."""
        return [self._prefix, *self.needs_for_path()]

    def path(self, known: Mapping[Path, Any]) -> Path:
        """Return the keys and indices that the expression means in one message.

        Args:
            known: values of the paths that `needs_for_path` names.

        Raises:
            InputError: a nested expression does not lead to a text or a whole number.
        """
        return tuple(part.value_as_key(known, self) if isinstance(part, Expression) else part for part in self.parts)

    def value(self, known: Mapping[Path, Any]) -> Any:
        """Return the value in one message; `Opaque("undefined")` if there is none.

        Args:
            known: values of the paths that `needs_for_value` names.

        Raises:
            InputError: as `path`.
        """
        value = known[self._prefix]
        for key in self.path(known)[len(self._prefix) :]:
            value = _property(value, key)
        return value

    def value_as_key(self, known: Mapping[Path, Any], outer: Expression) -> Key:
        """Return the value for use as a key of `outer`."""
        value = self.value(known)
        if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_INTEGER:
            value = int(value)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise InputError(
            f"msg.{outer.text} cannot be resolved: msg.{self.text} is {describe(value)}, not a text or a whole number."
        )


def describe(value: Any) -> str:
    """Name the kind of a message's value, for error messages."""
    if isinstance(value, Opaque):
        return "not there" if value.kind == "undefined" else f"a {value.kind}"
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "text",
        bytes: "a Buffer",
        list: "an array",
    }
    return names.get(type(value), "an object")


def _property(value: Any, key: Key) -> Any:
    """Return `value[key]` as JavaScript would for values that travelled."""
    if isinstance(value, dict):
        return value.get(str(key), Opaque("undefined"))
    if isinstance(value, (list, str, bytes)):
        if key == "length":
            return len(value)
        if isinstance(key, str) and len(key) <= _LONGEST_INDEX and _DIGITS.fullmatch(key):
            key = int(key) if key == "0" or key[0] != "0" else key
        if isinstance(key, int) and 0 <= key < len(value):
            return value[key]
    return Opaque("undefined")


def parse(text: str) -> Expression:
    """Parse a property expression; a leading `msg.` is allowed, as everywhere in Node-RED.

    Raises:
        ExpressionError: with the position of what is wrong.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"it has {len(text):,} characters, more than {LONGEST:,}")
    return _parse(text, DEEPEST)


def _parse(text: str, deeper: int) -> Expression:
    text = text.removeprefix("msg.")
    if not text:
        raise ExpressionError("a property expression is empty")
    return Expression(text, _Parser(text, deeper).parts())


@dataclass
class _Parser:
    """One pass over the text; `start` is where the current part began, `deeper` how deep others may nest."""

    text: str
    deeper: int
    start: int = 0
    found: list[Key | Expression] = field(default_factory=list)

    def parts(self) -> tuple[Key | Expression, ...]:
        position = 0
        while position < len(self.text):
            character = self.text[position]
            if character in "'\"":
                position = self._quoted(position, closes_box=False)
            elif character == ".":
                position = self._dot(position)
            elif character == "[":
                position = self._box(position)
            elif character in "] ":
                raise self._unexpected(position)
            else:
                position += 1
        if self.start < len(self.text):
            self.found.append(self.text[self.start :])
        return tuple(self.found)

    def _dot(self, position: int) -> int:
        if position == 0:
            raise self._unexpected(position)
        if self.start != position:
            self.found.append(_key(self.text[self.start : position]))
        if not _IDENTIFIER_START.match(self.text, position + 1):
            raise self._unexpected(position + 1)
        self.start = position + 1
        return self.start

    def _box(self, position: int) -> int:
        if position == 0:
            raise self._unexpected(position)
        if self.start != position:
            self.found.append(self.text[self.start : position])
        inner = position + 1
        if _NESTED.match(self.text, inner):
            if not self.deeper:
                raise ExpressionError(f"more than {DEEPEST} expressions within each other")
            end = self._closing(position)
            try:
                self.found.append(_parse(self.text[inner:end], self.deeper - 1))
            except ExpressionError as error:
                raise ExpressionError(f"in the expression at position {inner}: {error}") from None
            self.start = end + 1
        elif self.text[inner : inner + 1] in ("'", '"'):
            self.start = self._quoted(inner, closes_box=True)
        else:
            digits = _DIGITS.match(self.text, inner)
            if digits is None or self.text[digits.end() : digits.end() + 1] != "]":
                raise self._unexpected(digits.end() if digits else inner)
            self.found.append(_key(digits[0]))
            self.start = digits.end() + 1
        return self.start

    def _quoted(self, position: int, *, closes_box: bool) -> int:
        """Read a quoted key; return the position after it and the bracket that must close it."""
        if not closes_box and position != self.start:
            raise self._unexpected(position)
        end = self.text.find(self.text[position], position + 1)
        if end == -1:
            raise ExpressionError(f"the quote at position {position} is not closed in {self.text!r}")
        if end == position + 1:
            raise ExpressionError(f"the key at position {position} is empty in {self.text!r}")
        self.found.append(self.text[position + 1 : end])
        follows = self.text[end + 1 : end + 2]
        if follows != "]" if closes_box else follows not in ("", "[", "."):
            raise self._unexpected(end + 1)
        self.start = end + 1 + closes_box
        return self.start

    def _closing(self, position: int) -> int:
        """Return the position of the bracket that closes the one at `position`."""
        depth = 0
        for index in range(position, len(self.text)):
            if self.text[index] == "[":
                depth += 1
            elif self.text[index] == "]":
                depth -= 1
                if depth == 0:
                    return index
        raise ExpressionError(f"the bracket at position {position} is not closed in {self.text!r}")

    def _unexpected(self, position: int) -> ExpressionError:
        if position >= len(self.text):
            return ExpressionError(f"{self.text!r} ends too early")
        return ExpressionError(f"unexpected {self.text[position]!r} at position {position} of {self.text!r}")


def _key(text: str) -> Key:
    """Return a part before a dot or in brackets: an index if it is a number that JavaScript can hold exactly."""
    if _DIGITS.fullmatch(text) and int(text) <= _LARGEST_INTEGER:
        return int(text)
    return text
