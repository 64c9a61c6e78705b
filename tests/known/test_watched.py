"""A list in a file that others change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from python_worker.known.watched import WatchedFile


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def write(path: Path, content: str, *, ago: float = 60) -> None:
    """Write a file that was changed so many seconds ago, and at another time than before."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(content, "utf-8")
    changed = time.time_ns() - int(ago * 1e9)
    os.utime(path, ns=(changed, changed if changed != before else changed + 1))


def plates(file: WatchedFile) -> list[str] | None:
    return None if file.entries is None else [entry.text for entry in file.entries]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plates.csv"


def test_a_file_is_read_again_when_it_has_changed(path: Path) -> None:
    write(path, "AB 1\n")
    file = WatchedFile(path)
    assert file.refresh()
    assert not file.refresh()
    write(path, "AB 1\nAB 2\n", ago=50)
    assert file.refresh()
    assert (plates(file), file.trouble) == (["AB1", "AB2"], None)


def test_a_file_that_was_replaced_is_read_again(path: Path, tmp_path: Path) -> None:
    write(path, "AB 1\n")
    file = WatchedFile(path)
    file.refresh()
    write(tmp_path / "new", "AB 2\n")
    (tmp_path / "new").replace(path)
    file.refresh()
    assert plates(file) == ["AB2"]


def test_a_file_that_was_written_a_moment_ago_is_read_when_it_has_settled(path: Path) -> None:
    write(path, "AB 1\n")
    clock = Clock()
    file = WatchedFile(path, clock)
    file.refresh()
    write(path, "AB 1\nAB", ago=-3600)
    assert not file.refresh()
    assert (plates(file), file.trouble) == (["AB1"], "it is being written")
    write(path, "AB 1\nAB 2\n", ago=-3600)
    clock.seconds += 5
    file.refresh()
    assert plates(file) == ["AB1"]
    clock.seconds += 1
    file.refresh()
    assert (plates(file), file.trouble) == (["AB1", "AB2"], None)


def test_at_the_start_a_file_is_read_as_it_is(path: Path) -> None:
    write(path, "AB 1\n", ago=0)
    file = WatchedFile(path)
    file.refresh()
    assert plates(file) == ["AB1"]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ('plate,name\nAB 2,"Bo', "line 2 is no row of a table"),
        ('[{"plate": "AB 2"}, {"pla', "it is no JSON"),
        ("", "it is empty"),
        ("name\nBob\n", "its first line names no column 'plate'"),
    ],
)
def test_a_broken_file_keeps_the_last_good_list_and_says_why(path: Path, content: str, trouble: str) -> None:
    write(path, "AB 1\n")
    file = WatchedFile(path)
    file.refresh()
    write(path, content, ago=50)
    assert not file.refresh()
    assert plates(file) == ["AB1"]
    assert str(file.trouble).startswith(trouble)
    assert not file.refresh()
    assert str(file.trouble).startswith(trouble)
    write(path, "AB 2\n", ago=40)
    assert file.refresh()
    assert (plates(file), file.trouble) == (["AB2"], None)


def test_a_file_that_is_gone_keeps_the_last_good_list_and_is_read_when_it_is_back(path: Path) -> None:
    write(path, "AB 1\n")
    file = WatchedFile(path)
    file.refresh()
    path.unlink()
    file.refresh()
    assert (plates(file), file.trouble) == (["AB1"], "No such file or directory")
    write(path, "AB 1\n")
    assert file.refresh()
    assert file.trouble is None


def test_without_any_good_list_there_are_no_entries_rather_than_none_listed(path: Path) -> None:
    file = WatchedFile(path)
    assert not file.refresh()
    assert (plates(file), file.trouble) == (None, "No such file or directory")


def test_an_empty_file_at_the_start_is_an_empty_list(path: Path) -> None:
    write(path, "")
    file = WatchedFile(path)
    file.refresh()
    assert plates(file) == []


def test_what_is_wrong_with_single_lines_is_told_and_the_others_are_in_use(path: Path) -> None:
    write(path, "plate,hours\nAB 1,8-18\nAB 2,late\n")
    file = WatchedFile(path)
    file.refresh()
    assert plates(file) == ["AB1"]
    assert [problem.partition(":")[0] for problem in file.problems] == ["line 3 (AB 2)"]
