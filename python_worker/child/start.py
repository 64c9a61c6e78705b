"""What a child process runs: it takes its parent's search path, which `-I` does not hand on, and begins to work.

It is run by its path, because nothing of this package can be imported yet.
"""

import json
import sys

begin = json.loads(sys.stdin.buffer.readline())
sys.path[:] = begin["path"]

from python_worker.child.work import work  # noqa: E402 - found on the path that was just set

work(begin["module"], begin["parameters"], begin["parent"], begin["level"])
