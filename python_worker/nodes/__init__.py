"""Behaviour of the node types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..services import Services
from ..services.address import AddressError
from .base import ConfigError, Node
from .config import failure_field, recognizer_config, statistics_config
from .misconfigured import MisconfiguredNode
from .recognizer import RecognizerNode
from .statistics import StatisticsNode


def make_node(kind: str, config: Mapping[str, Any], credentials: Mapping[str, str | None], services: Services) -> Node:
    """Return the behaviour of a deployed node; a misconfigured one answers every message with the reason."""
    try:
        if kind == "plate-recognizer":
            recognizer = recognizer_config(config, credentials)
            return RecognizerNode(
                recognizer,
                services.recognition(
                    recognizer.url,
                    recognizer.token,
                    timeout=recognizer.timeout,
                    tries=recognizer.tries,
                    shrink=recognizer.shrink,
                ),
            )
        statistics = statistics_config(config, credentials)
        return StatisticsNode(
            statistics, services.statistics(statistics.url, statistics.token, timeout=statistics.timeout)
        )
    except (ConfigError, AddressError) as error:
        return MisconfiguredNode(failure_field(config), str(error))
