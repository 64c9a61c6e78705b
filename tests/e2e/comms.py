"""What Node-RED's editor sees: the debug sidebar and the nodes' statuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from scripts.journal import Journal
from scripts.node_red import NodeRed


@dataclass(frozen=True)
class Notice:
    """A notice to the editor: `debug`, or `status/NODE`."""

    topic: str
    data: dict[str, Any]


class Editor:
    """An open editor."""

    def __init__(self, red: NodeRed) -> None:
        self.notices: Journal[Notice] = Journal()
        self._red = red

    async def press(self, inject: str, debug: str) -> Any:
        """Press an Inject node's button and return what a Debug node shows then."""
        before = len(self.notices)
        await self._red.request("POST", f"/inject/{inject}")
        return await self.debugged(debug, after=before)

    async def debugged(self, node: str, after: int = 0) -> Any:
        """Wait until a Debug node showed an object, from that notice on, and return it."""
        data = await self.notices.until(
            lambda notices: next(
                (notice.data for notice in notices[after:] if notice.topic == "debug" and notice.data["id"] == node),
                None,
            )
        )
        return json.loads(data["msg"])

    async def status(self, node: str, text: str, after: int = 0) -> dict[str, Any]:
        """Wait until a node showed a status that begins with that text, and return the status."""
        return await self.notices.until(
            lambda notices: next(
                (
                    notice.data
                    for notice in notices[after:]
                    if notice.topic == f"status/{node}" and notice.data.get("text", "").startswith(text)
                ),
                None,
            )
        )

    async def read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        """Collect notices until the connection ends."""
        async for message in socket:
            received = json.loads(message.data)
            for notice in received if isinstance(received, list) else [received]:
                if "topic" in notice:
                    await self.notices.add(Notice(notice["topic"], notice.get("data")))


@asynccontextmanager
async def editing(red: NodeRed) -> AsyncIterator[Editor]:
    """Open an editor's connection to a Node-RED."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{red.url}/comms", max_msg_size=0) as socket,
    ):
        editor = Editor(red)
        reader = asyncio.create_task(editor.read(socket))
        for topic in ("debug", "status/#"):
            await socket.send_json({"subscribe": topic})
        try:
            yield editor
        finally:
            await socket.close()
            await reader
