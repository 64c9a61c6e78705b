"""When an entry counts: from and until, on which weekdays, at which hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")
_HOUR = re.compile(r"(\d{1,2})(?::(\d\d))?")
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WHOLE_DAY = 24 * 60


class ValidityError(ValueError):
    """A time cannot be understood; the message names the text and says how to write it."""


@dataclass(frozen=True)
class Validity:
    """When an entry counts, by the clock on the wall.

    Attributes:
        start: first moment; None for always.
        end: first moment at which it no longer counts; None for never.
        weekdays: 0 for Monday; none for all.
        hours: periods from a minute of the day to another, which is not part of it. One that does not end after it
            begins goes on to the next day, and has the weekday on which it begins. None for the whole day.
    """

    start: datetime | None = None
    end: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[tuple[int, int], ...] = ()

    def refusal(self, now: datetime) -> str | None:
        """Return why an entry does not count at a moment, None if it does.

        Args:
            now: with the time zone whose clock counts: a `ZoneInfo`, or the machine's as `astimezone()` gives it.
        """
        # Compared as moments: at the end of summer time, the clock shows one hour twice.
        if self.start is not None and now.timestamp() < _timestamp(self.start, now.tzinfo, fold=0):
            return "not yet valid"
        if self.end is not None and now.timestamp() >= _timestamp(self.end, now.tzinfo, fold=1):
            return "expired"
        if self._is_in_period(now, any_day=False):
            return None
        return "not on this weekday" if self._is_in_period(now, any_day=True) else "not at this hour"

    def _is_in_period(self, now: datetime, *, any_day: bool) -> bool:
        minute = now.hour * 60 + now.minute
        days = frozenset() if any_day else self.weekdays
        today, yesterday = (not days or (now.weekday() - ago) % 7 in days for ago in (0, 1))
        return any(
            (today and start <= minute < end)
            if start < end
            else (today and minute >= start) or (yesterday and minute < end)
            for start, end in self.hours or ((0, _WHOLE_DAY),)
        )


def validity(start: str = "", end: str = "", weekdays: str = "", hours: str = "") -> Validity:
    """Return the validity that four texts say; an empty one means no limit.

    Args:
        start: `2026-12-31`, from its beginning, or `2026-12-31 18:00`.
        end: the same; a day counts until its end.
        weekdays: `mon-fri`, `sat, sun`; also full English names, and numbers from 1 for Monday.
        hours: `8-18`, `08:00-12:00, 13:00-17:30`, `22:00-06:00`.

    Raises:
        ValidityError: one of them says something else, or the end is not after the start.
    """
    first = _date(start, "from")
    last = _date(end, "until")
    if last is not None and _DAY.fullmatch(end.strip()):
        last += timedelta(days=1)
    if first is not None and last is not None and last <= first:
        raise ValidityError(f"until '{end}' is before from '{start}'")
    return Validity(first, last, _weekdays(weekdays), _hours(hours))


def zone(name: str) -> tzinfo | None:
    """Return a time zone by its name in the IANA database, None for an empty one: the machine's own.

    Raises:
        ValidityError: there is none of this name.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValidityError(f"'{name}' is no time zone; write one as Europe/Berlin or America/New_York") from None


def _timestamp(wall: datetime, where: tzinfo | None, *, fold: int) -> float:
    """Return when a clock shows a time, in seconds since 1970: of two moments, the first (`fold` 0) or the second."""
    # The machine's own zone comes as a fixed offset, which may be another one at that time of the year.
    return wall.replace(tzinfo=where if isinstance(where, ZoneInfo) else None, fold=fold).timestamp()


def _date(text: str, name: str) -> datetime | None:
    text = text.strip()
    if not text:
        return None
    try:
        if _DAY.fullmatch(text) or _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ValidityError(f"{name} '{text}' is no date; write 2026-12-31 or 2026-12-31 18:00")


def _weekdays(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in _parts(text):
        first, dash, last = (each.strip() for each in part.partition("-"))
        begin = _weekday(first)
        end = _weekday(last) if dash else begin
        days.update((begin + more) % 7 for more in range((end - begin) % 7 + 1))
    return frozenset(days)


def _weekday(text: str) -> int:
    name = text.lower().rstrip(".")
    for number, full in enumerate(_FULL_NAMES):
        if name == str(number + 1) or (len(name) >= 2 and full.startswith(name)):
            return number
    raise ValidityError(f"weekdays: '{text}' is none; write mon-fri, or mon, wed, sat")


def _hours(text: str) -> tuple[tuple[int, int], ...]:
    periods: list[tuple[int, int]] = []
    for part in _parts(text):
        first, dash, last = part.partition("-")
        start, end = _minute(first), _minute(last)
        if not dash or start is None or end is None or start == _WHOLE_DAY:
            raise ValidityError(f"hours: '{part}' is no period; write 08:00-18:00, or 22:00-06:00")
        periods.append((start, end))
    return tuple(periods)


def _minute(text: str) -> int | None:
    """Return the minute of a day, None if a text is none."""
    match = _HOUR.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= _WHOLE_DAY else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", text.replace("\u2013", "-")) if part.strip()]
