"""A node whose configuration cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import InputError, RecognitionError
from . import status
from .base import Link, Message, Outcome, TypedInput, failed_outcome
from .fields import Expression, Path


class MisconfiguredNode:
    """Says what is wrong at its deploy and for every message, and spends no call."""

    inputs: Mapping[str, TypedInput] = {}
    extra: str | None = None
    patience = 1.0

    def __init__(self, output_field: Expression, input_field: Expression | None, reason: str) -> None:
        self._output_field = output_field
        self._input_field = input_field
        self._error = InputError(f"The node's configuration cannot be used: {reason}.")

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        # The picture itself does not travel: only its place matters.
        paths = self._output_field.needs_for_path()
        if self._input_field is not None:
            paths = paths + self._input_field.needs_for_path()
        return list(dict.fromkeys(paths))

    def start(self, link: Link) -> None:
        """Report the reason once."""
        link.error(self._error.message)
        link.status(status.misconfigured("invalid configuration"))

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Fail every message with the reason."""
        return self.fail(message, self._error, link)

    def fail(self, message: Message, error: RecognitionError, link: Link) -> Outcome:
        """See `Node`."""
        link.status(status.failure(error.status_text))
        return failed_outcome(self._output_field, self._input_field, message, error)
