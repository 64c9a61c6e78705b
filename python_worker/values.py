"""Values of a message on their way between Node-RED and the worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Opaque:
    """A value that cannot travel and stayed in Node-RED; `kind` names it ("function", "undefined", "Socket")."""

    kind: str
