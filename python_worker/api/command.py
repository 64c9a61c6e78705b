"""`python -m python_worker serve`: the embedded engine behind the Snapshot HTTP API, with a page to try it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from ..environment import locks
from ..errors import RecognitionError
from ..options import add_threads
from ..services.embedded import EmbeddedService, missing
from ..services.usage import UsageCounter

_log = logging.getLogger(__name__)

_EXTRA = "server"

_KEEPALIVE_SECONDS = 75.0
"""How long a connection may rest between two calls: longer than usual proxies keep one."""

_ANSWER_SECONDS = 60.0
"""How long the calls that were accepted may take after the server was told to end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--host", default="127.0.0.1", help="listen on this address (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="listen on this port; 0 takes a free one (%(default)s)")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="file with the token that clients must send")
    parser.add_argument(
        "--max-upload", type=_positive, default=20, metavar="MB", help="largest image, in megabytes (%(default)s)"
    )
    parser.add_argument(
        "--calls-per-second", type=_positive, metavar="N", help="answer 429 to more calls than that in a second"
    )
    parser.add_argument(
        "--queue", type=_positive, default=32, metavar="N", help="calls that may wait; 503 for more (%(default)s)"
    )
    add_threads(parser)
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the counts of calls here; default: in memory")
    parser.add_argument(
        "--memory",
        type=_positive,
        default=256,
        metavar="MB",
        help="images that arrive or wait may take so much memory together; 503 for more (%(default)s)",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let web pages of this origin (https://dash.example) call; * for all; may be repeated",
    )
    parser.add_argument(
        "--allow-upload-url", action="store_true", help="fetch images from internet addresses that clients send"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    reason = missing() or _missing_packages()
    if reason:
        print(f"plate-recognizer-worker serve: {reason}", file=sys.stderr)
        return 2
    try:
        token = _token(arguments.token_file)
        asyncio.run(_serve(arguments, token))
    except (OSError, ValueError, RecognitionError) as error:
        print(f"plate-recognizer-worker serve: {error}", file=sys.stderr)
        return 2
    return 0


def _missing_packages() -> str | None:
    """Return what of the server's own packages is missing, and what to do about it."""
    absent = [name for name in locks.MODULES[_EXTRA] if find_spec(name) is None]
    if not absent:
        return None
    return f'packages are missing ({", ".join(absent)}). Install them: pip install -r "{locks.path(_EXTRA)}"'


def _token(file: Path | None) -> str | None:
    if file is None:
        return None
    token = file.read_text("utf-8").strip()
    if not token:
        raise ValueError(f"{file} holds no token")
    return token


async def _serve(arguments: argparse.Namespace, token: str | None) -> None:
    # This needs the engine's and the server's packages; `run` has told the user if they are missing.
    from .app import Server, make_app
    from .calls import Calls
    from .connections import BACKLOG, Connections, most_connections
    from .fetch import ImageFetcher
    from .limits import Access, Queue
    from .metrics import Metrics
    from .origins import Origins
    from .receive import body_limit
    from .uploads import Uploads

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    max_upload = arguments.max_upload * 1_000_000
    engine = EmbeddedService(UsageCounter(arguments.state), threads=arguments.threads)
    fetcher = ImageFetcher(max_upload) if arguments.allow_upload_url else None
    connections = Connections(most_connections())
    try:
        concurrency = await engine.start()
        calls = Calls(
            engine,
            Access(token, arguments.calls_per_second),
            Queue(concurrency, arguments.queue),
            Uploads(max(arguments.memory * 1_000_000, 2 * body_limit(max_upload))),
            Metrics(),
            max_upload,
            fetcher,
        )
        app = make_app(Server(calls, Origins(arguments.allow_origin, has_token=token is not None), connections))
        # A client that leaves ends its call. The access log is our own.
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            shutdown_timeout=_ANSWER_SECONDS,
        )
        await runner.setup()
        assert runner.server is not None  # noqa: S101 - it was set up
        try:
            listening = await loop.create_server(
                connections.factory(runner.server), arguments.host, arguments.port, backlog=BACKLOG
            )
            host, port = listening.sockets[0].getsockname()[:2]
            print(json.dumps({"listening": {"host": host, "port": port}}), flush=True)
            if token is None and host not in ("127.0.0.1", "::1"):
                _log.warning(
                    "Everybody who reaches %s:%s may use this server; --token-file asks for a token", host, port
                )
            await stop.wait()
            listening.close()
        finally:
            await runner.cleanup()
    finally:
        if fetcher is not None:
            await fetcher.close()
        await engine.close()
