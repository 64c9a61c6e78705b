"""`npm test`: sets up what the tests need, and runs them all."""

from __future__ import annotations

import sys

from .tools import LINES, ROOT, NpmError, ensure_packages, node, run_all


def main(arguments: list[str]) -> int:
    """Run the Python tests with pytest's arguments and the JavaScript tests; return the exit status."""
    try:
        for folder in LINES.values():
            ensure_packages(folder)
    except NpmError as error:
        print(error, file=sys.stderr)
        return 1
    # Named one by one, because Node.js 20 takes no patterns here, and later versions take no folder.
    scripts = sorted(map(str, ROOT.glob("tests/bridge/**/*.test.js")))
    return run_all([[node(), "--test", *scripts], [sys.executable, "-m", "pytest", *arguments]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
