"""`python -m python_worker bridge`: serves Node-RED, as its private child process or as a remote worker."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import logging
import os
import signal
import ssl
import sys
import threading
import time
from pathlib import Path

from ..options import add_threads
from ..services import Services
from .server import Listen, listening

SECRET_VARIABLE = "PLATE_RECOGNIZER_SECRET"  # noqa: S105 - a name, not a secret

GRACE = 10.0
"""Seconds that a private worker has to end by itself after its parent has ended."""

_PR_SET_PDEATHSIG = 1
"""From Linux' <sys/prctl.h>."""

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--socket", metavar="PATH", help="listen on this unix socket")
    parser.add_argument("--host", default="127.0.0.1", help="listen on this address (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="listen on this port; 0 takes a free one (%(default)s)")
    parser.add_argument(
        "--private",
        action="store_true",
        help=f"be a child process: end when standard input closes; the secret is in {SECRET_VARIABLE}",
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="file with the token that clients must present")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the embedded engine's counts here")
    add_threads(parser)
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="serve wss:// with this certificate chain (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's private key (PEM)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; return the exit status."""
    try:
        secret = _secret(arguments)
        listen = Listen(arguments.socket, arguments.host, arguments.port, _tls(arguments))
    except (OSError, ValueError) as error:
        print(f"plate-recognizer-worker bridge: {error}", file=sys.stderr)
        return 2
    asyncio.run(_serve(listen, secret, arguments))
    return 0


def _secret(arguments: argparse.Namespace) -> str:
    if arguments.token_file:
        secret = arguments.token_file.read_text("utf-8").strip()
    else:
        # Removed from the environment, so that no child process and no crash report inherits it.
        secret = os.environ.pop(SECRET_VARIABLE, "")
    if not secret:
        raise ValueError(f"no token: name a file with --token-file, or set {SECRET_VARIABLE}")
    return str(secret)


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    return context


async def _serve(listen: Listen, secret: str, arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows' loops cannot watch signals; there the parent closes standard input.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    if arguments.private:
        _wake_when_parent_ends()
        threading.Thread(target=_wait_for_parent, args=(loop, stop, listen.socket), daemon=True).start()
    services = Services(arguments.state, threads=arguments.threads)
    try:
        async with listening(listen, secret, services) as server:
            where: object = listen.socket
            if where is None:
                host, port = server.sockets[0].getsockname()[:2]
                where = {"host": host, "port": port}
            print(json.dumps({"listening": where}), flush=True)
            await stop.wait()
    finally:
        await services.close()
        if listen.socket is not None:
            _remove(Path(listen.socket), with_folder=arguments.private)


def _remove(path: Path, *, with_folder: bool) -> None:
    """Remove a socket and the folder that was made for it: a parent that has ended cannot do that."""
    path.unlink(missing_ok=True)
    if with_folder:
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _wake_when_parent_ends() -> None:
    """Let a worker that is stopped by a signal see that its parent has ended. Only Linux offers this.

    The kernel sends SIGCONT when the thread that started this process ends, which is Node.js' main thread; a running
    process does not notice the signal. If the parent has already ended, standard input is closed.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT, 0, 0, 0)


def _wait_for_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, socket: str | None) -> None:
    """Wait until standard input closes, as it does in whatever way the parent ends, and then end the worker."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)
    # This thread ends with the process. If it gets here, the event loop hangs, or a thread that the worker waits for.
    time.sleep(GRACE)
    if socket is not None:
        _remove(Path(socket), with_folder=True)
    os._exit(1)
