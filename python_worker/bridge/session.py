"""One connection with Node-RED: its open nodes and their messages. Knows frames, but no sockets.

Whatever a node raises or answers never leaves the session as an exception: the node's messages end with the reason, and
the others go on. Only a violation of the protocol is a `FrameError`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from ..errors import OverloadError, RecognitionError
from ..nodes import broken_node, large_node, largest_config, make_node
from ..nodes.base import Context, Done, Edits, Failed, Message, Node, Outcome, Sent
from ..services import Services
from ..trace import where
from .frames import OVERSIZED, EncodeError, Frame, FrameError, encode
from .opened import OpenNode, Work, as_frame_value, as_lists

MOST_MESSAGES = 2_000
MOST_BYTES = 512 * 2**20
"""Bounds of the messages in work at once. A message beyond them fails with 503 instead of filling memory."""

MOST_NODES = 10_000
"""Nodes that may be open at once."""

_ENDS_THE_WORKER = (KeyboardInterrupt, SystemExit)

_log = logging.getLogger(__name__)

Emit = Callable[[bytes], None]


class Session:
    """Answers the frames of one connection."""

    def __init__(self, services: Services, emit: Emit) -> None:
        """Begin a session.

        Args:
            services: shared by all sessions.
            emit: takes each encoded frame for the client, at any time in the event loop.
        """
        self._services = services
        self._emit = emit
        self._nodes: dict[int, OpenNode] = {}
        self._works: dict[int, Work] = {}
        self._bytes = 0
        self._kept: dict[str, Any] = {}

    def close(self) -> None:
        """Cancel all work; nothing is emitted any more."""
        for handle in list(self._nodes):
            self._close(handle)

    def receive(self, frame: Frame, size: int) -> None:
        """Act on a valid frame that counts for `size` bytes.

        Raises:
            FrameError: it is not what the protocol allows at this point.
        """
        ctx = frame["ctx"]
        if ctx == "input":
            self._input(frame, size)
        elif ctx == "open":
            self._open(frame["node"], frame["value"], size)
        elif ctx == "close":
            self._close(frame["node"], removed=frame["value"]["removed"])
        elif ctx == "cancel":
            work = self._works.get(frame["msgid"])
            if work is not None:
                work.drop()
        elif ctx == OVERSIZED:
            self._refuse(frame)
        else:
            raise FrameError(f"{ctx} again")

    def _open(self, handle: int, value: dict[str, Any], size: int) -> None:
        self._close(handle)
        if len(self._nodes) >= MOST_NODES:
            raise FrameError(f"open: more than {MOST_NODES} nodes")
        kind, config, name = value["type"], value["config"], f"{value['type']}:{value['id'][:50]}"
        if size > largest_config(kind):
            node: Node = large_node(kind, size)
        else:
            context = Context(value["id"], self._services, self._kept)
            node = make_node(kind, name, config, value["credentials"], context)
        try:
            self._present(handle, name, node)
        except Exception as error:
            _log.error("%s cannot be opened: %s", name, where(error))
            self._close(handle)
            self._present(handle, name, broken_node(kind, config, error))

    def _present(self, handle: int, name: str, node: Node) -> None:
        """Tell the client what a node needs, and begin its work."""
        for requirement in node.requires:
            reason = requirement.missing()
            if reason:
                value: dict[str, Any] = {"extra": requirement.extra, "message": reason}
                self._tell({"ctx": "requires", "node": handle, "value": value})
                return
        value = {
            "needs": [list(path) for path in node.needs],
            "inputs": {key: {"type": each.type, "value": each.value} for key, each in node.inputs.items()},
            "patience": node.patience,
            "fields": {
                "output": node.fields.output.text,
                "input": node.fields.input.text if node.fields.input else None,
                "errors": node.fields.errors,
            },
        }
        ready = encode({"ctx": "ready", "node": handle, "value": value})
        said: list[Frame] = []
        opened = self._nodes[handle] = OpenNode(handle, name, node, said.append)
        # It starts first, because a node that cannot start is not ready; but what it says meanwhile comes after
        # `ready`.
        node.start(opened)
        opened.emit = self._tell
        self._emit(ready)
        for frame in said:
            self._tell(frame)

    def _close(self, handle: int, *, removed: bool = False) -> None:
        opened = self._nodes.pop(handle, None)
        if opened is not None:
            opened.close(removed=removed)

    def _refuse(self, frame: Frame) -> None:
        """End a message that holds too much; it was not unpacked."""
        if frame["node"] in self._nodes:
            message = (
                "The message has too many values for the worker. Send the image as a Buffer, and set the node's input "
                "field to the property that holds it."
            )
            self._tell({"node": frame["node"], "msgid": frame["msgid"], **_error(message, 413)})

    def _input(self, frame: Frame, size: int) -> None:
        opened = self._nodes.get(frame["node"])
        if opened is None:
            return
        msgid, value = frame["msgid"], frame["value"]
        if msgid in self._works:
            raise FrameError(f"input: message {msgid} is in work already")
        needs = opened.node.needs
        if len(value["needs"]) != len(needs):
            raise FrameError(f"input: {len(value['needs'])} values for {len(needs)} needs")
        message = Message(dict(zip(needs, value["needs"], strict=True)), value["inputs"], value["wired"])
        if len(self._works) >= MOST_MESSAGES or self._bytes + size > MOST_BYTES:
            error = OverloadError(
                f"The worker is overloaded: {len(self._works)} messages with {self._bytes / 2**20:.0f} MB are being "
                "recognized. Send fewer images, or let the node ignore images during recognition."
            )
            self._end(opened, msgid, self._failed(opened, message, error))
            return
        work = Work(size)
        self._works[msgid] = opened.works[msgid] = work
        self._bytes += size
        work.task = asyncio.create_task(self._work(opened, msgid, message, work))

        def finished(_task: asyncio.Task[None]) -> None:
            del self._works[msgid]
            del opened.works[msgid]
            self._bytes -= size

        work.task.add_done_callback(finished)

    async def _work(self, opened: OpenNode, msgid: int, message: Message, work: Work) -> None:
        try:
            outcome = await opened.node.handle(message, opened)
        except _ENDS_THE_WORKER:
            raise
        except BaseException as error:
            # A cancellation that came from elsewhere, such as a task of the service, is a failure like all others.
            if not work.wanted:
                raise
            outcome = self._failed(opened, message, _unexpected(opened, error))
        if work.wanted:
            self._end(opened, msgid, outcome)

    def _failed(self, opened: OpenNode, message: Message, error: RecognitionError) -> Outcome:
        """Return the end of a message that failed, even if the node fails at that."""
        try:
            return opened.node.fail(message, error, opened)
        except Exception as second:
            _unexpected(opened, second)
            return Failed(error.message, error.status)

    def _end(self, opened: OpenNode, msgid: int, outcome: Outcome) -> None:
        """Emit the one frame that ends a message, whatever its outcome holds."""
        frame: Frame = {"node": opened.handle, "msgid": msgid}
        try:
            data = encode({**frame, **_ending(outcome)})
        except EncodeError as error:
            _log.warning("the end of a message of %s cannot travel: it holds %s", opened.name, error)
            data = encode({**frame, **_error(f"The result cannot be sent to Node-RED: it holds {error}.", 502)})
        except Exception as error:
            data = encode({**frame, **_error(_unexpected(opened, error).message, 500)})
        self._emit(data)

    def _tell(self, frame: Frame) -> None:
        """Emit a frame that ends no message; if it cannot travel, log that."""
        try:
            self._emit(encode(frame))
        except EncodeError as error:
            _log.warning("a frame %s cannot travel: it holds %s", frame["ctx"], error)


def _ending(outcome: Outcome) -> Frame:
    if isinstance(outcome, Sent):
        return {"ctx": "send", "value": as_frame_value(outcome.outputs)}
    if isinstance(outcome, Failed):
        return _error(outcome.message, outcome.code, outcome.edits)
    if isinstance(outcome, Done):
        return {"ctx": "done"}
    raise TypeError(f"{type(outcome).__name__} is no outcome")


def _error(message: str, code: int, edits: Edits | tuple[()] = ()) -> Frame:
    return {"ctx": "error", "value": {"message": message, "code": code, "edits": as_lists(edits)}}


def _unexpected(opened: OpenNode, error: BaseException) -> RecognitionError:
    """Log an unexpected exception, and return it as a failure."""
    _log.error("%s failed: %s", opened.name, where(error))
    return RecognitionError(f"The worker failed unexpectedly ({type(error).__name__}); its log says more.")
