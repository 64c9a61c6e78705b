"""The Python environment that users get: made by two at once, damaged, without room, and where nobody may write."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from scripts.node_red import Flow, NodeRed

from . import machine, mounts
from .load import MIXED, loading
from .stage import GATE, Stage, flow, recognizer
from .table import Row

BUILD = 240.0
"""Seconds for an environment to be made; most of them are the network's."""

TOLD = 90.0
"""Seconds until a node says what keeps it from being made."""

ODD = "Jürgens Küche, 2. Stock (neu)"
FOLDER = "plate-recognizer"
COMPLETE = f"env-base-*-{'[0-9a-f]' * 12}"
"""An environment in its place; others are being built, or were set aside."""


async def first_start(stage: Stage, times: int) -> Row:
    """Start two Node-REDs at once on one new user directory, whose name has blanks and umlauts."""
    row = Row("two first starts", times)
    for _ in range(times):
        directory = stage.new_user_directory(ODD, _gate(stage))
        since = time.time()
        async with (
            stage.node_red([], directory=directory, own_environment=True) as one,
            stage.node_red([], directory=directory, own_environment=True, settings_file="second.js") as other,
        ):
            await asyncio.gather(*(_serves(row, red, since) for red in (one, other)))
            made = [path.name for path in (directory / FOLDER).glob(COMPLETE)]
            row.demand(len(made) == 1, f"there is one environment ({len(made)})")
            built = [line for red in (one, other) for line in red.log if re.search("installing base for", line)]
            row.demand(len(built) == 1, f"one environment is built ({len(built)})")
        stage.built = directory
    return row


async def _serves(row: Row, red: NodeRed, since: float) -> None:
    async with loading(red, GATE, every=100, flight=20) as load:
        seconds = await load.recovered(since, within=BUILD)
        row.demand(seconds is not None, f"the node recognizes within {BUILD:g} s")
        row.recovery.append(seconds or BUILD)
        await load.judge(row, allowed={503, 504})


async def damage_environment(stage: Stage, times: int) -> Row:
    """Damage the environment in every way, start the worker anew, and see it mended."""
    ways: dict[str, Callable[[Path], None]] = {
        "a package is deleted": lambda place: shutil.rmtree(_inside(place, "aiohttp")),
        "a compiled file is truncated": lambda place: _truncate(next(_inside(place, "msgpack").glob("*.so"))),
        "a source file is truncated": lambda place: _truncate(_inside(place, "websockets") / "asyncio" / "server.py"),
        "the interpreter is deleted": lambda place: (place / "bin" / "python").unlink(),
    }
    if stage.quick:
        ways = dict(list(ways.items())[:1])
    row = Row("environment damaged", times * len(ways))
    directory = stage.built or stage.new_user_directory("damaged", _gate(stage))
    async with (
        stage.node_red([], directory=directory, own_environment=True) as red,
        loading(red, GATE, MIXED, every=100, flight=20) as load,
    ):
        row.demand(await load.recovered(time.time(), within=BUILD) is not None, "the first environment is made")
        for _ in range(times):
            for name, damage in ways.items():
                worker = await machine.worker(red, within=BUILD)
                (place,) = (directory / FOLDER).glob(COMPLETE)
                damage(place)
                seconds = await load.recovered(worker.kill(), within=BUILD)
                row.demand(seconds is not None, f"{name}: the node recognizes again within {BUILD:g} s")
                row.recovery.append(seconds or BUILD)
        await load.judge(row, allowed={503, 504})
    return row


def _inside(place: Path, package: str) -> Path:
    (found,) = place.glob(f"lib/python*/site-packages/{package}")
    return found


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


async def no_room(stage: Stage, times: int) -> Row:
    """Let the first start find a disk of 8 MB, and then a larger one."""
    row = Row("disk full at first start", times)
    return await _first_start_on(stage, row, _small_disk, "no space left", mends=not stage.quick)


def _small_disk(folder: Path, stack: ExitStack) -> Callable[[], None]:
    stack.enter_context(mounts.mounted(folder, 8))
    return lambda: mounts.resize(folder, 1_000)


async def no_writing(stage: Stage, times: int) -> Row:
    """Let the first start find a folder that nobody may write, and then one as it should be."""
    return await _first_start_on(
        stage, Row("read-only folder", times), _read_only, "read-only|not be written|permission"
    )


def _read_only(folder: Path, stack: ExitStack) -> Callable[[], None]:
    folder.mkdir()
    stack.enter_context(mounts.read_only(folder))
    return stack.close


async def _first_start_on(
    stage: Stage, row: Row, spoil: Callable[[Path, ExitStack], Callable[[], None]], words: str, *, mends: bool = True
) -> Row:
    """Start on a spoiled folder; the node says what is wrong, and works at the next deployment after it is right."""
    for _ in range(row.times):
        content = _gate(stage)
        directory = stage.new_user_directory("spoiled", content)
        with ExitStack() as stack:
            try:
                mend = spoil(directory / FOLDER, stack)
            except mounts.MountError as error:
                row.notes.append(f"skipped: {error}")
                return row
            async with (
                stage.node_red([], directory=directory, own_environment=True) as red,
                loading(red, GATE, every=100, flight=20) as load,
            ):
                told = await load.said(words, TOLD)
                heard = {record.words for record in await load.records() if record.words}
                row.demand(told, f"the failures name the cause within {TOLD:g} s ({heard or 'nothing is said'})")
                if not mends:
                    await load.judge(row, allowed={503, 504})
                    continue
                since = time.time()
                mend()
                await red.deploy([{**content[0], "info": "again"}, *content[1:]])
                seconds = await load.recovered(since, within=BUILD)
                row.demand(seconds is not None, f"the node recognizes {BUILD:g} s after the cause is gone")
                row.recovery.append(seconds or BUILD)
                await load.judge(row, allowed={503, 504, "skipped"})
    return row


def _gate(stage: Stage) -> Flow:
    return flow(recognizer(GATE, stage.sdk.url))
