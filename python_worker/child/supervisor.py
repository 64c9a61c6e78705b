"""Keeps a child process for the calls that need it: when it starts and ends, and what callers are told meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Mapping
from typing import Any

from ..errors import RecognitionError
from . import memory
from .calls import Calls
from .endings import Cause, Ending
from .frames import Frame
from .process import Process

_log = logging.getLogger(__name__)

_LOAD_SECONDS = 120.0

_TICK = 0.1
"""Seconds between two looks at a child that works. In that time, a growing one takes about 100 MB."""

_LONGEST_STEP = 1.0
"""Seconds that count between two looks: while this process itself was stopped, the child had no chance to answer."""

_PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before the next process begins, by how many ended in a row without an answer."""

_LONGEST_WAIT = 4.0
"""Calls wait through pauses up to this long for the next process; in longer ones they fail at once."""


class Supervisor:
    """Has a module's work done by a child process. Made inside the event loop.

    A process that crashes, hangs or takes too much memory fails only the call that caused it; `Calls.lost` finds out
    which one. Waiting calls go to the next process in their order.
    """

    def __init__(
        self,
        module: str,
        name: str,
        *,
        seconds: float,
        idle: float | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepare; no process begins yet.

        Args:
            module: name of the module whose `load` says what is done, see `work.Work`.
            name: what does it, in words, such as "embedded engine".
            seconds: how long the child may work on one call.
            idle: seconds without calls after which the process ends; None keeps it.
            parameters: what the module's `load` takes.
        """
        self._module = module
        self._parameters = parameters or {}
        self._name = name
        self._seconds = seconds
        self._idle = idle
        self._calls = Calls(name, seconds)
        self._process: Process | None = None
        self._life: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._loaded: asyncio.Future[int] | None = None
        self._hurry = asyncio.Event()
        self._bound: int | None = None
        self._failures = 0
        self._refusal: RecognitionError | None = None
        self._refused_until = 0.0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of the child; None while there is none, or one that still loads."""
        return self._process.pid if self._process else None

    def start(self) -> asyncio.Future[int]:
        """Begin to load, where that has not happened; what failed before is tried again at once.

        Returns:
            What becomes the number of calls that are best made at once, or a `RecognitionError`.
        """
        self._refused_until = 0.0
        self._hurry.set()
        self._proceed()
        return self._loading()

    async def call(self, options: Mapping[str, Any], payload: bytes) -> Frame:
        """Return the child's answer. A call that is cancelled while it waits never reaches the child.

        Raises:
            RecognitionError: 413, 500, 503 or 504, or what the work itself raised.
        """
        loop = asyncio.get_running_loop()
        if self._refusal is not None and loop.time() < self._refused_until:
            raise self._refusal
        call = self._calls.add(options, payload)
        self._proceed()
        try:
            return await call.answer
        finally:
            self._calls.drop(call)

    async def close(self) -> None:
        """End the process; what is on its way fails."""
        self._closed = True
        ended = RecognitionError(f"The {self._name} is being shut down.", status=503)
        self._refuse(ended, math.inf)
        for call in self._calls.working.values():
            call.fail(ended)
        for task in (self._watch, self._life):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})

    def _loading(self) -> asyncio.Future[int]:
        if self._loaded is None or (self._process is None and self._loaded.done()):
            self._loaded = asyncio.get_running_loop().create_future()
            # Not every caller that starts it wants to know the result.
            self._loaded.add_done_callback(lambda future: future.cancelled() or future.exception())
        return self._loaded

    def _proceed(self) -> None:
        """Give the child what it can take, and have one where something waits."""
        if self._closed:
            return
        if self._process is None:
            if self._life is None or self._life.done():
                self._life = asyncio.create_task(self._live())
            return
        if not self._process.listens:
            # What waits goes to the next one.
            return
        for frame in self._calls.handed_over(self._process.concurrency):
            self._process.send(frame)
        if self._calls.working and (self._watch is None or self._watch.done()):
            self._watch = asyncio.create_task(self._look_after())

    async def _live(self) -> None:
        """Run one process after the other, as long as one is wanted."""
        while True:
            try:
                loaded, ending = await self._one_process()
            except Exception:
                _log.exception("The %s's process was lost", self._name)
                loaded, ending = False, Ending(Cause.CRASH, "the worker's log says why")
            self._calls.lost(ending)
            if ending.cause is Cause.CLOSED:
                if self._calls.waiting:
                    continue
                return
            pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
            self._failures += 1
            self._tell(ending, loaded, pause)
            # A child that never worked is tried again when the next call comes; one that worked is kept ready.
            if not loaded or ending.cause is Cause.INSTRUCTION:
                return
            await self._pause(pause)

    async def _one_process(self) -> tuple[bool, Ending]:
        """Run a process to its end; return whether it could work, and how it ended."""
        loop = asyncio.get_running_loop()
        self._hurry.clear()
        loading = self._loading()
        begun = loop.time()
        try:
            process = await Process.begin(self._module, self._parameters, self._name, self._answered)
        except OSError as error:
            return False, Ending(Cause.CRASH, f"the system starts no process ({error})")
        try:
            failed = await process.ready(_LOAD_SECONDS)
            if failed is not None:
                return False, failed
            self._bound = await asyncio.to_thread(memory.bound)
            self._process = process
            self._refusal = None
            _log.info("The %s is ready after %.1f s, in process %d", self._name, loop.time() - begun, process.pid)
            if not loading.done():
                loading.set_result(process.concurrency)
            self._proceed()
            return True, await asyncio.shield(process.ended)
        finally:
            self._process = None
            await process.close()

    def _answered(self, frame: Frame) -> None:
        self._failures = 0
        self._calls.answered(frame)
        self._proceed()

    async def _look_after(self) -> None:
        """Kill a child that takes too long or too much memory; let it end where nothing came for a while."""
        loop = asyncio.get_running_loop()
        last, rested = loop.time(), 0.0
        while True:
            await asyncio.sleep(_TICK)
            step, last = min(loop.time() - last, _LONGEST_STEP), loop.time()
            # The process may have changed meanwhile: code that starts one relies on this task while it exists.
            process = self._process
            if process is None:
                return
            if not self._calls.working:
                rested += step
                if self._idle is None:
                    return
                if rested > self._idle:
                    self._process = None
                    process.retire()
                    return
                continue
            rested = 0.0
            if self._calls.spend(step):
                process.kill(Ending(Cause.TIME, f"an image took longer than {self._seconds:g} s"))
            elif self._bound is not None and process.memory() > self._bound:
                process.kill(Ending(Cause.MEMORY, f"it took more than {self._bound / 1e9:.1f} GB"))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    def _tell(self, ending: Ending, loaded: bool, pause: float) -> None:
        """Log an ending, and fail what waits if the next process comes much later."""
        if ending.cause is Cause.INSTRUCTION:
            text = f"The {self._name} cannot run here: {ending.reason}. Use another service, or a newer machine."
            pause = math.inf
        elif not loaded:
            text = f"The {self._name} cannot start: {ending.reason}. It is tried again, at once after a deploy."
        else:
            text = f"The {self._name} ended: {ending.reason}. It starts again."
        if loaded and pause <= _LONGEST_WAIT:
            _log.error("%s", text)
            return
        # Repeating it would fill the log and say nothing new.
        if self._refusal is None or self._refusal.message != text:
            _log.error("%s", text)
        self._refuse(RecognitionError(text, status=503), pause)

    def _refuse(self, error: RecognitionError, seconds: float) -> None:
        """Fail what waits, and what comes within this many seconds."""
        self._refusal = error
        self._refused_until = asyncio.get_running_loop().time() + seconds
        self._calls.refuse(error)
        if self._loaded is not None and not self._loaded.done():
            self._loaded.set_exception(error)
