"""A node whose configuration cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from . import status
from .base import Fields, Link, Message, Node, Outcome
from .fields import Path


class MisconfiguredNode(Node):
    """Says what is wrong at its deploy and for every message, and spends no call."""

    patience = 1.0

    def __init__(self, fields: Fields, reason: str) -> None:
        super().__init__(fields)
        self._error = InputError(f"The node's configuration cannot be used: {reason}.")

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        # The picture itself does not travel: only its place matters.
        paths = self.fields.output.needs_for_path()
        if self.fields.input is not None:
            paths = paths + self.fields.input.needs_for_path()
        return list(dict.fromkeys(paths))

    def start(self, link: Link) -> None:
        """Report the reason once."""
        link.error(self._error.message)
        link.status(status.misconfigured("invalid configuration"))

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Fail every message with the reason."""
        return self.fail(message, self._error, link)
