"""A proxy that leads nowhere: it answers every request itself."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LOGIN_WANTED = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
ANSWERS = {
    "wants a login": LOGIN_WANTED,
    "repeats the login": ("HTTP/1.1 407 Wrong CREDENTIALS\r\nProxy-Authenticate: CREDENTIALS\r\n\r\nCREDENTIALS"),
    "refuses": "HTTP/1.1 503 No CREDENTIALS\r\nContent-Length: 0\r\n\r\n",
    "speaks no HTTP": "220 CREDENTIALS\r\n",
    "hangs up": "",
}


@asynccontextmanager
async def proxy(answer: str) -> AsyncIterator[str]:
    """Yield the HOST:PORT of a proxy whose answer to everything is one of `ANSWERS`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        sent = re.findall(rb"(?im)^(?:proxy-)?authorization: (.*)\r$", head)
        basic = [base64.b64decode(value[6:]) for value in sent if value.startswith(b"Basic ")]
        credentials = b" ".join([*sent, *basic, head.split(b"\r\n")[0]])
        writer.write(ANSWERS[answer].encode().replace(b"CREDENTIALS", credentials))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
