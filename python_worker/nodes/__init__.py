"""Behaviour of the node types."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..services import Services
from ..services.address import AddressError
from ..trace import where
from .base import ConfigError, Node
from .config import failure_field, recognizer_config, statistics_config
from .fields import Expression, ExpressionError, parse
from .misconfigured import MisconfiguredNode
from .recognizer import RecognizerNode
from .statistics import StatisticsNode

LARGEST_CONFIG = 64 * 2**10
"""Bytes of a deployed node's frame; ten thousand nodes may be open."""

Service = TypeVar("Service")

_log = logging.getLogger(__name__)


def make_node(
    kind: str, name: str, config: Mapping[str, Any], credentials: Mapping[str, str | None], services: Services
) -> Node:
    """Return the behaviour of a deployed node; a misconfigured one answers every message with the reason.

    Args:
        kind: the node's type.
        name: what the log calls it.
        config, credentials: as deployed.
        services: shared by all nodes.

    Raises nothing: what is wrong with one node must not affect the others.
    """
    try:
        if kind == "plate-recognizer":
            return _recognizer(config, credentials, services)
        return _statistics(config, credentials, services)
    except (ConfigError, AddressError) as error:
        _log.warning("%s is misconfigured: %s", name, error)
        return MisconfiguredNode(*_fields(kind, config), str(error))
    except Exception as error:
        _log.error("%s cannot be opened: %s", name, where(error))
        return broken_node(kind, config, error)


def broken_node(kind: str, config: Mapping[str, Any], error: BaseException) -> MisconfiguredNode:
    """Return a replacement for a node that failed unexpectedly, and log how."""
    return MisconfiguredNode(*_fields(kind, config), f"{type(error).__name__}; the log of the worker says more")


def large_node(size: int) -> MisconfiguredNode:
    """Return a replacement for a node with a config of `size` bytes, which is larger than any that makes sense."""
    return MisconfiguredNode(parse("payload"), None, f"it has {size:,} bytes, more than {LARGEST_CONFIG:,}")


def _recognizer(config: Mapping[str, Any], credentials: Mapping[str, str | None], services: Services) -> RecognizerNode:
    read = recognizer_config(config, credentials)
    service = _known(
        lambda: services.recognition(read.url, read.token, timeout=read.timeout, tries=read.tries, shrink=read.shrink)
    )
    return RecognizerNode(read, service)


def _statistics(config: Mapping[str, Any], credentials: Mapping[str, str | None], services: Services) -> StatisticsNode:
    read = statistics_config(config, credentials)
    return StatisticsNode(read, _known(lambda: services.statistics(read.url, read.token, timeout=read.timeout)))


def _known(find: Callable[[], Service]) -> Service:
    """Return the service that a URL names. If Python's own parser of addresses refuses the URL, say so plainly."""
    try:
        return find()
    except AddressError:
        raise
    except ValueError:
        # Its text would repeat the URL, which may hold a password.
        raise AddressError(
            "url is not an address: leave it empty for the cloud, or enter http://… or https://…"
        ) from None


def _fields(kind: str, config: Mapping[str, Any]) -> tuple[Expression, Expression | None]:
    """Return the output and input field of a config, so that failures have a place; the rest of it may be wrong."""
    try:
        output = failure_field(config)
    except Exception:
        output = parse("payload")
    if kind != "plate-recognizer":
        return output, None
    written = config.get("inputField") or "payload"
    try:
        return output, parse(written.strip()) if isinstance(written, str) else None
    except ExpressionError:
        return output, None
