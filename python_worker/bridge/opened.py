"""An open node of a session, and what it can say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..nodes.base import Edits, Node
from ..nodes.status import Status
from ..trace import where
from .frames import Frame

_log = logging.getLogger(__name__)

BLINK = 0.01
"""Seconds after which a node is shown to be busy.

Nobody would see it for a shorter time, and without that frame a message takes 0.86 to 0.91 of its time
(docs/benchmarks.md).
"""


@dataclass
class Work:
    """A message in work: the bytes that it counts for, and whether its end must still be sent."""

    size: int
    wanted: bool = True
    task: asyncio.Task[None] | None = None

    def drop(self) -> None:
        """Cancel the work; nothing more is sent about it."""
        self.wanted = False
        if self.task is not None:
            self.task.cancel()


@dataclass
class OpenNode:
    """An open node; its `Link`. After `close` it says nothing any more."""

    handle: int
    name: str
    node: Node
    emit: Callable[[Frame], None]
    works: dict[int, Work] = field(default_factory=dict)
    closed: bool = False
    _soon: asyncio.TimerHandle | None = None

    def status(self, status: Status) -> None:
        """See `Link`."""
        self._forget_busy()
        if not self.closed:
            self.emit({"ctx": "status", "node": self.handle, "value": status})

    def busy(self, status: Status) -> None:
        """See `Link`."""
        if self._soon is None and not self.closed:
            self._soon = asyncio.get_running_loop().call_later(BLINK, self.status, status)

    def error(self, text: str) -> None:
        """See `Link`."""
        if not self.closed:
            self.emit({"ctx": "error", "node": self.handle, "value": {"message": text}})

    def send(self, outputs: list[list[Edits] | None]) -> None:
        """See `Link`."""
        if not self.closed:
            self.emit({"ctx": "send", "node": self.handle, "value": as_frame_value(outputs)})

    def close(self, *, removed: bool) -> None:
        """Cancel the node's work."""
        if self.closed:
            return
        self.closed = True
        try:
            self.node.close(removed=removed)
        except Exception as error:
            _log.error("%s cannot be closed: %s", self.name, where(error))
        self._forget_busy()
        for work in list(self.works.values()):
            work.drop()

    def _forget_busy(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None


def as_frame_value(outputs: list[list[Edits] | None]) -> list[list[list[Any]] | None]:
    """Return the value of a `send`."""
    return [None if messages is None else [as_lists(edits) for edits in messages] for messages in outputs]


def as_lists(edits: Edits | tuple[()]) -> list[list[Any]]:
    """Return edits as they travel."""
    return [[list(path), value] for path, value in edits]
