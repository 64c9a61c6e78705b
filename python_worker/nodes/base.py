"""The interface between the bridge and the behaviour of a node type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ..errors import InputError, RecognitionError
from ..services import Services
from ..services.base import Requirement
from ..values import Opaque, Reference
from . import status
from .fields import Expression, Path
from .status import Status

Edit: TypeAlias = "tuple[Path, Any]"
Edits: TypeAlias = "list[Edit]"

FAILED_INPUT: Path = ("failedInput",)
"""Where a failed message keeps its input if the failure takes the input's place."""


class ConfigError(ValueError):
    """A node's configuration cannot be used; the text says why."""


@dataclass(frozen=True)
class TypedInput:
    """A value that only Node-RED can look up: in a context store or the environment."""

    type: str
    value: str


@dataclass(frozen=True)
class Message:
    """The parts of one message that travelled.

    Attributes:
        known: values of the paths that the node needs.
        inputs: values of its typed inputs.
        wired: for each output, whether something is wired to it.
    """

    known: Mapping[Path, Any]
    inputs: Mapping[str, Any]
    wired: Sequence[bool]


@dataclass(frozen=True)
class Done:
    """The message's end without a message sent."""


@dataclass(frozen=True)
class Sent:
    """The message's end: for each output the messages to send, each a list of edits."""

    outputs: list[list[Edits] | None]


@dataclass(frozen=True)
class Failed:
    """The message's end as an error that Catch nodes receive."""

    message: str
    code: int
    edits: Edits = field(default_factory=list)


Outcome: TypeAlias = "Done | Sent | Failed"


class Link(Protocol):
    """What a node can say at any time."""

    def status(self, status: Status) -> None:
        """Show a status below the node."""

    def busy(self, status: Status) -> None:
        """Show that the node is busy, unless another status follows within a moment."""

    def error(self, text: str) -> None:
        """Report that something is wrong with the node itself."""

    def send(self, outputs: list[list[Edits] | None]) -> None:
        """Send new messages that no message caused: for each output those to send, each a list of edits."""


@dataclass(frozen=True)
class Context:
    """What a node is deployed into.

    Attributes:
        id: Node-RED's, which stays the same over a redeploy.
        services: shared by all nodes.
        kept: what nodes leave, by their ids, to those that a redeploy replaces them with; of one connection.
    """

    id: str
    services: Services
    kept: MutableMapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fields:
    """Where a node's results and failures go.

    Attributes:
        output: property of the message that gets the result, or the failure.
        input: property that the node works on, which no failure may destroy; None if there is none.
        errors: index of the output for errors.
    """

    output: Expression
    input: Expression | None = None
    errors: int = 1


class Node(ABC):
    """The behaviour of one node in a flow.

    Attributes:
        fields: where its results and failures go.
        inputs: values that the node wants to be looked up for each message.
        requires: the extras of the package that the node cannot work without.
        patience: seconds that the work on one message may take at most, as the node is configured.
    """

    inputs: Mapping[str, TypedInput] = {}
    requires: Sequence[Requirement] = ()
    patience: float = 10.0

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    @property
    @abstractmethod
    def needs(self) -> Sequence[Path]:
        """Paths of each message that the node wants to see."""

    @abstractmethod
    async def handle(self, message: Message, link: Link) -> Outcome:
        """Work on a message. Raises nothing, apart from bugs."""

    def start(self, link: Link) -> None:  # noqa: B027 - most nodes have nothing to begin with
        """Begin to work; called once, before the first message."""

    def close(self, *, removed: bool) -> None:  # noqa: B027 - most nodes have nothing to end
        """End the work; called once. `removed`: the node was deleted or disabled, not just deployed anew."""

    def fail(self, message: Message, error: RecognitionError, link: Link) -> Outcome:
        """Return the end of a message that failed, and show it."""
        link.status(status.failure(error.status_text))
        return failed_outcome(self.fields, message, error)


def failed_outcome(fields: Fields, message: Message, error: RecognitionError) -> Outcome:
    """Route a failure to the error output, or to Catch nodes if nothing is wired to it.

    The failure is written to the output field. If that would destroy the value of the input field, the error output's
    message keeps it in `msg.failedInput`, and the message for Catch nodes stays as it came: both can be sent again.
    """
    try:
        target = fields.output.path(message.known)
    except InputError as unresolved:
        return Failed(unresolved.message, unresolved.status)
    edits: Edits = [(target, error.as_result())]
    destroyed = _destroyed(target, fields.input, message)
    if len(message.wired) > fields.errors and message.wired[fields.errors]:
        kept: Edits = [(FAILED_INPUT, Reference(destroyed))] if destroyed else []
        return Sent([None] * fields.errors + [[kept + edits]])
    return Failed(error.message, error.status, [] if destroyed else edits)


def _destroyed(target: Path, input_field: Expression | None, message: Message) -> Path | None:
    """Return the path of the message's input if setting `target` would destroy it."""
    if input_field is None:
        return None
    try:
        source = input_field.path(message.known)
    except InputError:
        return None
    if message.known.get(source) == Opaque("undefined"):
        return None
    # In JavaScript, an index and a text with the same digits are one key.
    overlap = all(str(one) == str(other) for one, other in zip(target, source, strict=False))
    return source if overlap else None
