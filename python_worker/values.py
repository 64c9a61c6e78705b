"""Values of a message on their way between Node-RED and the worker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Opaque:
    """A value that cannot travel and stayed in Node-RED; `kind` names it ("function", "undefined", "Socket").

    It never goes back to Node-RED: `Reference` puts the real value where it belongs.
    """

    kind: str


@dataclass(frozen=True)
class Reference:
    """In an edit: the value that the message had at `path`, a sequence of keys, before its first edit."""

    path: tuple[str | int, ...]
