"""Folders with packages, as they lie on the disk: which is which, complete or not, and which nobody needs any more.

`env-base-…` is a virtual environment; `env-embedded-…` is a plain folder of packages beside it, so whatever happens to
it cannot hurt the base. A name says which interpreter and which lock file the packages fit. `….new` is being built and
`….old-…` was replaced. `complete.json` is written last: without it a folder counts as unfinished.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

from . import locks
from .alone import try_lock

UNUSED_DAYS = 30
_MARKER = "complete.json"
_USED = "used"
_COMPLETE_NAME = re.compile(r"env-[\w.-]+-[0-9a-f]{12}")
_PIPS_OWN = re.compile(r"(pip|setuptools|wheel)-", re.IGNORECASE)
_kept: list[int] = []


def identity() -> str:
    """Return what packages must fit: the implementation, its C library and processor, and which installation it is."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX") or sysconfig.get_platform()
    # A virtual environment is made from the interpreter behind it, whatever name that was called by.
    executable = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    return f"{sys.implementation.cache_tag} {suffix} {executable}"


def keep(folder: Path) -> None:
    """Say that this process uses an environment: nobody removes it while the process runs, and some time after."""
    with contextlib.suppress(OSError):
        if (folder / _MARKER).is_file():
            file = try_lock(folder / _USED, shared=True)
            if file is not None:
                _kept.append(file)
            os.utime(folder / _USED)


class Place:
    """A folder for the packages of one lock file, for one interpreter."""

    def __init__(self, root: Path, folder: str) -> None:
        self.root = root
        self.folder = root / folder
        self.new = root / f"{folder}.new"

    @classmethod
    def of(cls, root: Path, lock: str) -> Place:
        """Return the place for this interpreter and a lock file as it is now."""
        key = hashlib.sha256(f"{identity()} {locks.digest(lock)}".encode()).hexdigest()[:12]
        return cls(root, f"env-{lock}-{sys.version_info[0]}.{sys.version_info[1]}-{key}")

    @property
    def marker(self) -> dict[str, Any] | None:
        """What was written when it was complete: `lock`, `python`, `packages`; None where it is not."""
        return _marker(self.folder)

    def recover(self) -> None:
        """Finish, or undo, a replacement that was cut off."""
        if not self.folder.exists():
            aside = sorted(self.root.glob(f"{self.folder.name}.old-*"), reverse=True)
            for candidate in (self.new, *aside):
                if _marker(candidate) is not None:
                    candidate.rename(self.folder)
                    return

    def complete(self, lock: str) -> None:
        """Mark what was built as complete, and let it take the folder's place."""
        content = {"lock": lock, "python": identity(), "packages": [info.name for info in _installed(self.new)]}
        # After a power cut, no marker may be there before what it speaks of.
        if hasattr(os, "sync"):
            os.sync()
        (self.new / _USED).touch()
        part = self.new / f"{_MARKER}.part"
        part.write_text(json.dumps(content), "utf-8")
        part.replace(self.new / _MARKER)
        self.set_aside()
        self.new.rename(self.folder)

    def set_aside(self) -> None:
        """Move the folder away, but keep it: it comes back when nothing takes its place."""
        if self.folder.exists():
            self.folder.rename(self.root / f"{self.folder.name}.old-{time.time_ns()}")

    def looks_damaged(self) -> bool:
        """Tell whether a file is missing or cut off, by size alone; only a reason to look closer."""
        marker = self.marker or {}
        installed = _installed(self.folder)
        names = {info.name for info in installed}
        return not names.issuperset(marker.get("packages", ())) or not all(map(_is_whole, installed))

    def forget_broken(self) -> None:
        """Let pip install again what it was interrupted in: it takes a package with metadata for a whole one."""
        for info in _installed(self.new):
            if not _is_whole(info):
                shutil.rmtree(info, ignore_errors=True)


def others(root: Path, lock: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return the complete environments of a lock's name with what their markers say, the one used last first."""
    folders = [folder for folder in root.glob(f"env-{lock}-*") if _COMPLETE_NAME.fullmatch(folder.name)]
    found = [(folder, marker) for folder in folders if (marker := _marker(folder)) is not None]
    return sorted(found, key=lambda entry: _last_use(entry[0]), reverse=True)


def python_in(folder: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def tidy(root: Path) -> list[str]:
    """Remove what the environments of this interpreter replaced, and what nobody used for 30 days; return the names.

    An environment that a running worker uses stays.
    """
    current = [Place.of(root, lock) for lock in locks.MODULES]
    present = {place.folder.name: place for place in current if place.marker is not None}
    served = {(place.marker or {}).get("lock") for place in present.values()}
    removed = []
    for folder in root.iterdir():
        if folder.name.startswith("gone-"):
            shutil.rmtree(folder, ignore_errors=True)
        if not folder.name.startswith("env-") or folder.name in present:
            continue
        marker = _marker(folder) or {}
        replaced = marker.get("python") == identity() and marker.get("lock") in served
        unused = time.time() - _last_use(folder) > UNUSED_DAYS * 86_400
        if (replaced or unused) and remove(folder):
            removed.append(folder.name)
    return removed


def remove(folder: Path) -> bool:
    """Remove a folder, unless a running worker uses it; return whether it is gone."""
    used = folder / _USED
    try:
        file = try_lock(used) if used.exists() else -1
        if file is None:
            return False
        if file >= 0:
            os.close(file)
        # On Windows this fails where a file in it is open, before anything is lost.
        gone = folder.with_name(f"gone-{folder.name}")
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    shutil.rmtree(gone, ignore_errors=True)
    return True


def _marker(folder: Path) -> dict[str, Any] | None:
    try:
        content = json.loads((folder / _MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _last_use(folder: Path) -> float:
    for path in (folder / _USED, folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _installed(folder: Path) -> list[Path]:
    """Return the metadata folders of the packages in a virtual environment, or in a plain folder of packages."""
    inside = (folder, *folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages")
    found = {info for site in inside for info in site.glob("*.dist-info") if not _PIPS_OWN.match(info.name)}
    return sorted(found)


def _is_whole(info: Path) -> bool:
    """Tell whether all files of a package are there in their size."""
    try:
        rows = list(csv.reader((info / "RECORD").read_text("utf-8").splitlines()))
        # Scripts lie elsewhere in a plain folder of packages, and nothing calls them.
        sizes = [(info.parent / row[0], int(row[2])) for row in rows if row[2] and not row[0].startswith("..")]
        return all(path.stat().st_size == size for path, size in sizes)
    except (OSError, ValueError, IndexError):
        return False
