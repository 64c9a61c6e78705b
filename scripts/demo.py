"""`npm run demo`: Node-RED with the package installed and a flow that reads plates with the embedded engine.

Without arguments it runs until Ctrl-C. With `--once IMAGE…` it sends images through the running flow, prints one JSON
line for each, and ends; without an IMAGE it sends the sample pictures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

from .demo_flow import demo_flow
from .journal import NothingHappenedError
from .node_red import NodeRed, NodeRedError
from .tools import PACKAGE, ROOT, NpmError, ensure_packages, install_package

USER_DIRECTORY = ROOT / ".cache" / "demo"
SAMPLES = ROOT / "resources" / "samples"
FIRST_START = 15 * 60.0
"""Seconds in which the package must have prepared its Python environment."""
PER_IMAGE = 120.0


def main(arguments: list[str]) -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(prog="npm run demo --", description=__doc__)
    parser.add_argument(
        "--once", nargs="*", type=Path, metavar="IMAGE", help="send images through the flow, print the plates, and end"
    )
    once = parser.parse_args(arguments).once
    try:
        return asyncio.run(_demo(once))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except (NpmError, NodeRedError, NothingHappenedError) as error:
        _say(str(error))
    except asyncio.TimeoutError:
        _say(f"The embedded engine was not ready after {FIRST_START / 60:g} minutes.")
    return 1


async def _demo(once: list[Path] | None) -> int:
    _prepare()
    pictures = sorted(SAMPLES.iterdir())
    settings = {"apiMaxLength": "100mb"}
    with _ending_on_sigterm():
        async with NodeRed("4.1", USER_DIRECTORY, settings=settings, listen=_say) as red:
            await red.deploy(demo_flow(red.url, pictures))
            if once is None:
                _say(f"\nOpen {red.url} in a browser, and press the button of an inject node. Ctrl-C ends the demo.\n")
                await red.ended()
                return 1
            await _wait_for_engine(red, pictures[0])
            statuses = [await _print(red, image) for image in once or pictures]
            return int(any(status >= 400 for status in statuses))


def _prepare() -> None:
    """Install the package into the demo's user directory unless it is there."""
    ensure_packages()
    USER_DIRECTORY.mkdir(parents=True, exist_ok=True)
    digest, stamp = _package_digest(), USER_DIRECTORY / ".stamp"
    if not (stamp.is_file() and stamp.read_text() == digest):
        _say(f"Installing {PACKAGE} …")
        install_package(USER_DIRECTORY)
        stamp.write_text(digest)


def _package_digest() -> str:
    """Return a digest of everything in the package."""
    digest = hashlib.sha256()
    for name in ("package.json", "pyproject.toml", "nodes", "python_worker", "resources"):
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


async def _wait_for_engine(red: NodeRed, picture: Path) -> None:
    """Send a picture until the embedded engine reads it: at the first start its packages have to be installed."""
    _say("Waiting for the embedded engine; at the first start this takes minutes …")

    async def ready() -> None:
        while (answer := await _recognize(red, picture))["status"] == 503:
            _say(answer["error"]["message"])
            await asyncio.sleep(1)

    await asyncio.wait_for(ready(), FIRST_START)


async def _print(red: NodeRed, image: Path) -> int:
    """Print the line of an image; return the status."""
    begun = time.perf_counter()
    try:
        answer = await asyncio.wait_for(_recognize(red, image), PER_IMAGE)
    except asyncio.TimeoutError:
        answer = {"status": 504, "error": {"message": f"No answer in {PER_IMAGE:g} seconds."}}
    except OSError as error:
        answer = {"status": 400, "error": {"message": error.strerror or str(error)}}
    line = {
        "image": str(image),
        "status": answer["status"],
        "plates": [result["plate"].upper() for result in answer.get("results", [])],
        "milliseconds": round((time.perf_counter() - begun) * 1000),
    }
    if "error" in answer:
        line["error"] = answer["error"]["message"]
    print(json.dumps(line), flush=True)
    return int(line["status"])


async def _recognize(red: NodeRed, image: Path) -> dict[str, Any]:
    """Send an image through the flow; return what the node put into the message."""
    timeout = aiohttp.ClientTimeout(total=FIRST_START)
    headers = {"Content-Type": "application/octet-stream"}
    content = await asyncio.to_thread(image.read_bytes)
    answer: dict[str, Any] = await red.request("POST", "/recognize", data=content, headers=headers, timeout=timeout)
    return answer


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that Node-RED ends, too."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - for the type checker
    # Windows' event loop cannot watch signals.
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
