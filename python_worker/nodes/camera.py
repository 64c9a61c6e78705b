"""The name of the camera that a message is about, as a node's `cameraId` and `cameraIdType` say."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..values import Opaque
from .base import ConfigError, Message, TypedInput
from .config import Config
from .fields import ExpressionError, Path, describe, parse


class CameraName:
    """Where a node finds the name of a camera.

    Attributes:
        inputs: what must be looked up for it in Node-RED.
        needs: paths of messages that it must see.
    """

    def __init__(self, config: Config) -> None:
        """Read a node's config.

        Raises:
            ConfigError: it names no property of a message.
        """
        value = config.value("cameraId")
        self._text = "" if value is None else str(value)
        self._type = config.choice("cameraIdType")
        self._field = None
        if self._type == "msg" and self._text:
            try:
                self._field = parse(self._text)
            except ExpressionError as error:
                raise ConfigError(f"cameraId is not a property of a message: {error}") from None
        looked_up = self._type in ("env", "flow", "global") and self._text
        self.inputs = {"cameraId": TypedInput(self._type, self._text)} if looked_up else {}
        self.needs: list[Path] = self._field.needs_for_value() if self._field else []

    def of(self, message: Message) -> str | None:
        """Return the name; None if the config or the message has none.

        Raises:
            InputError: it is neither a text nor a number.
        """
        value: Any = self._text
        if self._field:
            value = self._field.value(message.known)
        elif self._type != "str":
            value = message.inputs.get("cameraId")
        return named(value)


def named(value: Any) -> str | None:
    """Return a value of a message as the name of a camera; None if it is empty.

    Raises:
        InputError: it is neither a text nor a number.
    """
    if value is None or isinstance(value, Opaque) or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InputError(f"The camera id is {describe(value)}; it must be a text or a number.")
    return f"{value:g}" if isinstance(value, float) else str(value)
