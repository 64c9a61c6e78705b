"""The plate-statistics node: tells how many calls were made."""

from __future__ import annotations

from ..base import Context
from ..config import Config
from ..service import known, token_of
from .node import StatisticsNode


def make(config: Config, context: Context) -> StatisticsNode:
    """Return the behaviour of a deployed node."""
    url, token, timeout = config.text("url"), token_of(config), config.number("timeout")
    service = known(lambda: context.services.statistics(url, token, timeout=timeout))
    return StatisticsNode(config, service)
