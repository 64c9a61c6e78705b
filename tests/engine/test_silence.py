"""The engine sends nothing and leaves nothing in the home folder, though a package that comes with OpenVINO would.

A process that begins anew loads the engine and reads a picture, and an audit hook notes what Python code does with the
network and with programs. What a compiled library did by itself would not be noted; the reports are Python code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.tools import ROOT

PICTURE = ROOT / "resources" / "samples" / "one-car.jpg"

NOTES = """
import json, sys
noted = []
WATCHED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "urllib.", "http.client.")
sys.addaudithook(lambda name, arguments: name.startswith(WATCHED) and noted.append(name))
"""
TELL = """
names = ("openvino.tools", "openvino_telemetry")
loaded = [name for name, module in sys.modules.items() if module is not None and name.startswith(names)]
print(json.dumps({"noted": noted, "loaded": loaded}))
"""
READ = """
from python_worker.engine import PlateReader
plates = [result["plate"] for result in PlateReader().read(open(sys.argv[1], "rb").read()).results]
assert plates, "the picture was not read"
"""
CHECK = """
from python_worker.environment import imports, locks
imports._main(locks.MODULES["embedded"])
"""


def _run(code: str, home: Path) -> dict[str, Any]:
    """Run code in a process with an empty home, and return what was noted; the last line that it prints tells."""
    home.mkdir()
    # Without the variables of a build server, where the reports are switched off.
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    places = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME"), str(home))
    done = subprocess.run(
        [sys.executable, "-I", "-c", NOTES + code + TELL, str(PICTURE)],
        env={**kept, **places},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_loading_the_engine_and_reading_a_picture_sends_nothing_and_writes_nothing_into_home(tmp_path: Path) -> None:
    assert _run(READ, tmp_path / "home") == {"noted": [], "loaded": []}
    assert list((tmp_path / "home").iterdir()) == []


def test_looking_whether_the_packages_work_sends_nothing_and_writes_nothing_into_home(tmp_path: Path) -> None:
    assert _run(CHECK, tmp_path / "home") == {"noted": [], "loaded": []}
    assert list((tmp_path / "home").iterdir()) == []
