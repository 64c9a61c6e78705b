"""Runs a module of the package in this folder, wherever the folder is: `python -I launch.py [-p DIR]… MODULE …`.

The interpreter brings the third-party packages; each `-p` names a folder with those of an extra. Such a folder may come
later: Python looks again whenever its import caches are dropped.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Run the module; what follows it is its arguments."""
    extras = []
    while arguments[0] == "-p":
        extras.append(arguments[1])
        arguments = arguments[2:]
    # Our own code goes before a copy of it that is installed; an extra never goes before the base.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.path.extend(extras)

    from python_worker.environment.places import keep

    for folder in (sys.prefix, *extras):
        keep(Path(folder))
    module, *rest = arguments
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
