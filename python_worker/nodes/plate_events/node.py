"""The behaviour of a plate-events node."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import InputError
from ...tracking import Cameras, Event, Settings
from ...values import Opaque
from .. import status
from ..base import ConfigError, Context, Done, Edits, Fields, Link, Message, Node, Outcome
from ..camera import CameraName, named
from ..config import Config
from ..fields import Expression, Path, describe
from ..images import image_bytes

LARGEST_PICTURE = 16 * 2**20
"""Bytes of a picture that is kept; an event with a larger one could not travel."""

MOST_KEPT = 1_000
"""Nodes whose cars wait for a successor."""

_TOPIC: Path = ("topic",)


class EventsNode(Node):
    """Follows the cars that messages with a recognizer's results show, and sends a message for each.

    A message ends when its results were taken in. Events are messages of their own: most of them are due when no
    message comes.
    """

    def __init__(self, config: Config, context: Context) -> None:
        """Prepare a node.

        Raises:
            ConfigError: with the property that cannot be used, and the reason.
        """
        self._input = config.expression("inputField")
        self._picture = config.expression("pictureField")
        super().__init__(Fields(config.expression("outputField"), self._input))
        self._output_path = _fixed(self.fields.output, "outputField")
        self._picture_path = _fixed(self._picture, "pictureField")
        shorter = min(len(self._output_path), len(self._picture_path))
        if self._output_path[:shorter] == self._picture_path[:shorter]:
            raise ConfigError("pictureField must be another property than outputField: events have both")
        self._camera = CameraName(config)
        self.inputs = self._camera.inputs
        when = config.choice("when")
        self._settings = Settings(
            arrived=when != "leave",
            left=when != "arrive",
            hold=config.number("hold"),
            wait=config.number("wait"),
            pictures=config.whole("pictures"),
            score=config.number("score"),
        )
        self._context = context
        self._cameras = Cameras(self._settings)
        self._timer: asyncio.TimerHandle | None = None
        self._link: Link | None = None

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        paths = [*self._input.needs_for_value(), *self._picture.needs_for_value(), *self._camera.needs, _TOPIC]
        return list(dict.fromkeys(paths))

    def start(self, link: Link) -> None:
        """Go on with the cars of the node that this one replaces, if that had the same settings."""
        self._link = link
        settings, cameras = self._context.kept.pop(self._context.id, (None, None))
        if settings == self._settings:
            self._cameras = cameras
            self._tell(self._cameras.tick(time.time()))

    def close(self, *, removed: bool) -> None:
        """Leave the cars to the node that replaces this one."""
        if self._timer:
            self._timer.cancel()
        if not removed and self._cameras.cars:
            kept = self._context.kept
            kept[self._context.id] = (self._settings, self._cameras)
            while len(kept) > MOST_KEPT:
                kept.pop(next(iter(kept)))

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Take in a picture's results."""
        try:
            answer = self._input.value(message.known)
            results = _results(answer, self._input)
            camera = self._name(message, answer)
            events = self._cameras.see(camera, time.time(), results, self._picture_of(message))
        except InputError as error:
            return self.fail(message, error, link)
        self._tell(events)
        return Done()

    def _name(self, message: Message, answer: Any) -> str:
        """Return the camera's name; "" if neither the config nor the message has one."""
        name = self._camera.of(message)
        if name is None and isinstance(answer, Mapping):
            name = named(answer.get("camera_id"))
        if name is None:
            with contextlib.suppress(InputError):
                name = named(message.known[_TOPIC])
        return name or ""

    def _picture_of(self, message: Message) -> bytes | None:
        # It is an extra: what cannot be used is left out, and the car is told all the same.
        with contextlib.suppress(InputError):
            value = self._picture.value(message.known)
            if value is not None and not isinstance(value, Opaque):
                picture = image_bytes(value, self._picture.text)
                return picture if len(picture) <= LARGEST_PICTURE else None
        return None

    def _tick(self) -> None:
        self._timer = None
        self._tell(self._cameras.tick(time.time()))

    def _tell(self, events: list[Event]) -> None:
        """Send events, show what is here, and see to being called for the next ones."""
        link = self._link
        if link is None:
            return
        for event in events:
            link.send([[self._edits(event)]])
        if events or not self._cameras.cars:
            link.status(status.cars(self._cameras.cars, events[-1].payload["plate"] if events else None))
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = self._cameras.due
        if due is not None:
            wait = max(0.0, due - time.time())
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _edits(self, event: Event) -> Edits:
        edits: Edits = [
            (_TOPIC, event.payload["camera_id"]),
            (self._output_path, {"event": event.kind, **event.payload}),
        ]
        return [*edits, (self._picture_path, event.picture)] if event.picture is not None else edits


def _fixed(expression: Expression, name: str) -> Path:
    """Return the path of an expression that means the same in every message."""
    if expression.needs_for_path():
        raise ConfigError(f"{name} must not depend on the message: events are messages of their own")
    return expression.path({})


def _results(answer: Any, field: Expression) -> Any:
    """Return the results in a recognizer's answer; also those of one that sends a message for each plate.

    Raises:
        InputError: there are none.
    """
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, Mapping) or "results" not in answer:
        raise InputError(
            f"No results in msg.{field.text}: it is {describe(answer)}{_without(answer)}. Connect this node to the "
            "first output of a plate-recognizer node, or set its field to the property that holds the results."
        )
    results = answer["results"]
    if isinstance(results, Mapping):
        return [results] if results else []
    return results


def _without(answer: Any) -> str:
    return " without results" if isinstance(answer, Mapping) else ""
