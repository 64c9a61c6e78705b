"""The test's end of the websocket to a driven flow."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp

from scripts.journal import Journal
from scripts.node_red import Flow, NodeRed

Message: TypeAlias = "dict[str, Any]"

_numbers = itertools.count(1)

PICTURE_IN_FLOW = {"$picture": True}
"""Stands for `flows.PICTURE`, as a Buffer that the driving flow makes."""


@dataclass(frozen=True)
class Event:
    """A message at an observer: `kind` is "output 1", "output 2", "catch", "complete", "status" or "fence"."""

    kind: str
    id: str | None
    message: Message


@dataclass(frozen=True)
class Outcome:
    """All that came of one message."""

    outputs: dict[int, list[Message]]
    caught: list[Message]
    completed: int
    statuses: list[dict[str, str]]

    @property
    def result(self) -> Message:
        """The one message at output 1; there must be nothing else."""
        assert not self.caught, self.caught
        assert self.completed == 1
        assert list(self.outputs) == [1], self
        (message,) = self.outputs[1]
        return message

    @property
    def refused(self) -> Message:
        """The one message at output 2; there must be nothing else."""
        assert not self.caught, self.caught
        assert self.completed == 1
        assert list(self.outputs) == [2], self
        (message,) = self.outputs[2]
        return message

    @property
    def error(self) -> Message:
        """The one message at the Catch node; there must be nothing else."""
        assert not self.outputs, self.outputs
        assert self.completed == 0
        (message,) = self.caught
        return message


class Driver:
    """Sends messages into a driven flow and collects what its observers report."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        self.events: Journal[Event] = Journal()
        self._socket = socket

    async def send(self, **message: Any) -> str:
        """Send a message without waiting for its outcome; return its id."""
        message_id = f"message{next(_numbers)}"
        await self._socket.send_str(json.dumps({"id": message_id, **_portable(message)}))
        return message_id

    async def message(self, **message: Any) -> Outcome:
        """Send a message and wait for its outcome."""
        before = len(self.events)
        return await self.outcome(await self.send(**message), since=before)

    async def ended(self, message_id: str) -> None:
        """Wait until a message's end, which is a Complete or a Catch event."""
        ends = ("complete", "catch")
        await self.events.until(lambda all_: any(event.id == message_id and event.kind in ends for event in all_))

    async def outcome(self, message_id: str, since: int = 0) -> Outcome:
        """Wait for a message's end, and for everything that Node-RED has reported by then.

        Args:
            message_id: of `send`.
            since: index of the first event whose status counts as the message's.
        """
        await self.ended(message_id)
        await self.fence()
        mine = [event for event in self.events if event.id == message_id]
        outputs: dict[int, list[Message]] = {}
        for event in mine:
            if event.kind.startswith("output"):
                outputs.setdefault(int(event.kind.split()[1]), []).append(event.message)
        return Outcome(
            outputs,
            [event.message for event in mine if event.kind == "catch"],
            sum(event.kind == "complete" for event in mine),
            _statuses(self.events[since:]),
        )

    async def status(self, text: str) -> dict[str, str]:
        """Wait until the node showed a status with that in its text, and return the status."""
        return await self.events.until(
            lambda all_: next((status for status in _statuses(all_) if text in status.get("text", "")), None)
        )

    async def cleared(self) -> None:
        """Wait until the latest status of the node is none."""
        await self.events.until(lambda all_: _statuses(all_)[-1:] == [{}])

    async def fence(self) -> None:
        """Send something through the flow and back. Then everything that an observer has sent has arrived."""
        before = len(self.events)
        await self._socket.send_str("fence")
        await self.events.until(lambda all_: any(event.kind == "fence" for event in all_[before:]))

    async def read(self) -> None:
        """Collect events until the connection ends."""
        async for message in self._socket:
            await self.events.add(Event(**json.loads(message.data)))


@asynccontextmanager
async def deployed(red: NodeRed, flow: Flow, kind: str = "full") -> AsyncIterator[Driver]:
    """Deploy a driven flow and connect to it; see `NodeRed.deploy`."""
    await red.deploy(flow, kind)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{red.url}/driver", max_msg_size=0) as socket,
    ):
        driver = Driver(socket)
        reader = asyncio.create_task(driver.read())
        try:
            yield driver
        finally:
            await socket.close()
            await reader


def _statuses(events: list[Event]) -> list[dict[str, str]]:
    return [
        {key: value for key, value in event.message["status"].items() if key != "source"}
        for event in events
        if event.kind == "status"
    ]


def _portable(value: Any) -> Any:
    """Return a value in which byte strings are what the driving flow turns into Buffers."""
    if isinstance(value, bytes):
        return {"$base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: _portable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_portable(inner) for inner in value]
    return value
