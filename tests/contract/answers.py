"""What the API's documentation says about an answer: more than the nodes require."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from python_worker.schemas import Schema, complaint

_DOCUMENTED = Schema(json.loads(Path(__file__).with_name("answer.schema.json").read_text("utf-8")))


def departure(answer: Any) -> str | None:
    """Return where an answer departs from the documentation, None if it does not."""
    return complaint(_DOCUMENTED, answer)
