"""Behaviour of the node types."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ..services.address import AddressError
from ..trace import where
from .base import ConfigError, Context, Fields, Node
from .config import Config, failure_field
from .fields import parse
from .misconfigured import MisconfiguredNode
from .registry import NODE_TYPES
from .schema import LARGEST

_PAYLOAD = parse("payload")

_log = logging.getLogger(__name__)


def make_node(
    kind: str, name: str, config: Mapping[str, Any], credentials: Mapping[str, str | None], context: Context
) -> Node:
    """Return the behaviour of a deployed node; a misconfigured one answers every message with the reason.

    Args:
        kind: the node's type.
        name: what the log calls it.
        config, credentials: as deployed.
        context: what it is deployed into.

    Raises nothing: what is wrong with one node must not affect the others.
    """
    node_type = NODE_TYPES.get(kind)
    if node_type is None:
        reason = "the worker does not know this node type: install the same version of the worker and of the nodes"
        return MisconfiguredNode(Fields(_PAYLOAD), reason)
    try:
        return node_type.make(Config(node_type.schema, config, credentials), context)
    except (ConfigError, AddressError) as error:
        _log.warning("%s is misconfigured: %s", name, error)
        return MisconfiguredNode(_fields(kind, config), str(error))
    except Exception as error:
        _log.error("%s cannot be opened: %s", name, where(error))
        return broken_node(kind, config, error)


def broken_node(kind: str, config: Mapping[str, Any], error: BaseException) -> MisconfiguredNode:
    """Return a replacement for a node that failed unexpectedly, and log how."""
    return MisconfiguredNode(_fields(kind, config), f"{type(error).__name__}; the log of the worker says more")


def largest_config(kind: str) -> int:
    """Return how many bytes the frame of a deployed node may have."""
    return NODE_TYPES[kind].schema.largest if kind in NODE_TYPES else LARGEST


def large_node(kind: str, size: int) -> MisconfiguredNode:
    """Return a replacement for a node with a config of `size` bytes, which is larger than any that makes sense."""
    return MisconfiguredNode(Fields(_PAYLOAD), f"it has {size:,} bytes, more than {largest_config(kind):,}")


def _fields(kind: str, config: Mapping[str, Any]) -> Fields:
    """Return the fields of a config, so that failures have a place; the rest of it may be wrong."""
    schema = NODE_TYPES[kind].schema
    output = failure_field(schema, config, "output") or _PAYLOAD
    return Fields(output, failure_field(schema, config, "input"), schema.errors)
