"""The fields that come with a request's image, as options of the recognition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..schemas import complaint
from ..services.base import RecognitionOptions
from .errors import ApiError
from .forms import clean, split_list
from .schemas import CHECKED_CONFIG

_MOST_CHARACTERS = 4_000
"""Of all text formats together."""


def read_fields(fields: Mapping[str, Sequence[str]]) -> RecognitionOptions:
    """Return the options that the fields of a form ask for; unknown fields and keys of `config` are ignored.

    Raises:
        ApiError: 400, `config` is malformed.
    """
    config = _config(_last(fields, "config"))
    regions = (code.lower() for code in split_list(fields.get("regions", ())))
    return RecognitionOptions(
        regions=tuple(dict.fromkeys(code for code in regions if code)),
        camera_id=_last(fields, "camera_id"),
        timestamp=_last(fields, "timestamp"),
        mmc=(_last(fields, "mmc") or "").lower() == "true",
        mode=config.get("mode", RecognitionOptions.mode),
        detection_mode=config.get("detection_mode", RecognitionOptions.detection_mode),
        strict_detection=_is_strict(config.get("detection_rule")),
        threshold_d=config.get("threshold_d", RecognitionOptions.threshold_d),
        threshold_o=config.get("threshold_o", RecognitionOptions.threshold_o),
        strict_regions=_is_strict(config.get("region")),
        text_formats=tuple(map(clean, config.get("text_formats", ()))),
    )


def _config(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        config = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, f"The field 'config' is not JSON: {error}.") from None
    reason = complaint(CHECKED_CONFIG, config)
    if reason:
        raise ApiError(400, f"The field 'config' cannot be used: {reason}.")
    assert isinstance(config, dict)  # noqa: S101 - the schema says so
    if sum(map(len, config.get("text_formats", ()))) > _MOST_CHARACTERS:
        raise ApiError(
            400, f"The field 'config' cannot be used: text_formats have more than {_MOST_CHARACTERS:,} characters."
        )
    return config


def _is_strict(value: object) -> bool:
    """Return whether a rule is strict. Clients also send `False`, `none` and the like for one that is not."""
    return isinstance(value, str) and value.strip().lower() == "strict"


def _no_constant(name: str) -> None:
    """Refuse NaN and infinities, which Python reads but JSON does not have."""
    raise ValueError(f"{name} is no number of JSON")


def _last(fields: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = fields.get(name)
    return values[-1] if values else None
