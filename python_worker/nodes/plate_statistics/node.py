"""The behaviour of a plate-statistics node."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import RecognitionError
from ...services.base import StatisticsService
from .. import status
from ..base import Fields, Link, Message, Node, Outcome, Sent
from ..config import Config
from ..fields import Path


class StatisticsNode(Node):
    """Asks for the account's usage when a message arrives."""

    def __init__(self, config: Config, service: StatisticsService) -> None:
        """Prepare a node.

        Raises:
            ConfigError: the output field is no property of a message.
        """
        super().__init__(Fields(config.expression("outputField")))
        self.patience = service.patience
        self._service = service

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        return self.fields.output.needs_for_path()

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Put the usage into the output field."""
        link.busy(status.LOADING)
        try:
            target = self.fields.output.path(message.known)
            answer = await self._service.statistics()
        except RecognitionError as error:
            return self.fail(message, error, link)
        link.status(status.statistics(answer["usage"]["calls"], answer.get("total_calls")))
        return Sent([[[(target, answer)]]])
