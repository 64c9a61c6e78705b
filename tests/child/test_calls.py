"""What happens to the calls of a child that ends."""

from __future__ import annotations

import pytest

from python_worker.child.calls import Call, Calls
from python_worker.child.endings import Cause, Ending
from python_worker.child.frames import Frame
from python_worker.errors import RecognitionError

CRASH = Ending(Cause.CRASH, "it crashed in native code (SIGSEGV)")
TIME = Ending(Cause.TIME, "it took too long")
MEMORY = Ending(Cause.MEMORY, "it took more than 2.0 GB")
ILLEGAL = Ending(Cause.INSTRUCTION, "this processor lacks instructions")


def handed_over(calls: Calls, concurrency: int = 2) -> list[int]:
    return [frame.value["number"] for frame in calls.handed_over(concurrency)]


def answer(calls: Calls, number: int, **value: object) -> None:
    calls.answered(Frame({"number": number, "answer": {}, **value}))


def status(call: Call) -> int:
    """Return 0 for a call on its way, 201 for an answered one, and a failure's status."""
    if not call.answer.done():
        return 0
    error = call.answer.exception()
    assert error is None or isinstance(error, RecognitionError)
    return error.status if error else 201


@pytest.fixture
async def calls() -> Calls:
    return Calls("engine", seconds=10)


async def test_the_child_has_so_many_calls_as_it_works_on_and_gets_them_in_order(calls: Calls) -> None:
    for _ in range(4):
        calls.add({}, b"")
    assert handed_over(calls) == [1, 2]
    assert handed_over(calls) == []
    answer(calls, 2)
    assert handed_over(calls) == [3]


async def test_a_crash_fails_the_call_that_was_alone_and_leaves_what_waits(calls: Calls) -> None:
    first = calls.add({}, b"")
    assert handed_over(calls) == [1]
    second = calls.add({}, b"")
    calls.lost(CRASH)
    assert (status(first), status(second)) == (500, 0)
    assert handed_over(calls) == [2]


async def test_suspects_are_tried_again_one_by_one_before_the_others(calls: Calls) -> None:
    one, two, three, four = (calls.add({}, b"") for _ in range(4))
    handed_over(calls)
    calls.lost(CRASH)
    assert [status(call) for call in (one, two, three, four)] == [0, 0, 0, 0]
    assert handed_over(calls) == [1]
    calls.lost(CRASH)
    assert [status(call) for call in (one, two)] == [500, 0]
    assert handed_over(calls) == [2]
    answer(calls, 2)
    assert status(two) == 201
    assert handed_over(calls) == [3, 4]


async def test_a_call_that_took_too_long_fails_and_the_one_beside_it_is_tried_again_once(calls: Calls) -> None:
    slow, quick = calls.add({}, b""), calls.add({}, b"")
    assert handed_over(calls, 1) == [1]
    assert not calls.spend(6)
    assert handed_over(calls) == [2]
    assert calls.spend(6)
    calls.lost(TIME)
    assert (status(slow), status(quick)) == (504, 0)
    another = calls.add({}, b"")
    assert handed_over(calls) == [2, 3]
    calls.lost(CRASH)
    assert (status(quick), status(another)) == (500, 0)


async def test_the_time_of_a_second_try_begins_anew(calls: Calls) -> None:
    for _ in range(2):
        calls.add({}, b"")
    handed_over(calls)
    calls.spend(9)
    calls.lost(CRASH)
    handed_over(calls)
    assert not calls.spend(9)


async def test_two_calls_that_took_too_long_both_fail(calls: Calls) -> None:
    both = [calls.add({}, b""), calls.add({}, b"")]
    handed_over(calls)
    calls.spend(11)
    calls.lost(TIME)
    assert [status(call) for call in both] == [504, 504]


async def test_memory_is_blamed_on_the_call_that_was_alone(calls: Calls) -> None:
    small, large = calls.add({}, b""), calls.add({}, b"")
    handed_over(calls)
    calls.lost(MEMORY)
    assert handed_over(calls) == [1]
    answer(calls, 1)
    assert handed_over(calls) == [2]
    calls.lost(MEMORY)
    assert (status(small), status(large)) == (201, 413)


async def test_a_call_that_found_no_memory_beside_another_is_tried_again_alone(calls: Calls) -> None:
    one, two = calls.add({}, b""), calls.add({}, b"")
    handed_over(calls)
    calls.answered(Frame({"number": 1, "memory": True}))
    assert handed_over(calls) == []
    answer(calls, 2)
    assert handed_over(calls) == [1]
    calls.answered(Frame({"number": 1, "memory": True}))
    assert (status(one), status(two)) == (413, 201)


async def test_a_missing_instruction_fails_what_the_child_had(calls: Calls) -> None:
    both = [calls.add({}, b""), calls.add({}, b"")]
    handed_over(calls)
    calls.lost(ILLEGAL)
    assert [status(call) for call in both] == [503, 503]


async def test_a_cancelled_call_is_neither_handed_over_nor_tried_again(calls: Calls) -> None:
    one, two, three = (calls.add({}, b"") for _ in range(3))
    handed_over(calls)
    calls.drop(three)
    two.answer.cancel()
    calls.lost(CRASH)
    assert handed_over(calls) == [1]
    answer(calls, 1)
    assert status(one) == 201
    assert handed_over(calls) == []
