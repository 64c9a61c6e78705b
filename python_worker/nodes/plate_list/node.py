"""The behaviour of a plate-list node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, cast

from ...errors import InputError, RecognitionError
from ...known.changes import entries_to_add, plates_to_remove
from ...known.decide import Decision, Limit, decide
from ...known.learnt import Learnt, LearntError
from ...known.plates import KnownPlates
from ...known.reading import ReadingError, readings
from ...known.validity import ValidityError, zone
from ...values import Opaque
from .. import status
from ..base import ConfigError, Done, Edits, Fields, Link, Message, Node, Outcome, Sent
from ..config import Config
from ..fields import Path, describe
from ..status import Status
from .source import Source

_ACTION: Path = ("action",)
_ENTRY: Path = ("entry",)
_ACTIONS = ("add", "remove", "list")

_LOOK_SECONDS = 5.0
"""How often a list is looked at without a message, so that the node shows what is wrong with it."""

_MOST_SHOWN = 5


class ListNode(Node):
    """Looks plates up in a list of known ones, and learns and forgets some."""

    patience = 60.0

    def __init__(self, config: Config, source: Source, learnt: Learnt) -> None:
        """Prepare a node.

        Raises:
            ConfigError: with the property that cannot be used, and the reason.
        """
        self._input = config.expression("inputField")
        super().__init__(Fields(config.expression("outputField"), self._input, config.schema.errors))
        self.inputs = source.inputs
        self._source = source
        self._learnt = learnt
        self._limit = cast(Limit, config.choice("limit"))
        try:
            self._zone = zone(config.text("timeZone"))
        except ValidityError as error:
            raise ConfigError(f"timeZone: {error}") from None
        # One message after the other, in their order: each sees what those before it have learnt.
        self._turn = asyncio.Lock()
        self._lists: tuple[Any, Any] = (None, None)
        self._plates = KnownPlates(())
        self._told: list[str] = []
        self._looking: asyncio.Task[None] | None = None

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        paths = [*self._input.needs_for_value(), *self.fields.output.needs_for_path(), _ACTION, _ENTRY]
        return list(dict.fromkeys([*paths, *self._source.needs]))

    def start(self, link: Link) -> None:
        """Look after the lists until the node is closed."""
        self._looking = asyncio.create_task(self._look(link))

    def close(self, *, removed: bool) -> None:
        """See `Node`. What was learnt stays: a node that is disabled counts as removed, too."""
        if self._looking is not None:
            self._looking.cancel()

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Decide on each plate of a message, or change the list as it says."""
        async with self._turn:
            try:
                target = self.fields.output.path(message.known)
                action = _action_of(message)
                if action is not None:
                    return await self._changed(action, target, message, link)
                plates = await self._known_plates(message, link)
                found = readings(self._input.value(message.known))
            except ReadingError as error:
                return self.fail(message, InputError(f"msg.{self._input.text} {error}."), link)
            except RecognitionError as error:
                return self.fail(message, error, link)
            now = datetime.now(timezone.utc).astimezone(self._zone)
            warning = self._source.warning
            decisions = [decide(plates, reading, self._limit, now, warning) for reading in found]
        link.status(_shown(decisions))
        if not decisions:
            return Done()
        outputs: list[list[Edits] | None] = [
            [[(target, decision)] for decision in decisions if decision["known"] is known] or None
            for known in (True, False)
        ]
        return Sent(outputs)

    async def _known_plates(self, message: Message, link: Link) -> KnownPlates:
        await self._load()
        try:
            listed = await self._source.follow(message)
        finally:
            self._tell(link)
        if (listed, self._learnt.entries) != self._lists:
            self._lists = listed, self._learnt.entries
            self._plates = await asyncio.to_thread(KnownPlates, listed + self._learnt.entries)
        return self._plates

    async def _changed(self, action: str, target: Path, message: Message, link: Link) -> Outcome:
        await self._load()
        answer: dict[str, Any] = {"action": action}
        try:
            if action == "list":
                listed = await self._source.follow(message)
                answer["entries"] = [
                    {**entry.fields, "where": entry.where} for entry in (*listed, *self._learnt.entries)
                ]
            else:
                change = self._add if action == "add" else self._remove
                answer.update(await asyncio.to_thread(change, message))
        except LearntError as error:
            raise InputError(f"Nothing was changed: {error}.") from None
        except OSError as error:
            reason = error.strerror or error
            raise RecognitionError(f"Nothing was changed: {self._learnt.path} cannot be written ({reason}).") from None
        answer.update(learnt=len(self._learnt.entries), kept=self._learnt.path is not None)
        link.status(status.told("blue", f"{action}: {len(answer['entries'])}"))
        return Sent([None, None, None, [[(target, answer)]]])

    def _add(self, message: Message) -> dict[str, Any]:
        fields = message.known[_ENTRY]
        value = self._input.value(message.known)
        entries = entries_to_add(value, None if isinstance(fields, Opaque) else fields)
        replaced = self._learnt.add(entries)
        return {
            "entries": [dict(entry.fields) for entry in entries],
            "replaced": [dict(entry.fields) for entry in replaced],
        }

    def _remove(self, message: Message) -> dict[str, Any]:
        removed = self._learnt.remove(plates_to_remove(self._input.value(message.known)))
        return {"entries": [dict(entry.fields) for entry in removed]}

    async def _look(self, link: Link) -> None:
        while True:
            async with self._turn:
                try:
                    await self._load()
                except RecognitionError as error:
                    link.error(error.message)
                    link.status(status.failure("learnt plates"))
                await self._source.refresh()
                self._tell(link)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _load(self) -> None:
        """Read what was learnt, if it was not read yet.

        Raises:
            RecognitionError: it cannot be read.
        """
        try:
            await asyncio.to_thread(self._learnt.load)
        except OSError as error:
            reason = error.strerror or error
            raise RecognitionError(f"The learnt plates in {self._learnt.path} cannot be read: {reason}.") from None

    def _tell(self, link: Link) -> None:
        """Report what is wrong with the lists, once."""
        problems = [*([self._learnt.trouble] if self._learnt.trouble else []), *self._source.problems]
        if problems == self._told:
            return
        self._told = problems
        if problems:
            more = f" (and {len(problems) - _MOST_SHOWN} more)" if len(problems) > _MOST_SHOWN else ""
            link.error("The list of plates is not all in use. " + "; ".join(problems[:_MOST_SHOWN]) + more)
            link.status({"fill": "yellow", "shape": "ring", "text": "list not all in use"})
        else:
            link.status(status.CLEAR)


def _action_of(message: Message) -> str | None:
    action = message.known[_ACTION]
    if action in (None, "", Opaque("undefined")):
        return None
    if action not in _ACTIONS:
        said = f"'{action[:50]}'" if isinstance(action, str) else describe(action)
        raise InputError(f"msg.action is {said}; it must be add, remove or list, or not there.")
    return str(action)


def _shown(decisions: Sequence[Decision]) -> Status:
    known = [decision for decision in decisions if decision["known"]]
    if not decisions:
        text = "no plate"
    elif len(decisions) > 1:
        text = f"{len(known)} of {len(decisions)} known"
    else:
        (decision,) = decisions
        text = f"{decision['read']} {(decision['name'] or 'known') if known else decision['reason']}"
    return status.told("green" if known else "grey", text)
