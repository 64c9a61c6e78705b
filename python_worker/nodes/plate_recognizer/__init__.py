"""The plate-recognizer node: reads the plates in each message's image."""

from __future__ import annotations

from ..base import Context
from ..config import Config
from ..service import known, token_of
from .node import RecognizerNode


def make(config: Config, context: Context) -> RecognizerNode:
    """Return the behaviour of a deployed node."""
    url, token = config.text("url"), token_of(config)
    timeout, tries, shrink = config.number("timeout"), config.whole("tries"), config.switch("shrink")
    service = known(
        lambda: context.services.recognition(url, token, timeout=timeout, tries=tries, shrink=shrink),
    )
    return RecognizerNode(config, service)
