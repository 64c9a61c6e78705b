"""The behaviour of a plate-recognizer node."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from ...errors import NotTheApiError, RecognitionError
from ...services.base import Answer, RecognitionOptions, RecognitionService, utc_now
from ...values import Opaque, Reference
from .. import status
from ..base import ConfigError, Done, Edits, Fields, Link, Message, Node, Outcome, Sent
from ..camera import CameraName
from ..config import Config
from ..fields import Path
from ..images import image_bytes

_PARTS: Path = ("parts",)
_REGIONS_EXPECTED = 'a list of region codes like ["gb", "us-ca"], or clear the region filter'
_MOST_REPEATED = 16 * 2**20


class RecognizerNode(Node):
    """Reads the plates in each message's image."""

    def __init__(self, config: Config, service: RecognitionService) -> None:
        """Prepare a node.

        Raises:
            ConfigError: with the property that cannot be used, and the reason.
        """
        self._input = config.expression("inputField")
        super().__init__(Fields(config.expression("outputField"), self._input))
        self.patience = service.patience
        self.requires = [service.requires] if service.requires else []
        self._service = service
        self._running = 0
        self._ignores = config.switch("ignoreDuring")
        self._separates = config.switch("separateMsg")
        self._status_text = config.choice("statusText")
        self._timestamp = config.switch("timestamp")
        self._mmc = config.switch("makeAndModel")
        self._regions = regions_of(config)
        self._camera = CameraName(config)
        self.inputs = self._camera.inputs

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        paths = [*self._input.needs_for_value(), *self.fields.output.needs_for_path(), *self._camera.needs]
        if self._separates:
            paths.append(_PARTS)
        return list(dict.fromkeys(paths))

    def start(self, link: Link) -> None:
        """Load the engine's models while no message waits for them."""
        self._service.start()

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Recognize the message's image, or skip it while another is recognized."""
        if self._running and self._ignores:
            link.status(status.SKIPPED)
            return Done()
        self._running += 1
        try:
            link.busy(status.RECOGNIZING)
            target = self.fields.output.path(message.known)
            image = image_bytes(self._input.value(message.known), self._input.text)
            answer = await self._service.recognize(image, self._options(message))
        except RecognitionError as error:
            return self.fail(message, error, link)
        finally:
            self._running -= 1
        try:
            messages = self._one_per_plate(target, answer, message) if self._separates else [[(target, answer)]]
        except RecognitionError as error:
            return self.fail(message, error, link)
        link.status(status.recognized(self._status_text, answer["results"]))
        return Sent([messages])

    def _options(self, message: Message) -> RecognitionOptions:
        return RecognitionOptions(
            regions=self._regions,
            camera_id=self._camera.of(message),
            timestamp=utc_now() if self._timestamp else None,
            mmc=self._mmc,
        )

    def _one_per_plate(self, target: Path, answer: Answer, message: Message) -> list[Edits]:
        """Return a message for each plate with the `parts` that a Join node needs; one message if there is no plate."""
        results = answer["results"]
        if not results:
            return [[(target, {**answer, "results": {}})]]
        rest = {key: value for key, value in answer.items() if key != "results"}
        # Each message repeats the rest of the answer, which normally is a few hundred bytes.
        if len(repr(rest)) * len(results) > _MOST_REPEATED:
            raise NotTheApiError(f"The answer is too large to be sent as {len(results)} messages, one for each plate.")
        parts: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "type": "array",
            "count": len(results),
            "len": 1,
            "property": self.fields.output.text,
        }
        existing = message.known[_PARTS]
        if isinstance(existing, (dict, Opaque)) and existing != Opaque("undefined"):
            # The copy that travelled may lack parts.
            parts["parts"] = Reference(_PARTS)
        return [
            [(target, {**rest, "results": result}), (_PARTS, {**parts, "index": index})]
            for index, result in enumerate(results)
        ]


def regions_of(config: Config) -> tuple[str, ...]:
    """Return the codes; none if the filter is on and empty, as in 1.0.3."""
    if not config.switch("regionFilter"):
        return ()
    value = config.json("regionList", _REGIONS_EXPECTED)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(code, str) and code.strip() for code in value):
        raise ConfigError(f"regionList must be {_REGIONS_EXPECTED}")
    return tuple(code.strip() for code in value)
