"""Getting an environment that works: the one that is there, or one that is built beside it and then takes its place."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from . import locks, pip
from .alone import alone, try_lock
from .causes import Cause, no_venv, of_error
from .imports import broken
from .places import Place, identity, others, python_in

Hashes = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Reporter:
    """Is told what happens: `status(text)` for below the node, `log(level, text)` for the log."""

    status: Callable[[str], None]
    log: Callable[[str, str], None]


@dataclass(frozen=True)
class Environment:
    """What the worker is started with.

    Attributes:
        python: interpreter with the base's packages.
        packages: folders of extras, whether they are there by now or come later.
        outdated: extras that are there in an earlier version only.
        trouble: why it is not the environment that it should be, else None.
    """

    python: Path
    packages: tuple[Path, ...]
    outdated: tuple[str, ...] = ()
    trouble: Cause | None = None


class Builder:
    """Makes environments in a folder; one process at a time, see `alone`."""

    def __init__(self, root: Path, hashes: Hashes, report: Reporter) -> None:
        self._root = root
        self._hashes = hashes
        self._report = report
        self._lock_file: int | None = None

    def base(self, *, suspect: bool) -> Environment:
        """Return an environment with the base's packages.

        Args:
            suspect: it did not work just now, so it is looked at closely.

        Raises:
            Cause: there is none, and none can be made.
        """
        place = Place.of(self._root, locks.BASE)
        for name in _extras():
            self._set_aside_if_damaged(name)
        trouble = self._ready(place, locks.BASE, suspect=suspect)
        if trouble is None:
            return self._environment(python_in(place.folder), identity())
        # A damaged one may still do, and so may that of an earlier version, or of another Python.
        for folder, marker in others(self._root, locks.BASE):
            python = python_in(folder)
            if python.exists() and (folder == place.folder or not broken(python, locks.MODULES[locks.BASE])):
                self._report.log("warn", f"{folder} is used all the same")
                return self._environment(python, marker.get("python", ""), trouble)
        raise trouble

    def with_extra(self, name: str) -> Environment:
        """Return the environment with an extra's packages.

        Raises:
            Cause: they are not there and cannot be installed.
        """
        base = self.base(suspect=False)
        if base.trouble:
            raise base.trouble
        place = Place.of(self._root, name)
        trouble = self._ready(place, name, suspect=True)
        if trouble is not None and place.marker is None:
            raise trouble
        return self._environment(base.python, identity(), trouble)

    def _ready(self, place: Place, lock: str, *, suspect: bool) -> Cause | None:
        """See to it that a place has its packages; return why it has not."""
        if self._works(place, lock, suspect=suspect):
            return None
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with alone(self._root / "lock", self._tell_waiting) as self._lock_file:
                # Another Node-RED may have made it meanwhile.
                place.recover()
                if not self._works(place, lock, suspect=suspect):
                    self._build(place, lock)
        except Cause as cause:
            trouble = cause
        except OSError as error:
            trouble = of_error(error, str(self._root))
        else:
            return None
        if place.marker is None:
            try:
                place.recover()
            except OSError as error:
                self._report.log("warn", f"{place.folder} cannot be moved back: {error}")
        self._report.log("warn", f"{place.folder.name} cannot be made: {trouble}")
        return trouble

    def _works(self, place: Place, lock: str, *, suspect: bool) -> bool:
        if place.marker is None:
            return False
        damaged = place.looks_damaged()
        if not suspect and not damaged:
            return True
        reason = self._broken(place.folder, lock)
        if suspect and damaged:
            # What can be imported may still lack what the worker did not find in it.
            reason = reason or "files are missing or cut off"
        if reason:
            self._report.log("warn", f"{place.folder.name} is damaged: {reason}")
        return reason is None

    def _broken(self, folder: Path, lock: str) -> str | None:
        if lock == locks.BASE:
            return broken(python_in(folder), locks.MODULES[lock])
        return broken(self._base_python(), locks.MODULES[lock], [folder])

    def _base_python(self) -> Path:
        return python_in(Place.of(self._root, locks.BASE).folder)

    def _build(self, place: Place, lock: str) -> None:
        self._report.log("info", f"installing {lock} for {sys.executable} in {place.folder}")
        self._show(lock, 1, "")
        if lock == locks.BASE:
            _check_modules()
            python = python_in(place.new)
            made = place.new / "made"
            if not made.exists():
                pip.make_environment(place.new, self._say)
                made.touch()
            place.forget_broken()
        else:
            python = self._base_python()
            shutil.rmtree(place.new, ignore_errors=True)
        try:
            self._install(python, place, lock)
        finally:
            shutil.rmtree(place.new / "temporary", ignore_errors=True)
        reason = self._broken(place.new, lock)
        if reason:
            # What was just installed and does not work is not worth going on with.
            shutil.rmtree(place.new, ignore_errors=True)
            raise Cause("installed, but does not work: see the log", f"The packages of {lock} do not work: {reason}")
        place.complete(lock)
        self._report.log("info", f"{lock} is installed")

    def _install(self, python: Path, place: Place, lock: str) -> None:
        def install(*, hashes: bool) -> None:
            pip.install(
                python,
                lock,
                place.new,
                hashes=hashes,
                say=self._say,
                progress=partial(self._show, lock),
                lock_file=self._lock_file,
            )

        try:
            install(hashes=self._hashes != "never")
        except Cause as cause:
            if self._hashes != "auto" or not cause.other_build:
                raise
            self._report.log("warn", f"{cause.message} Its versions are installed without comparing hashes.")
            install(hashes=False)

    def _say(self, line: str) -> None:
        self._report.log("debug", line)

    def _show(self, lock: str, step: int, package: str) -> None:
        """Tell the step: packages are fetched (1) and installed (2)."""
        self._report.status(f"{step} of 2: {locks.LABELS.get(lock, lock)}{package and f', {package}'}")

    def _tell_waiting(self) -> None:
        self._report.log("info", "another Node-RED is installing in the same user directory")
        self._report.status("another Node-RED installs")

    def _environment(self, python: Path, fits: str, trouble: Cause | None = None) -> Environment:
        """Return an environment with the extras that fit it; those of an earlier lock serve until they are replaced."""
        packages: list[Path] = []
        outdated = []
        for name in _extras():
            place = Place.of(self._root, name)
            if fits == identity():
                packages.append(place.folder)
                if place.marker is not None:
                    continue
            earlier = [folder for folder, marker in others(self._root, name) if marker.get("python") == fits]
            packages += earlier
            if earlier:
                outdated.append(name)
        return Environment(python, tuple(packages), tuple(outdated), trouble)

    def _set_aside_if_damaged(self, name: str) -> None:
        """Let an extra that cannot be imported be missing, so that it is installed when a node needs it."""
        place = Place.of(self._root, name)
        if place.folder.exists():
            fine = not place.looks_damaged()
        else:
            fine = not any(self._root.glob(f"{place.folder.name}.*"))
        if fine:
            return
        try:
            file = try_lock(self._root / "lock")
            if file is None:
                # It is being installed just now.
                return
            try:
                place.recover()
                if place.marker is not None and not self._works(place, name, suspect=False):
                    place.set_aside()
            finally:
                os.close(file)
        except OSError as error:
            self._report.log("warn", f"{place.folder} cannot be moved: {error}")


def _extras() -> list[str]:
    return [name for name in locks.MODULES if name != locks.BASE]


def _check_modules() -> None:
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise no_venv(sys.executable)
