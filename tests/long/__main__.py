"""`npm run test:long`: does to real Node-REDs, workers and engines what must not take them down.

Prints a table: what became of the messages that were on their way, and how long it took until all was well again.
Exits with 1 where a promise of docs/security.md did not hold. Linux only; needs 4 GB of memory, 2 GB of disk, and
internet for the faults of the Python environment. Without the right to mount, the faults of disks are skipped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import tempfile
from pathlib import Path

from scripts.tools import LINES, NpmError

from .faults import FAULTS
from .stage import Stage
from .table import Row, table


def main() -> int:
    """Run the faults, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="npm run test:long --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=FAULTS, metavar="NAME", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--quick", action="store_true", help="each fault a few times only, as npm test does")
    parser.add_argument("--times", type=int, help="do each fault so often")
    parser.add_argument("--line", choices=LINES, default="4.1", help="of Node-RED (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    options = parser.parse_args()
    # Clients that leave in the middle of an answer are the point here.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    # As Ctrl-C does, so that whatever was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        rows = asyncio.run(_run(options))
    except NpmError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps([row.figures() for row in rows], indent=2) + "\n")
    return int(any(row.broken for row in rows))


async def _run(options: argparse.Namespace) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="plr-long-", ignore_cleanup_errors=True) as folder:
        async with Stage(options.line, Path(folder), quick=options.quick) as stage:
            rows = []
            for name in options.only or FAULTS:
                fault = FAULTS[name]
                times = options.times or (fault.quick if options.quick else fault.times)
                rows.append(await fault.happen(name, stage, times))
                print(table(rows[-1:]), file=sys.stderr, flush=True)
            return rows


if __name__ == "__main__":
    sys.exit(main())
