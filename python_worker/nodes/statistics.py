"""The plate-statistics node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import RecognitionError
from ..services.base import StatisticsService
from . import status
from .base import Link, Message, Outcome, Sent, TypedInput, failed_outcome
from .config import StatisticsConfig
from .fields import Path


class StatisticsNode:
    """Asks for the account's usage when a message arrives."""

    inputs: Mapping[str, TypedInput] = {}
    extra: str | None = None

    def __init__(self, config: StatisticsConfig, service: StatisticsService) -> None:
        self._config = config
        self._service = service

    @property
    def needs(self) -> Sequence[Path]:
        """See `Node`."""
        return self._config.output_field.needs_for_path()

    @property
    def patience(self) -> float:
        """See `Node`."""
        return self._service.patience

    def start(self, link: Link) -> None:
        """See `Node`."""

    async def handle(self, message: Message, link: Link) -> Outcome:
        """Put the usage into the output field."""
        link.busy(status.LOADING)
        try:
            target = self._config.output_field.path(message.known)
            answer = await self._service.statistics()
        except RecognitionError as error:
            return self.fail(message, error, link)
        link.status(status.statistics(answer["usage"]["calls"], answer.get("total_calls")))
        return Sent([[[(target, answer)]]])

    def fail(self, message: Message, error: RecognitionError, link: Link) -> Outcome:
        """See `Node`."""
        link.status(status.failure(error.status_text))
        return failed_outcome(self._config.output_field, None, message, error)
