"""Messages that are handed to a node while something goes wrong, and what became of each."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from scripts.node_red import NodeRed
from scripts.tools import ROOT
from tests.e2e.flows import PICTURE

from .table import Row

END = 90.0
"""Seconds within which each message ends, whatever happens: Node-RED gives up one after a minute, or after what the
node's timeout and tries allow, and looks for such now and then."""

_MARGIN = aiohttp.ClientTimeout(total=3600)
CAR = (ROOT / "resources" / "samples" / "one-car.jpg").read_bytes()


@dataclass(frozen=True)
class Kind:
    """One kind of message, and how the node ends it when nothing else goes wrong.

    Attributes:
        camera: of the message; one that begins with `~` asks the contract server for a fault.
        payload: of the message, bytes or None.
        size: to how many bytes the payload is padded.
        expected: "result", or the failure's status code.
    """

    camera: str = "good"
    payload: bytes | None = PICTURE
    size: int = 0
    expected: str | int = "result"


KINDS: Mapping[str, Kind] = {
    "good": Kind(),
    "30 KB": Kind(size=30_000),
    "300 KB": Kind(size=300_000),
    "3 MB": Kind(size=2_900_000),
    "car": Kind(payload=CAR),
    "no image": Kind(payload=None, expected=400),
    "no picture": Kind(payload=b"GIF, but not really", expected=400),
    "refused": Kind(camera="~403", expected=403),
    "page": Kind(camera="~html", expected=502),
}

MIXED = ("good", "good", "30 KB", "good", "no image", "good", "300 KB", "refused", "good", "page")


@dataclass(frozen=True)
class Record:
    """A message and its outcome.

    Attributes:
        kind: name of its kind.
        sent: when it was handed to the node, as `time.time()`.
        ended: when it ended, None as long as it has not.
        ends: how often it ended.
        sends: output and status of each time that it was sent on.
        code: of the error that ended it.
        words: what the failure says, the beginning.
    """

    kind: str
    sent: float
    ended: float | None
    ends: int
    sends: Sequence[tuple[int, int | None]]
    code: int | None
    words: str

    @property
    def outcome(self) -> str | int:
        """Return "result", "skipped", "lost" or "doubled", or the code of the failure."""
        if self.ends != 1 or len(self.sends) > 1:
            return "lost" if self.ends == 0 else "doubled"
        if self.code is not None:
            return "doubled" if self.sends else self.code
        if not self.sends:
            return "skipped"
        output, status = self.sends[0]
        return "result" if output == 0 else status or 0


class Load:
    """A stream of messages to one node."""

    def __init__(self, red: NodeRed, number: int, kinds: Mapping[str, Kind]) -> None:
        self._red = red
        self._number = number
        self._kinds = kinds

    async def _ask(self, path: str, **body: Any) -> Any:
        body = {"load": self._number, **body}
        return await self._red.request("POST", f"/long/{path}", json=body, timeout=_MARGIN)

    async def recovered(self, since: float, within: float = END) -> float | None:
        """Wait for a result of a message that was sent after a moment; return the seconds from then to it.

        Returns None when there is none in time.
        """
        waiting = self._ask("recovered", after=since * 1000)
        try:
            found = await asyncio.wait_for(waiting, max(0.0, since + within - time.time()))
        except asyncio.TimeoutError:
            return None
        return float(found["ended"]) / 1000 - since

    async def goes_on(self) -> None:
        """Wait until a message that is sent from now on has its result.

        Raises:
            AssertionError: there is none in time.
        """
        if await self.recovered(time.time()) is None:
            raise AssertionError("no result came in time, though nothing is wrong")

    async def reached(self, count: int) -> None:
        """Wait until so many messages have ended."""
        await self._ask("reached", count=count)

    async def records(self, start: int = 0) -> list[Record]:
        """Return all messages from that index on, as they are now."""
        answer = await self._ask("records", **{"from": start})
        return [_record(each) for each in answer["records"]]

    async def said(self, pattern: str, within: float) -> bool:
        """Wait until a failure's words match, and return whether one did in time."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if any(re.search(pattern, record.words, re.IGNORECASE) for record in await self.records()):
                return True
            await asyncio.sleep(0.5)
        return False

    async def stop(self) -> None:
        """Send no more."""
        await self._ask("stop")

    async def settled(self, within: float = END) -> list[Record]:
        """Send no more, wait until all messages ended or the time is over, and return them."""
        await self.stop()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ask("settled"), within)
        return await self.records()

    async def judge(self, row: Row, *, allowed: Collection[str | int] = (), within: float = END) -> list[Record]:
        """Send no more, add what became of the messages to a row, and return them.

        Args:
            row: of the table.
            allowed: outcomes that the fault may bring, beside that which a message has of itself.
            within: seconds that the last messages have to end.
        """
        records = await self.settled(within)
        count(row, records, self._kinds, allowed)
        return records


def count(row: Row, records: Sequence[Record], kinds: Mapping[str, Kind], allowed: Collection[str | int] = ()) -> None:
    """Add messages to a row, and what is wrong with them to its broken promises."""
    row.messages += len(records)
    wrong: Counter[str] = Counter()
    said: dict[str, str] = {}
    for record in records:
        outcome = record.outcome
        if outcome == "result":
            row.results += 1
        elif outcome == "skipped":
            row.skipped += 1
        elif outcome == "lost":
            row.lost += 1
        elif outcome == "doubled":
            row.doubled += 1
        else:
            row.failures[int(outcome)] += 1
        if outcome != kinds[record.kind].expected and outcome not in allowed:
            what = f"messages of the kind {record.kind!r} ended as {outcome!r}"
            wrong[what] += 1
            said.setdefault(what, record.words)
    for what, number in wrong.items():
        row.demand(False, f"{number} {what}" + (f", the first: {said[what]}" if said[what] else ""))


@asynccontextmanager
async def loading(
    red: NodeRed,
    target: str,
    mix: Sequence[str] = ("good",),
    *,
    every: float = 20,
    flight: int = 50,
    number: int | None = None,
    kinds: Mapping[str, Kind] = KINDS,
) -> AsyncIterator[Load]:
    """Hand messages to a node until the block ends, or `judge` or `settled` was called.

    Args:
        red: the Node-RED.
        target: id of the node.
        mix: names of kinds, which take turns.
        every: milliseconds from one message to the next, 0: as fast as they end.
        flight: how many may be unfinished at once.
        number: how many to send; None: until the end.
        kinds: where the names are looked up.
    """
    plan = {
        "target": target,
        "every": every,
        "flight": flight,
        "count": number,
        "mix": [_message(name, kinds[name]) for name in mix],
    }
    started = await red.request("POST", "/long/start", json=plan)
    load = Load(red, started["load"], kinds)
    try:
        yield load
    finally:
        # A Node-RED that has ended cannot be asked any more.
        with suppress(aiohttp.ClientError):
            await load.stop()


def _message(name: str, kind: Kind) -> dict[str, Any]:
    payload = None if kind.payload is None else base64.b64encode(kind.payload).decode()
    return {"kind": name, "camera": kind.camera, "payload": payload, "size": kind.size}


def _record(found: dict[str, Any]) -> Record:
    ended = found["ended"]
    return Record(
        found["kind"],
        found["sent"] / 1000,
        None if ended is None else ended / 1000,
        found["ends"],
        [(output, status) for output, status in found["sends"]],
        found["code"],
        found["words"],
    )
