"""`python -m python_worker read IMAGE…`: reads plates with the embedded engine, one line an image."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import InputError, RecognitionError
from .options import add_threads
from .services.base import RecognitionOptions
from .services.embedded import EmbeddedService, missing
from .services.usage import UsageCounter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--json", action="store_true", help="print the Snapshot API's JSON with the image's path added")
    parser.add_argument("--regions", default="", metavar="CODES", help="region codes, comma-separated: gb,us-ca")
    add_threads(parser)
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")


def run(arguments: argparse.Namespace) -> int:
    """Read all images; return 0, or 1 when one could not be read, or 2 where the engine is not installed."""
    reason = missing()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    regions = tuple(code.strip() for code in arguments.regions.split(",") if code.strip())
    return asyncio.run(_read_all(arguments, RecognitionOptions(regions)))


async def _read_all(arguments: argparse.Namespace, options: RecognitionOptions) -> int:
    engine = EmbeddedService(UsageCounter(None), threads=arguments.threads)
    failed = False
    try:
        for path in arguments.images:
            try:
                answer = await engine.recognize(_file(path), options)
            except RecognitionError as error:
                failed = True
                answer = error.as_result()
            print(json.dumps({"image": str(path), **answer}) if arguments.json else _line(path, answer), flush=True)
    finally:
        await engine.close()
    return int(failed)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _line(path: Path, answer: Mapping[str, Any]) -> str:
    if "error" in answer:
        return f"{path}: {answer['error']['message']}"
    plates = (f"{result['plate'].upper()} ({result['score']:.0%})" for result in answer["results"])
    return f"{path}: {', '.join(plates) or 'no plate'}"
