"""Which node types there are: each package beside this is one."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from .base import Context, Node
from .config import Config
from .schema import ConfigSchema, read_schema


@dataclass(frozen=True)
class NodeType:
    """A node type.

    Attributes:
        schema: of its config.
        make: returns the behaviour of a deployed node; raises ConfigError or AddressError if the config cannot be used.
    """

    schema: ConfigSchema
    make: Callable[[Config, Context], Node]


def _node_types() -> dict[str, NodeType]:
    package = __package__ or ""
    folder = import_module(package).__path__
    names = [f"{package}.{module.name}" for module in pkgutil.iter_modules(folder) if module.ispkg]
    return {
        name.rpartition(".")[2].replace("_", "-"): NodeType(read_schema(name), import_module(name).make)
        for name in names
    }


NODE_TYPES = _node_types()
