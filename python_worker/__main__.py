"""The worker's command line."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Sequence

from . import __version__, read, samples
from .api import command as serve
from .bridge import command as bridge


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="plate-recognizer-worker", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module, about in (
        ("bridge", bridge, "serve Node-RED"),
        ("serve", serve, "serve the Snapshot HTTP API"),
        ("read", read, "read the plates in image files"),
        ("samples", samples, "draw sample pictures"),
    ):
        command = commands.add_parser(name, help=about, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    arguments = parser.parse_args(argv)
    # Pillow's remarks about broken pictures: what matters of them is in the picture's own message.
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
    # Node-RED's end of the pipe reads the level from the line's first word.
    logging.basicConfig(stream=sys.stderr, level=arguments.log_level, format="%(levelname)s %(message)s")
    # aiohttp's and websockets' own lines are about single requests; ours name the failures already.
    logging.getLogger("websockets").setLevel(logging.ERROR)
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
