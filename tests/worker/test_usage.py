"""The embedded engine's calls are counted by calendar month, survive restarts, and never stand in the way."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest

from python_worker.services import usage
from python_worker.services.usage import UsageCounter

# Holds the file until its standard input closes, like a program that writes to it for a long time.
HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


async def test_counts_survive_a_restart(tmp_path: Path) -> None:
    counter = UsageCounter(tmp_path / "state")
    await asyncio.gather(*(counter.count() for _ in range(20)))
    # Not closed: a killed worker does not close its file either.
    again = UsageCounter(tmp_path / "state")
    assert await again.calls() == 20
    again.close()
    counter.close()


async def test_a_new_month_starts_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 12, 31, 23, 59, tzinfo=timezone.utc)
    monkeypatch.setattr(usage, "_now", lambda: now)
    counter = UsageCounter(None)
    await counter.count()
    answer = await counter.statistics()
    assert answer["usage"] == {"month": 12, "calls": 1, "year": 2026, "resets_on": "2027-01-01T00:00:00Z"}
    assert answer["total_calls"] is answer["calls_remaining"] is None
    now = datetime(2027, 1, 1, tzinfo=timezone.utc)
    assert await counter.calls() == 0
    counter.close()


def test_nothing_is_opened_before_something_is_counted(tmp_path: Path) -> None:
    UsageCounter(tmp_path / "state").close()
    assert not (tmp_path / "state").exists()


def other_table(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE usage (something TEXT)")
    database.close()


def overwritten(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE usage (month TEXT PRIMARY KEY, calls INTEGER NOT NULL)")
    database.executemany("INSERT INTO usage VALUES (?, 1)", [(f"{year:04}-01",) for year in range(9000)])
    database.commit()
    database.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 60_000)


def set_aside(state: Path) -> list[Path]:
    return list(state.glob("usage.damaged-*"))


@contextmanager
def held(file: Path) -> Iterator[Callable[[], object]]:
    """Let another process hold the file; yield a function that makes it let go."""
    command = [sys.executable, "-I", "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield holder.communicate


DAMAGES = {
    "it is no database": lambda path: path.write_bytes(b"no database, " * 1000),
    "its pages were overwritten": overwritten,
    "it has another table": other_table,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    assert callable(damage)
    damage(tmp_path / "usage.sqlite")
    before = (tmp_path / "usage.sqlite").read_bytes()
    counter = UsageCounter(tmp_path)
    await counter.count()
    await counter.count()
    counter.close()
    (aside,) = set_aside(tmp_path)
    # Everything but the header, which counts, among other things, the changes to the file.
    assert aside.read_bytes()[100:] == before[100:]
    assert len(caplog.records) == 1
    assert aside.name in caplog.text
    again = UsageCounter(tmp_path)
    assert await again.calls() == 2
    again.close()


async def test_a_file_that_is_damaged_while_it_is_used_costs_no_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "_RETRY_SECONDS", 0)
    counter = UsageCounter(tmp_path)
    await counter.count()
    with held(tmp_path / "usage.sqlite"):
        await counter.count()
    (tmp_path / "usage.sqlite").write_bytes(b"no database, " * 1000)
    await counter.count()
    assert await counter.calls() == 3
    assert len(set_aside(tmp_path)) == 1
    counter.close()


async def check_that_counts_wait(
    state: Path, mend: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Count while the file cannot be written, repair it, and find every count in it."""
    assert callable(mend)
    counter = UsageCounter(state)
    for _ in range(10):
        await counter.count()
    assert (await counter.statistics())["usage"]["calls"] == 10
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    mend()
    monkeypatch.setattr(usage, "_RETRY_SECONDS", 0)
    monkeypatch.setattr(counter, "_retry_at", 0)
    await counter.count()
    assert await counter.calls() == 11
    counter.close()
    assert caplog.records[-1].levelname == "INFO"
    again = UsageCounter(state)
    assert await again.calls() == 11
    again.close()


async def test_a_folder_in_the_files_place_keeps_the_count_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (tmp_path / "usage.sqlite").mkdir()
    await check_that_counts_wait(tmp_path, (tmp_path / "usage.sqlite").rmdir, monkeypatch, caplog)


async def test_a_file_in_the_state_folders_place_keeps_the_count_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    (tmp_path / "state").touch()
    await check_that_counts_wait(tmp_path / "state", (tmp_path / "state").unlink, monkeypatch, caplog)


async def test_a_file_that_another_program_holds_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with held(tmp_path / "usage.sqlite") as let_go:
        await check_that_counts_wait(tmp_path, let_go, monkeypatch, caplog)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a file system of 256 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"this user may not mount: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


async def test_a_full_disk_keeps_the_count_in_memory_until_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    filler = fill(small_disk)
    await check_that_counts_wait(small_disk, filler.unlink, monkeypatch, caplog)


async def test_a_disk_that_fills_up_while_it_counts_loses_nothing(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(usage, "_RETRY_SECONDS", 0)
    counter = UsageCounter(small_disk)
    await counter.count()
    filler = fill(small_disk)
    # The write-ahead log grows by a page a call.
    for _ in range(200):
        await counter.count()
    assert await counter.calls() == 201
    assert len(caplog.records) == 1
    filler.unlink()
    counter.close()
    again = UsageCounter(small_disk)
    assert await again.calls() == 201
    again.close()


async def test_a_read_only_folder_keeps_the_count_in_memory(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    remount(small_disk, "ro")
    await check_that_counts_wait(small_disk, lambda: remount(small_disk, "rw"), monkeypatch, caplog)


async def test_what_never_reached_the_file_is_told_at_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "usage.sqlite").mkdir()
    counter = UsageCounter(tmp_path)
    await counter.count()
    counter.close()
    assert "1 calls are not in" in caplog.text
    assert os.listdir(tmp_path) == ["usage.sqlite"]  # noqa: PTH208
