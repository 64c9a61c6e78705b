"""Options that several commands have."""

from __future__ import annotations

import argparse

from .engine.cores import MOST


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Declare `--threads`, which is None where it is not given."""
    parser.add_argument(
        "--threads",
        type=_threads,
        metavar="N",
        help=f"processor threads of the embedded engine, 1 to {MOST}; default: all cores that it may use",
    )


def _threads(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST}, not {text!r}")
    return int(text)
