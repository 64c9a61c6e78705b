"""What a reading is on a list, and why.

The rules, in the order in which they decide:

1. Only entries within the limit count, and of these only the ones with the fewest doubtful characters: a text that is
   an entry's as it was read is not taken for another entry.
2. If these are entries of different plates, the answer is `ambiguous`, and the plate counts as unknown: a flow that
   opens for a group can still do so, because `nearest` names all of them.
3. Of entries of one plate, and of patterns that allow it, those count that are valid at this moment: a plate may have
   several entries with different hours. If none is valid, the plate is unknown, and the reason is the first one's.
4. An entry of the plate itself goes before a pattern, and a pattern with more fixed characters before one with fewer.
   Patterns with as many are `ambiguous` if they differ; of entries with the same plate, the first in the list is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from .. import confusable
from .entry import Entry
from .plates import KnownPlates, Near
from .reading import Reading

Limit: TypeAlias = Literal["exact", "one", "two"]
Decision: TypeAlias = "dict[str, Any]"

LIMITS: dict[Limit, int] = {"exact": 0, "one": 1, "two": 2}
"""How many characters may be doubtful."""

_NEAREST = 3
"""How many entries an answer names besides those that it depends on."""

_MOST_NAMED = 10

_NUMBERS = ("no", "one", "two")

_LIMITED: dict[Limit, str] = {
    "exact": "only what is read exactly counts",
    "one": "one at most may be",
    "two": "two at most may be",
}

_REFUSALS = {
    "expired": "expired on {until}",
    "not yet valid": "is valid only from {from}",
    "not on this weekday": "is not valid on this weekday ({weekdays})",
    "not at this hour": "is not valid at this hour ({hours})",
}


def decide(plates: KnownPlates, reading: Reading, limit: Limit, now: datetime, warning: str | None = None) -> Decision:
    """Return whether a plate is known, and why, as `match.schema.json` describes it.

    Args:
        plates: the list.
        reading: what was read.
        limit: how many characters may be doubtful.
        now: the moment, with the time zone whose clock counts; see `validity`.
        warning: what is wrong with the list.
    """
    hits = plates.exact(reading.text) if reading.text else []
    # At "exact", what is near is only told, and told where it matters: for unknown plates.
    near = [] if hits or limit == "exact" else plates.within(reading, LIMITS[limit])
    hits = hits or [one for one in near if one.doubtful == near[0].doubtful]
    answer: Decision = {
        "known": False,
        "reason": "not listed",
        "read": reading.text,
        "score": reading.score,
        "candidate": None,
        "entry": None,
        "name": None,
        "group": None,
        "doubtful": None,
        "distance": None,
        "differences": [],
        "limit": limit,
        "time": now.isoformat(timespec="seconds"),
        "nearest": [],
        "warning": warning,
    }
    if not reading.text:
        return {**answer, "reason": "nothing read", "explanation": "No text was read."}
    if not hits:
        around = near or plates.nearest(reading, _NEAREST)
        return {**answer, **_told(reading, around, now), "explanation": _not_listed(reading, around, limit)}
    if _are_different([one for one in hits if not one.entry.is_pattern]):
        return {**answer, **_ambiguous(reading, hits, now)}
    valid = [one for one in hits if one.entry.validity.refusal(now) is None]
    if not valid:
        reason = hits[0].entry.validity.refusal(now)
        text = f"Read {reading.text}: {_shown(hits[0])} {_refused(hits[0].entry, str(reason))}."
        return {**answer, "reason": reason, **_told(reading, hits, now), "explanation": text}
    chosen = valid[0]
    rivals = [one for one in valid if one.entry.is_pattern and one.entry.fixed == chosen.entry.fixed]
    if chosen.entry.is_pattern and _are_different(rivals):
        return {**answer, **_ambiguous(reading, rivals, now)}
    return {
        **answer,
        "known": True,
        "reason": "doubtful" if chosen.doubtful else "pattern" if chosen.entry.is_pattern else "exact",
        "candidate": chosen.candidate,
        "entry": dict(chosen.entry.fields),
        "name": chosen.entry.fields.get("name"),
        "group": chosen.entry.fields.get("group"),
        **_told(reading, [chosen, *(one for one in hits if one is not chosen)], now),
        "explanation": f"Read {reading.text}: {_shown(chosen)}{_by_way_of(reading, chosen)}.",
    }


def _are_different(hits: Sequence[Near]) -> bool:
    return len({one.entry.text for one in hits}) > 1


def _ambiguous(reading: Reading, hits: Sequence[Near], now: datetime) -> Decision:
    several = " and ".join(_shown(one) for one in hits[:_MOST_NAMED])
    text = f"Read {reading.text}: it may be {several}, with {_doubt(hits[0])} each."
    return {"reason": "ambiguous", **_told(reading, hits, now), "explanation": text}


def _told(reading: Reading, near: Sequence[Near], now: datetime) -> Decision:
    """Return how far the first of some entries is, and all of them."""
    if not near:
        return {}
    first = near[0]
    return {
        "doubtful": first.doubtful,
        "distance": first.distance,
        "differences": [] if first.entry.is_pattern else _differences(reading, first),
        "nearest": [
            {
                "entry": dict(one.entry.fields),
                "where": one.entry.where,
                "doubtful": one.doubtful,
                "distance": one.distance,
                "refused": one.entry.validity.refusal(now),
            }
            for one in near[:_MOST_NAMED]
        ],
    }


def _differences(reading: Reading, near: Near) -> list[Decision]:
    return [
        {"at": each.at + 1, "read": each.one, "listed": each.other, "cost": each.cost}
        for each in confusable.differences(reading.text, near.entry.text)
    ]


def _shown(near: Near) -> str:
    name = near.entry.fields.get("name")
    return f"'{near.entry.fields['plate']}'{f' ({name})' if name else ''}"


def _by_way_of(reading: Reading, near: Near) -> str:
    if not near.doubtful:
        return " allows it" if near.entry.is_pattern else " is listed"
    by = "" if near.candidate == reading.text else f" by way of the candidate {near.candidate}"
    return f" is meant if {_doubt(near)} {'is' if near.doubtful == 1 else 'are'} wrong{by}"


def _doubt(near: Near) -> str:
    number = _NUMBERS[near.doubtful] if near.doubtful < len(_NUMBERS) else str(near.doubtful)
    return f"{number} doubtful character{'' if near.doubtful == 1 else 's'}"


def _not_listed(reading: Reading, near: Sequence[Near], limit: Limit) -> str:
    if not near:
        return f"Read {reading.text}: the list is empty."
    nearest = f"the nearest entry, {_shown(near[0])}, is {_doubt(near[0])} away"
    return f"Read {reading.text}: {nearest}, and {_LIMITED[limit]}."


def _refused(entry: Entry, reason: str) -> str:
    return _REFUSALS[reason].format_map(entry.fields)
