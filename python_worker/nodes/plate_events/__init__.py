"""The plate-events node: makes one message of each car from the results of many pictures."""

from __future__ import annotations

from ..base import Context
from ..config import Config
from .node import EventsNode


def make(config: Config, context: Context) -> EventsNode:
    """Return the behaviour of a deployed node."""
    return EventsNode(config, context)
