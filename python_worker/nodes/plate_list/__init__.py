"""The plate-list node: tells whether plates are known."""

from __future__ import annotations

from ...known.learnt import learnt_at, learnt_path
from ..base import Context
from ..config import Config
from .node import ListNode
from .source import source_of


def make(config: Config, context: Context) -> ListNode:
    """Return the behaviour of a deployed node."""
    folder = context.services.state
    learnt = learnt_at(learnt_path(folder, context.id) if folder else None)
    return ListNode(config, source_of(config), learnt)
