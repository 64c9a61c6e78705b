"""The plate-recognizer node."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError, NotTheApiError, RecognitionError
from ..services.base import Answer, RecognitionOptions, RecognitionService, utc_now
from ..services.embedded import EXTRA, EmbeddedService
from ..values import Opaque, Reference
from . import status
from .base import ConfigError, Done, Edits, Link, Message, Outcome, Sent, TypedInput, failed_outcome
from .config import RecognizerConfig
from .fields import Expression, ExpressionError, Path, describe, parse
from .images import image_bytes

_PARTS: Path = ("parts",)
_MOST_REPEATED = 16 * 2**20


class RecognizerNode:
    """Reads the plates in each message's image."""

    def __init__(self, config: RecognizerConfig, service: RecognitionService) -> None:
        """Prepare a node.

        Raises:
            ConfigError: the camera id names no property of a message.
        """
        self._config = config
        self._service = service
        self._running = 0
        self._camera_field = _camera_field(config)

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        paths = [*self._config.input_field.needs_for_value(), *self._config.output_field.needs_for_path()]
        if self._camera_field:
            paths += self._camera_field.needs_for_value()
        if self._config.separate:
            paths.append(_PARTS)
        return list(dict.fromkeys(paths))

    @property
    def inputs(self) -> Mapping[str, TypedInput]:
        """See `Node`."""
        if self._config.camera_id_type in ("env", "flow", "global") and self._config.camera_id:
            return {"cameraId": TypedInput(self._config.camera_id_type, self._config.camera_id)}
        return {}

    @property
    def extra(self) -> str | None:
        """See `Node`."""
        return EXTRA if isinstance(self._service, EmbeddedService) else None

    @property
    def patience(self) -> float:
        """See `Node`."""
        return self._service.patience

    def start(self, link: Link) -> None:
        """Load the engine's models while no message waits for them."""
        if isinstance(self._service, EmbeddedService):
            self._service.start()

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Recognize the message's image, or skip it while another is recognized."""
        if self._running and self._config.ignore_during:
            link.status(status.SKIPPED)
            return Done()
        self._running += 1
        try:
            link.busy(status.RECOGNIZING)
            target = self._config.output_field.path(message.known)
            field = self._config.input_field
            image = image_bytes(field.value(message.known), field.text)
            answer = await self._service.recognize(image, self._options(message))
        except RecognitionError as error:
            return self.fail(message, error, link)
        finally:
            self._running -= 1
        try:
            messages = self._one_per_plate(target, answer, message) if self._config.separate else [[(target, answer)]]
        except RecognitionError as error:
            return self.fail(message, error, link)
        link.status(status.recognized(self._config.status_text, answer["results"]))
        return Sent([messages])

    def fail(self, message: Message, error: RecognitionError, link: Link) -> Outcome:
        """See `Node`."""
        link.status(status.failure(error.status_text))
        return failed_outcome(self._config.output_field, self._config.input_field, message, error)

    def _options(self, message: Message) -> RecognitionOptions:
        return RecognitionOptions(
            regions=self._config.regions,
            camera_id=self._camera_id(message),
            timestamp=utc_now() if self._config.timestamp else None,
            mmc=self._config.mmc,
        )

    def _camera_id(self, message: Message) -> str | None:
        value: Any = self._config.camera_id
        if self._camera_field:
            value = self._camera_field.value(message.known)
        elif self._config.camera_id_type != "str":
            value = message.inputs.get("cameraId")
        if value is None or isinstance(value, Opaque) or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise InputError(f"The camera id is {describe(value)}; it must be a text or a number.")
        return f"{value:g}" if isinstance(value, float) else str(value)

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
            "property": self._config.output_field.text,
        }
        existing = message.known[_PARTS]
        if isinstance(existing, (dict, Opaque)) and existing != Opaque("undefined"):
            # The copy that travelled may lack parts.
            parts["parts"] = Reference(_PARTS)
        return [
            [(target, {**rest, "results": result}), (_PARTS, {**parts, "index": index})]
            for index, result in enumerate(results)
        ]


def _camera_field(config: RecognizerConfig) -> Expression | None:
    if config.camera_id_type != "msg" or not config.camera_id:
        return None
    try:
        return parse(config.camera_id)
    except ExpressionError as error:
        raise ConfigError(f"cameraId is not a property of a message: {error}") from None
