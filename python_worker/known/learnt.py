"""A list that messages change, kept in a file."""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from .entry import Entry
from .files import write_whole
from .table import MOST_ENTRIES, TableError, read_list, to_csv

_log = logging.getLogger(__name__)

_PLAIN_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}(\.[0-9A-Za-z_-]{1,64})?")
"""What Node-RED's ids look like, also those of old versions."""


class LearntError(ValueError):
    """A change is not possible; the message says why."""


class Learnt:
    """Entries that were added by messages.

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
        self._is_loaded = path is None
        # Of one file: a node that is deployed anew begins while the old one may still write.
        self._lock = Lock()

    def load(self) -> None:
        """Read the file, if there is one and it was not read yet. What is wrong in it is set aside and told.

        Raises:
            OSError: there is one that cannot be read. Nothing is kept then that would overwrite it.
        """
        with self._lock:
            if not self._is_loaded and self.path is not None:
                self._load(self.path)
                self._is_loaded = True

    def _load(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        try:
            found, problems = read_list(data)
        except TableError as error:
            found, problems = [], [str(error)]
        self.entries = tuple(map(_learnt, found))
        if problems:
            aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.csv")
            shutil.copyfile(path, aside)
            self.trouble = f"{path} is damaged ({problems[0]}); a copy is {aside.name}"
            _log.warning("%s is damaged (%s). It is now %s as well.", path, problems[0], aside.name)

    def add(self, entries: Iterable[Entry]) -> list[Entry]:
        """Add entries, each in place of the one with its plate, and return those that were replaced.

        Raises:
            LearntError: there are too many.
            OSError: they cannot be kept; nothing has changed.
        """
        added = {entry.text: _learnt(entry) for entry in entries}
        with self._lock:
            return self._add(added)

    def _add(self, added: dict[str, Entry]) -> list[Entry]:
        kept = [entry for entry in self.entries if entry.text not in added]
        if len(kept) + len(added) > MOST_ENTRIES:
            raise LearntError(f"{MOST_ENTRIES:,} plates are learnt, and no more are possible; remove some first")
        replaced = [entry for entry in self.entries if entry.text in added]
        self._keep((*kept, *added.values()))
        return replaced

    def remove(self, plates: Collection[str]) -> list[Entry]:
        """Remove the entries of plates, see `Entry.text`, and return them.

        Raises:
            LearntError: one of the plates was not learnt; nothing has changed.
            OSError: the rest cannot be kept; nothing has changed.
        """
        with self._lock:
            removed = [entry for entry in self.entries if entry.text in plates]
            absent = set(plates) - {entry.text for entry in removed}
            if absent:
                raise LearntError(
                    f"{min(absent)} was not learnt; what the node's own table, or a file, lists is removed there"
                )
            self._keep(tuple(entry for entry in self.entries if entry.text not in plates))
            return removed

    def _keep(self, entries: tuple[Entry, ...]) -> None:
        if self.path is not None:
            write_whole(self.path, to_csv(entry.fields for entry in entries))
        self.entries = entries


def _learnt(entry: Entry) -> Entry:
    return replace(entry, where="learnt")


_open: WeakValueDictionary[Path, Learnt] = WeakValueDictionary()


def learnt_at(path: Path | None) -> Learnt:
    """Return the one object for a file. It is not loaded yet, or by another node that has the file."""
    if path is None:
        return Learnt(None)
    learnt = _open.get(path)
    if learnt is None:
        learnt = _open[path] = Learnt(path)
    return learnt


def learnt_path(folder: Path, node: str) -> Path:
    """Return where a node's learnt entries are kept, below the worker's folder for what outlives a restart."""
    # An id from a flow may be any text, and is no path.
    name = node if _PLAIN_NAME.fullmatch(node) else sha256(node.encode()).hexdigest()
    return folder / "lists" / f"{name}.csv"
