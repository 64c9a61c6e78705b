"""The calls of a child: which ones wait, which ones it works on, and what happens to them when it ends."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import RecognitionError, ServiceTimeoutError
from .endings import Cause, Ending
from .frames import Frame


@dataclass(eq=False)
class Call:
    """A call on its way.

    Attributes:
        frame: what the child gets.
        answer: becomes what it answers.
        spent: seconds since it has it.
        again: whether it was in a process that ended, perhaps because of another call.
        alone: whether it must be alone in the next process, to show which call was to blame.
    """

    frame: Frame
    answer: asyncio.Future[Frame]
    spent: float = 0.0
    again: bool = False
    alone: bool = False

    def fail(self, error: RecognitionError) -> None:
        """End with an error, unless it has ended already."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Calls:
    """All calls that have not ended.

    Attributes:
        waiting: for the child, the next one first.
        working: those that the child has, by their number.
    """

    def __init__(self, name: str, seconds: float) -> None:
        """Begin without calls.

        Args:
            name: what works on them, in words.
            seconds: how long it may work on one.
        """
        self.waiting: deque[Call] = deque()
        self.working: dict[int, Call] = {}
        self._name = name
        self._seconds = seconds
        self._numbers = itertools.count(1)

    def add(self, options: Mapping[str, Any], payload: bytes) -> Call:
        """Let a call wait."""
        frame = Frame({"number": next(self._numbers), "options": options}, payload)
        call = Call(frame, asyncio.get_running_loop().create_future())
        self.waiting.append(call)
        return call

    def drop(self, call: Call) -> None:
        """Forget a call that waits; one that the child has keeps its place until it is done."""
        if call in self.waiting:
            self.waiting.remove(call)

    def handed_over(self, concurrency: int) -> Iterator[Frame]:
        """Yield the calls that the child gets now, if it works on so many at once."""
        while self.waiting and len(self.working) < concurrency:
            alone = self.waiting[0].alone or any(call.alone for call in self.working.values())
            if self.working and alone:
                return
            call = self.waiting.popleft()
            call.spent = 0.0
            self.working[call.frame.value["number"]] = call
            yield call.frame

    def answered(self, frame: Frame) -> None:
        """End the call that the child has answered."""
        call = self.working.pop(frame.value["number"], None)
        if call is None or call.answer.done():
            return
        if "answer" in frame.value:
            call.answer.set_result(Frame(frame.value["answer"], frame.payload))
        elif "message" in frame.value:
            call.fail(RecognitionError(frame.value["message"], status=frame.value["status"]))
        elif "memory" in frame.value:
            self._lost([call], Ending(Cause.MEMORY, "memory ran out"), suspects=1 + len(self.working))
        else:
            kind = frame.value.get("unexpected", "no reason")
            call.fail(RecognitionError(f"The {self._name} failed unexpectedly ({kind}); the worker's log says more."))

    def spend(self, seconds: float) -> bool:
        """Note how long the child worked; return whether a call took longer than it may."""
        for call in self.working.values():
            call.spent += seconds
        return any(self._is_over(call) for call in self.working.values())

    def lost(self, ending: Ending) -> None:
        """Decide what happens to the calls that the child had when it ended.

        The one that took too long fails. Otherwise, the one that was alone fails, and several are tried again by
        themselves. Nothing is tried a third time.
        """
        calls = list(self.working.values())
        self.working.clear()
        if ending.cause is Cause.TIME:
            self._lost([call for call in calls if self._is_over(call)], ending, suspects=1)
            innocent = [call for call in calls if not self._is_over(call) and not call.answer.done()]
            for call in reversed(innocent):
                self._again(call, Ending(Cause.CRASH, "another image took too long"), alone=False)
        else:
            self._lost(calls, ending, suspects=len(calls))

    def refuse(self, error: RecognitionError) -> None:
        """Fail all that waits."""
        while self.waiting:
            self.waiting.popleft().fail(error)

    def _is_over(self, call: Call) -> bool:
        return call.spent > self._seconds

    def _lost(self, calls: list[Call], ending: Ending, *, suspects: int) -> None:
        for call in reversed(calls):
            if suspects == 1 or ending.cause is Cause.INSTRUCTION:
                call.fail(self._failure(ending))
            elif not call.answer.done():
                self._again(call, ending, alone=True)

    def _again(self, call: Call, ending: Ending, *, alone: bool) -> None:
        if call.again:
            call.fail(self._failure(ending))
            return
        call.again, call.alone = True, alone
        self.waiting.appendleft(call)

    def _failure(self, ending: Ending) -> RecognitionError:
        if ending.cause is Cause.TIME:
            return ServiceTimeoutError(
                f"The {self._name} did not finish this image within {self._seconds:g} seconds. Send a smaller or "
                "simpler one."
            )
        if ending.cause is Cause.MEMORY:
            return RecognitionError(
                f"This image takes more memory than the {self._name} may have: {ending.reason}. Send a smaller one.",
                status=413,
            )
        if ending.cause is Cause.INSTRUCTION:
            return RecognitionError(f"The {self._name} cannot run here: {ending.reason}.", status=503)
        return RecognitionError(
            f"The {self._name} broke down while it worked on this image: {ending.reason}. It starts again by itself."
        )
