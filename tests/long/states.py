"""The folder with the engine's counts: damaged, full, read-only."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from . import machine, mounts
from .kills import MINUTE
from .load import MIXED, loading
from .stage import ENGINE, GATE, Stage
from .table import Row

DATABASE = "usage.sqlite"


async def damage_state(stage: Stage, times: int) -> Row:
    """Damage the counts in every way, start the worker anew, and read on."""
    ways: dict[str, Callable[[Path, ExitStack], None]] = {
        "garbage": lambda folder, _: _replace(folder, b"this is no database\n" * 500),
        "half a database": lambda folder, _: _replace(folder, _bytes(folder / DATABASE)[:1500]),
        "a folder in its place": lambda folder, _: _replace(folder, None),
        "another program's database": lambda folder, _: _replace(folder, b"SQLite format 3\0" + b"\1" * 4080),
        "disk full": _full,
        "read-only folder": _read_only,
    }
    row = Row("state damaged", times * len(ways))
    async with stage.node_red(stage.usual()) as red:
        folder = red.user_directory / "plate-recognizer" / "state"
        async with (
            loading(red, GATE, MIXED, every=50) as gate,
            loading(red, ENGINE, ("car",), every=200, flight=4) as load,
        ):
            await load.goes_on()
            for _ in range(times):
                for name, damage in ways.items():
                    with ExitStack() as stack:
                        # Two nodes whose worker is gone must not write their counts behind the damage.
                        worker = await machine.worker(red)
                        try:
                            damage(folder, stack)
                        except mounts.MountError as error:
                            row.notes.append(f"{name}: skipped, {error}")
                            continue
                        since = worker.kill()
                        seconds = await load.recovered(since, within=2 * MINUTE)
                        row.demand(seconds is not None, f"{name}: the engine's pictures are read")
                        row.recovery.append(seconds or 2 * MINUTE)
                        gated = await gate.recovered(time.time(), within=MINUTE)
                        row.demand(gated is not None, f"{name}: the gate's pictures are read")
            await gate.judge(row, allowed={503})
            await load.judge(row, allowed={503})
    return row


def _replace(folder: Path, content: bytes | None) -> None:
    for path in folder.glob(f"{DATABASE}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if content is None:
        (folder / DATABASE).mkdir()
    else:
        (folder / DATABASE).write_bytes(content)


def _read_only(folder: Path, stack: ExitStack) -> None:
    stack.enter_context(mounts.read_only(folder))


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _full(folder: Path, stack: ExitStack) -> None:
    stack.enter_context(mounts.mounted(folder, 1))
    mounts.fill(folder)
