"""One connection with Node-RED: its open nodes and their messages. Knows frames, but no sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import OverloadError, RecognitionError
from ..nodes import make_node
from ..nodes.base import Done, Failed, Message, Node, Outcome, Sent
from ..nodes.status import Status
from ..services import Services
from ..services.embedded import missing
from .frames import Frame, FrameError

MOST_MESSAGES = 2_000
MOST_BYTES = 512 * 2**20
"""Bounds of the messages in work at once; past them a message is answered 503 instead of filling memory."""

BLINK = 0.01
"""Seconds after which a node is shown to be busy: nobody sees it for a shorter time, and both ends would pay for it."""

_log = logging.getLogger(__name__)

Emit = Callable[[Frame], None]


@dataclass
class _OpenNode:
    """An open node, and what it can say: its `Link`."""

    handle: int
    name: str
    node: Node
    emit: Emit
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    soon: asyncio.TimerHandle | None = None

    def status(self, status: Status) -> None:
        if self.soon is not None:
            self.soon.cancel()
            self.soon = None
        self.emit({"ctx": "status", "node": self.handle, "value": status})

    def busy(self, status: Status) -> None:
        if self.soon is None:
            self.soon = asyncio.get_running_loop().call_later(BLINK, self.status, status)

    def error(self, text: str) -> None:
        self.emit({"ctx": "error", "node": self.handle, "value": {"message": text}})

    def close(self) -> None:
        """Cancel the node's work; nothing is emitted for it any more."""
        if self.soon is not None:
            self.soon.cancel()
        for task in self.tasks:
            task.cancel()


class Session:
    """Answers the frames of one connection."""

    def __init__(self, services: Services, emit: Emit) -> None:
        """Begin a session.

        Args:
            services: shared by all sessions.
            emit: takes each frame for the client, at any time in the event loop.
        """
        self._services = services
        self._emit = emit
        self._nodes: dict[int, _OpenNode] = {}
        self._messages = 0
        self._bytes = 0

    def close(self) -> None:
        """Cancel all work; nothing is emitted any more."""
        for handle in list(self._nodes):
            self._close(handle)

    def receive(self, frame: Frame, size: int) -> None:
        """Act on a valid frame that took `size` bytes."""
        if frame["ctx"] == "open":
            self._open(frame["node"], frame["value"])
        elif frame["ctx"] == "input":
            self._input(frame, size)
        elif frame["ctx"] == "close":
            self._close(frame["node"])

    def _open(self, handle: int, value: dict[str, Any]) -> None:
        self._close(handle)
        node = make_node(value["type"], value["config"], value["credentials"], self._services)
        opened = _OpenNode(handle, f"{value['type']}:{value['id']}", node, self._emit)
        reason = missing() if node.extra else None
        if reason:
            self._emit({"ctx": "requires", "node": handle, "value": {"extra": node.extra, "message": reason}})
            return
        self._nodes[handle] = opened
        inputs = {name: {"type": each.type, "value": each.value} for name, each in node.inputs.items()}
        self._emit({"ctx": "ready", "node": handle, "value": {"needs": node.needs, "inputs": inputs}})
        node.start(opened)

    def _close(self, handle: int) -> None:
        opened = self._nodes.pop(handle, None)
        if opened is not None:
            opened.close()

    def _input(self, frame: Frame, size: int) -> None:
        opened = self._nodes.get(frame["node"])
        if opened is None:
            return
        value = frame["value"]
        needs = opened.node.needs
        if len(value["needs"]) != len(needs):
            raise FrameError(f"input: {len(value['needs'])} values for {len(needs)} needs")
        message = Message(dict(zip(needs, value["needs"], strict=True)), value["inputs"], value["wired"])
        if self._messages >= MOST_MESSAGES or self._bytes + size > MOST_BYTES:
            error = OverloadError(
                f"The worker is overloaded: {self._messages} messages with {self._bytes / 2**20:.0f} MB are being "
                "recognized. Send fewer images, or let the node ignore images during recognition."
            )
            self._end(opened, frame["msgid"], opened.node.fail(message, error, opened))
            return
        self._messages += 1
        self._bytes += size
        task = asyncio.create_task(self._work(opened, frame["msgid"], message))
        opened.tasks.add(task)

        def finished(task: asyncio.Task[None]) -> None:
            opened.tasks.discard(task)
            self._messages -= 1
            self._bytes -= size

        task.add_done_callback(finished)

    async def _work(self, opened: _OpenNode, msgid: int, message: Message) -> None:
        try:
            outcome = await opened.node.handle(message, opened)
        except Exception as error:
            _log.exception("%s failed", opened.name)
            failure = RecognitionError(f"The worker failed unexpectedly ({type(error).__name__}); its log says more.")
            outcome = opened.node.fail(message, failure, opened)
        self._end(opened, msgid, outcome)

    def _end(self, opened: _OpenNode, msgid: int, outcome: Outcome) -> None:
        """Emit the one frame that ends a message."""
        frame: Frame = {"node": opened.handle, "msgid": msgid}
        if isinstance(outcome, Sent):
            self._emit({**frame, "ctx": "send", "value": outcome.outputs})
        elif isinstance(outcome, Failed):
            value = {"message": outcome.message, "code": outcome.code, "edits": outcome.edits}
            self._emit({**frame, "ctx": "error", "value": value})
        elif isinstance(outcome, Done):
            self._emit({**frame, "ctx": "done"})
        else:
            raise TypeError(f"{outcome!r} is no outcome")
