"""`npm run lint`: linters, formatters' checks and types of the whole project."""

from __future__ import annotations

import sys

from .tools import ROOT, NpmError, ensure_packages, node, run_all

PACKAGES = ROOT / "node_modules"


def main() -> int:
    """Run every check, even after one failed; return the exit status."""
    try:
        ensure_packages()
    except NpmError as error:
        print(error, file=sys.stderr)
        return 1
    return run_all(
        [
            [sys.executable, "-m", "ruff", "check"],
            [sys.executable, "-m", "ruff", "format", "--check"],
            [sys.executable, "-m", "mypy"],
            [node(), str(PACKAGES / "eslint/bin/eslint.js"), "."],
            [node(), str(PACKAGES / "prettier/bin/prettier.cjs"), "--check", "."],
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
