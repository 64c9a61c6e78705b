"""A child that crashes, hangs, grows or cannot be loaded costs only the call that caused it, and restarts."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from python_worker.child import memory
from python_worker.child.supervisor import Supervisor
from python_worker.errors import RecognitionError
from tests.e2e.processes import gone, until

MEGABYTE = 1_000_000


@pytest.fixture
async def toys() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor("tests.child.toys", "toy", seconds=20)
    yield supervisor
    await supervisor.close()


@pytest.fixture
async def impatient() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor("tests.child.toys", "toy", seconds=0.5)
    yield supervisor
    await supervisor.close()


async def call(supervisor: Supervisor, work: str, payload: bytes = b"", **options: Any) -> dict[str, Any]:
    answer = await asyncio.wait_for(supervisor.call({"work": work, **options}, payload), 60)
    assert answer.payload == payload
    return answer.value


async def failure(supervisor: Supervisor, work: str, **options: object) -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        await call(supervisor, work, b"", **options)
    return caught.value


def lines(file: Path) -> list[str]:
    return file.read_text("ascii").splitlines() if file.exists() else []


async def test_large_payloads_come_and_go_whole(toys: Supervisor) -> None:
    payload = os.urandom(20 * MEGABYTE)
    await call(toys, "echo", payload)
    assert (await call(toys, "echo", say="grüße \ud800"))["said"] == "grüße ?"


async def test_one_process_serves_all_calls(toys: Supervisor) -> None:
    answers = await asyncio.gather(*(call(toys, "echo", say=number) for number in range(50)))
    assert [answer["said"] for answer in answers] == list(range(50))
    assert {answer["pid"] for answer in answers} == {toys.pid}


async def test_what_the_work_refuses_is_told_in_its_words_and_what_is_a_bug_is_logged(
    toys: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    refused = await failure(toys, "refuse")
    assert (refused.status, refused.message) == (400, "not this one")
    for work, kind in (("bug", "KeyError"), ("unpackable", "OverflowError")):
        bug = await failure(toys, work)
        assert bug.status == 500
        assert kind in bug.message
    assert (await failure(toys, "no memory")).status == 413
    pid = (await call(toys, "echo"))["pid"]
    assert pid == toys.pid
    await toys.close()
    assert "KeyError: 'a bug'" in caplog.text


@pytest.mark.parametrize(
    ("work", "options", "reason"),
    [
        ("signal", {"signal": signal.SIGSEGV}, "it crashed in native code (SIGSEGV)"),
        ("signal", {"signal": signal.SIGABRT}, "native code gave up (SIGABRT)"),
        ("signal", {"signal": signal.SIGKILL}, "as the system does when memory runs out (SIGKILL)"),
        ("exit", {}, "it ended with status 3"),
    ],
)
async def test_a_crash_fails_its_call_with_the_reason_and_the_next_process_goes_on(
    toys: Supervisor, work: str, options: dict[str, Any], reason: str
) -> None:
    before = (await call(toys, "echo"))["pid"]
    failed, *answers = await asyncio.gather(
        failure(toys, work, **options), *(call(toys, "echo", say=number) for number in range(10))
    )
    assert failed.status == 500
    assert reason in failed.message
    assert [answer["said"] for answer in answers] == list(range(10))
    assert (await call(toys, "echo"))["pid"] != before
    await gone(before)


async def test_the_call_beside_the_one_that_crashes_is_answered(toys: Supervisor, tmp_path: Path) -> None:
    marker = str(tmp_path / "marker")
    failed, answered = await asyncio.gather(
        failure(toys, "die beside", marker=marker), call(toys, "first", say="innocent", marker=marker)
    )
    assert "SIGSEGV" in failed.message
    assert answered["said"] == "innocent"


async def test_twenty_crashes_in_a_row_are_survived(toys: Supervisor) -> None:
    for _ in range(20):
        await call(toys, "echo")
        pid = toys.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: toys.pid != pid)  # noqa: B023 - it is called at once
    await call(toys, "echo")


async def test_a_call_that_takes_too_long_ends_with_504_and_the_process_with_it(impatient: Supervisor) -> None:
    before = (await call(impatient, "echo"))["pid"]
    failed = await failure(impatient, "hang")
    assert failed.status == 504
    assert "within 0.5 seconds" in failed.message
    await gone(before)
    await call(impatient, "echo")


async def test_a_stopped_process_is_replaced(impatient: Supervisor) -> None:
    before = (await call(impatient, "echo"))["pid"]
    os.kill(before, signal.SIGSTOP)
    # More than the pipe holds: this end must go on while the other does not read.
    with pytest.raises(RecognitionError) as caught:
        await call(impatient, "echo", bytes(5 * MEGABYTE))
    assert caught.value.status == 504
    await gone(before)
    await call(impatient, "echo")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched as Linux shows it")
async def test_a_call_that_takes_too_much_memory_ends_with_413(
    toys: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bound", lambda: 200 * MEGABYTE)
    failed, answered = await asyncio.gather(failure(toys, "swell"), call(toys, "echo", say="small"))
    assert failed.status == 413
    assert "more than 0.2 GB" in failed.message
    assert answered["said"] == "small"


def test_the_bound_of_memory_fits_the_machine() -> None:
    bound = memory.bound()
    assert bound is None or 600 * MEGABYTE <= bound <= 2000 * MEGABYTE


@pytest.fixture
async def unloadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Supervisor, Path]]:
    monkeypatch.setenv("UNLOADABLE", str(tmp_path))
    supervisor = Supervisor("tests.child.unloadable", "toy", seconds=20)
    yield supervisor, tmp_path
    await supervisor.close()


async def test_an_illegal_instruction_is_told_once_and_not_tried_for_ever(
    unloadable: tuple[Supervisor, Path], caplog: pytest.LogCaptureFixture
) -> None:
    supervisor, folder = unloadable
    (folder / "how").write_text("illegal instruction")
    for _ in range(5):
        failed = await failure(supervisor, "echo")
        assert failed.status == 503
        assert "this processor lacks instructions that the installed packages need (SIGILL)" in failed.message
    assert (folder / "attempts").read_text() == "x"
    assert caplog.text.count("lacks instructions") == 1


async def test_an_illegal_instruction_while_it_works_is_told_at_once_from_then_on(toys: Supervisor) -> None:
    for pid in (await call(toys, "echo"))["pid"], None:
        failed = await failure(toys, "signal", signal=signal.SIGILL)
        assert failed.status == 503
        assert "lacks instructions" in failed.message
        if pid:
            await gone(pid)
    assert toys.pid is None


async def test_a_child_that_cannot_be_loaded_says_why_and_is_tried_again_at_a_deploy(
    unloadable: tuple[Supervisor, Path], caplog: pytest.LogCaptureFixture
) -> None:
    supervisor, folder = unloadable
    (folder / "how").write_text("raise")
    with pytest.raises(RecognitionError, match=r"libsomething\.so\.1: cannot open shared object file") as caught:
        await supervisor.start()
    assert caught.value.status == 503
    for failed in await asyncio.gather(*(failure(supervisor, "echo") for _ in range(5))):
        assert "libsomething" in failed.message
    # For a while nothing is tried again: not every message causes a new attempt.
    attempts = (folder / "attempts").read_text()
    assert "libsomething" in (await failure(supervisor, "echo")).message
    assert (folder / "attempts").read_text() == attempts
    assert caplog.text.count("cannot start") == 1
    (folder / "how").write_text("well")
    assert await supervisor.start() == 2
    await call(supervisor, "echo")


async def test_a_cancelled_call_that_waits_never_reaches_the_child(toys: Supervisor, tmp_path: Path) -> None:
    options = {"notes": str(tmp_path / "notes"), "until": str(tmp_path / "until")}
    tasks = [asyncio.create_task(call(toys, "note", b"", say=number, **options)) for number in range(5)]
    await until(lambda: len(lines(tmp_path / "notes")) == 2)
    tasks[2].cancel()
    tasks[0].cancel()
    (tmp_path / "until").touch()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in done] == [True, False, True, False, False]
    assert sorted(lines(tmp_path / "notes")) == ["0", "1", "3", "4"]


async def test_who_ends_all_processes_of_the_parent_does_not_end_the_child_before_it(toys: Supervisor) -> None:
    before = (await call(toys, "echo"))["pid"]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(before, number)
    assert (await call(toys, "echo"))["pid"] == before


async def test_what_libraries_print_goes_to_the_log(toys: Supervisor, caplog: pytest.LogCaptureFixture) -> None:
    before = (await call(toys, "print"))["pid"]
    assert (await call(toys, "echo"))["pid"] == before
    await toys.close()
    said = [record.getMessage() for record in caplog.records]
    assert {"toy: printed", "toy: written by native code"} <= set(said)


async def test_the_child_knows_no_secret_and_has_only_what_its_work_needs(
    toys: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATE_RECOGNIZER_WORKER_TOKEN", "secret")
    about = await call(toys, "about")
    assert [name for name in about["environment"] if name.startswith("PLATE")] == []
    assert {"aiohttp", "websockets", "sqlite3"}.isdisjoint(about["modules"])


async def test_a_child_without_work_ends_and_another_begins_when_it_is_needed() -> None:
    supervisor = Supervisor("tests.child.toys", "toy", seconds=20, idle=0.3)
    try:
        before = (await call(supervisor, "echo"))["pid"]
        await gone(before)
        assert (await call(supervisor, "echo"))["pid"] != before
    finally:
        await supervisor.close()


async def test_closing_ends_a_child_that_hangs_and_fails_its_calls(toys: Supervisor, tmp_path: Path) -> None:
    pid = (await call(toys, "echo"))["pid"]
    marker = str(tmp_path / "marker")
    stuck = [asyncio.create_task(failure(toys, "stuck", marker=marker)) for _ in range(2)]
    waiting = [asyncio.create_task(failure(toys, "echo")) for _ in range(3)]
    await until((tmp_path / "marker").exists)
    await toys.close()
    await gone(pid)
    for failed in await asyncio.gather(*stuck, *waiting):
        assert failed.status == 503
    assert (await failure(toys, "echo")).status == 503


async def test_nothing_blocks_the_event_loop(impatient: Supervisor) -> None:
    with blockbuster_ctx("python_worker"):
        await call(impatient, "echo", bytes(MEGABYTE))
        await failure(impatient, "signal", signal=signal.SIGSEGV)
        await failure(impatient, "hang")
        await call(impatient, "echo")
        await impatient.close()
