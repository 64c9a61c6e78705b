"""Where a list's entries come from."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import Any

from ...errors import InputError, RecognitionError
from ...known.entry import Entry
from ...known.table import TableError, read_list
from ...known.watched import WatchedFile
from ...values import Opaque
from ..base import ConfigError, Message, TypedInput
from ..config import Config
from ..fields import Expression, ExpressionError, Path, describe, parse


class Source(ABC):
    """A list that somebody else keeps. One call at a time.

    Attributes:
        entries: as they were at the last call; another tuple when they have changed.
        problems: what is wrong with the list, or with entries that are not in use.
        warning: why `entries` are not what they should be; None if they are.
        needs: see `Node`.
        inputs: see `Node`.
    """

    entries: tuple[Entry, ...] | None = ()
    problems: Sequence[str] = ()
    warning: str | None = None
    needs: Sequence[Path] = ()
    inputs: Mapping[str, TypedInput] = {}

    async def refresh(self) -> None:
        """Look whether the list has changed, without a message."""
        return

    @abstractmethod
    async def follow(self, message: Message) -> tuple[Entry, ...]:
        """Return the entries for a message.

        Raises:
            RecognitionError: there is no list.
        """


class Table(Source):
    """Entries in the node's config."""

    def __init__(self, value: Any) -> None:
        """Read the entries.

        Raises:
            ConfigError: they are no list.
        """
        try:
            found, self.problems = read_list([] if value is None else value)
        except TableError as error:
            raise ConfigError(f"the table of plates cannot be read: {error}") from None
        self._found = self.entries = tuple(found)

    async def follow(self, message: Message) -> tuple[Entry, ...]:
        """See `Source`."""
        return self._found


class WatchedList(Source):
    """A file on the worker's machine."""

    def __init__(self, path: File) -> None:
        self._file = WatchedFile(path)

    async def refresh(self) -> None:
        """See `Source`."""
        file = self._file
        await asyncio.to_thread(file.refresh)
        self.entries = file.entries
        self.warning = None
        if file.trouble:
            kept = "is not used, and the last good list stays in use" if file.entries is not None else "cannot be used"
            self.warning = f"The file {file.path} {kept}: {file.trouble}."
        self.problems = [self.warning] if self.warning else [f"{file.path}: {problem}" for problem in file.problems]

    async def follow(self, message: Message) -> tuple[Entry, ...]:
        """See `Source`."""
        await self.refresh()
        if self.entries is None:
            raise RecognitionError(str(self.warning), status=503)
        return self.entries


class Property(Source):
    """A property of messages or of a context store."""

    def __init__(self, name: str, kind: str) -> None:
        """Prepare to look it up.

        Raises:
            ConfigError: it is no property.
        """
        if not name:
            raise ConfigError("list is empty: enter the property that holds the list of plates")
        self._name = f"{kind}.{name}"
        self._field: Expression | None = None
        if kind == "msg":
            try:
                self._field = parse(name)
            except ExpressionError as error:
                raise ConfigError(f"list is not a property of a message: {error}") from None
            self.needs = self._field.needs_for_value()
        else:
            self.inputs = {"list": TypedInput(kind, name)}
        self._value: Any = None

    async def follow(self, message: Message) -> tuple[Entry, ...]:
        """See `Source`."""
        value = self._field.value(message.known) if self._field else message.inputs.get("list")
        if value is None or isinstance(value, Opaque):
            raise InputError(f"{self._name} holds no list of plates: it is {describe(value)}.")
        # Reading a long list takes seconds, and it seldom changes.
        if self.entries is None or value != self._value:
            try:
                found, self.problems = await asyncio.to_thread(read_list, value)
            except TableError as error:
                self.entries = None
                raise InputError(f"{self._name} holds no list of plates: {error}.") from None
            self._value, self.entries = value, tuple(found)
        return self.entries


Property.entries = None


def source_of(config: Config) -> Source:
    """Return the source that a config names.

    Raises:
        ConfigError: it cannot be used.
    """
    kind = config.choice("source")
    if kind == "file":
        path = File(config.text("file"))
        if not path.is_absolute():
            raise ConfigError(
                "file must be the whole path of a file on the machine where the worker runs, such as /data/plates.csv"
            )
        return WatchedList(path)
    if kind == "property":
        return Property(str(config.value("list") or "").strip(), config.choice("listType"))
    return Table(config.value("entries"))
