"""Where an exception came from, for the log, but not its text: libraries' texts repeat values, and secrets."""

from __future__ import annotations

import traceback


def where(error: BaseException) -> str:
    """Return the exception's kind and the lines of code that led to it."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
