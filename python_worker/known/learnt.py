"""A list that messages change, kept in a file."""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from .entry import Entry
from .files import write_whole
from .table import MOST_ENTRIES, TableError, read_list, to_csv

_log = logging.getLogger(__name__)

_PLAIN_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}(\.[0-9A-Za-z_-]{1,64})?")
"""What Node-RED's ids look like, also those of old versions."""


class LearntError(ValueError):
    """A change is not possible; the message says why."""


class Learnt:
    """Entries that were added by messages. For one thread at a time.

    The file is a table as `table.to_csv` writes it, so that it can be looked at, and imported elsewhere.

    Args:
        path: of the file, see `learnt_path`; None keeps nothing after a restart.

    Attributes:
        entries: in the order in which they were added.
        trouble: what was wrong with the file; None if nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.entries: tuple[Entry, ...] = ()
        self.trouble: str | None = None

    def load(self) -> None:
        """Read the file, if there is one. What is wrong in it is set aside and told.

        Raises:
            OSError: there is one that cannot be read. Nothing is kept then that would overwrite it.
        """
        if self.path is None:
            return
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        try:
            found, problems = read_list(data)
        except TableError as error:
            found, problems = [], [str(error)]
        self.entries = tuple(map(_learnt, found))
        if problems:
            aside = self.path.with_name(f"{self.path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.csv")
            shutil.copyfile(self.path, aside)
            self.trouble = f"{self.path} is damaged ({problems[0]}); a copy is {aside.name}"
            _log.warning("%s is damaged (%s). It is now %s as well.", self.path, problems[0], aside.name)

    def add(self, entries: Iterable[Entry]) -> list[Entry]:
        """Add entries, each in place of the one with its plate, and return those that were replaced.

        Raises:
            LearntError: there are too many.
            OSError: they cannot be kept; nothing has changed.
        """
        added = {entry.text: _learnt(entry) for entry in entries}
        kept = [entry for entry in self.entries if entry.text not in added]
        if len(kept) + len(added) > MOST_ENTRIES:
            raise LearntError(f"{MOST_ENTRIES:,} plates are learnt, and no more are possible; remove some first")
        replaced = [entry for entry in self.entries if entry.text in added]
        self._keep((*kept, *added.values()))
        return replaced

    def remove(self, text: str) -> list[Entry]:
        """Remove the entry of a plate, see `Entry.text`, and return it; nothing if there is none.

        Raises:
            OSError: the rest cannot be kept; nothing has changed.
        """
        removed = [entry for entry in self.entries if entry.text == text]
        if removed:
            self._keep(tuple(entry for entry in self.entries if entry.text != text))
        return removed

    def _keep(self, entries: tuple[Entry, ...]) -> None:
        if self.path is not None:
            write_whole(self.path, to_csv(entry.fields for entry in entries))
        self.entries = entries


def _learnt(entry: Entry) -> Entry:
    return replace(entry, where="learnt")


def learnt_path(folder: Path, node: str) -> Path:
    """Return where a node's learnt entries are kept, below the worker's folder for what outlives a restart."""
    # An id from a flow may be any text, and is no path.
    name = node if _PLAIN_NAME.fullmatch(node) else sha256(node.encode()).hexdigest()
    return folder / "lists" / f"{name}.csv"
