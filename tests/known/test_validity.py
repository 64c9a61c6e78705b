"""When an entry counts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from python_worker.known.validity import ValidityError, validity, zone

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, where: ZoneInfo = BERLIN, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=where, fold=fold)


@pytest.mark.parametrize(
    ("start", "end", "moment", "refusal"),
    [
        ("2026-03-01", "", "2026-02-28 23:59", "not yet valid"),
        ("2026-03-01", "", "2026-03-01 00:00", None),
        ("", "2026-03-31", "2026-03-31 23:59", None),
        ("", "2026-03-31", "2026-04-01 00:00", "expired"),
        ("", "2026-03-31 18:00", "2026-03-31 17:59", None),
        ("", "2026-03-31T18:00", "2026-03-31 18:00", "expired"),
        ("2026-03-01", "2026-03-01", "2026-03-01 12:00", None),
    ],
)
def test_an_entry_counts_from_the_first_day_to_the_end_of_the_last(
    start: str, end: str, moment: str, refusal: str | None
) -> None:
    assert validity(start, end).refusal(at(moment)) == refusal


@pytest.mark.parametrize(
    ("weekdays", "days"),
    [
        ("mon-fri", "01234"),
        ("sat, sun", "56"),
        ("Mo,Tu;we", "012"),
        ("Friday-Monday", "4560"),
        ("1-5", "01234"),
        ("7", "6"),
        ("sun.", "6"),
        ("mon\u2013wed", "012"),
        ("", "0123456"),
    ],
)
def test_weekdays_are_lists_and_ranges(weekdays: str, days: str) -> None:
    monday = at("2026-11-23 12:00")
    counts = [str(n) for n in range(7) if validity(weekdays=weekdays).refusal(monday + timedelta(days=n)) is None]
    assert sorted(counts) == sorted(days)


@pytest.mark.parametrize(
    ("hours", "moment", "counts"),
    [
        ("08:00-18:00", "07:59", False),
        ("08:00-18:00", "08:00", True),
        ("08:00-18:00", "17:59", True),
        ("08:00-18:00", "18:00", False),
        ("8-18", "08:00", True),
        ("8-12, 13:00-17:30", "12:30", False),
        ("8-12, 13:00-17:30", "17:29", True),
        ("22:00-06:00", "23:00", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "06:00", False),
        ("18:00-24:00", "23:59", True),
        ("0-24", "00:00", True),
        ("12-12", "00:00", True),
    ],
)
def test_hours_are_periods_also_past_midnight(hours: str, moment: str, counts: bool) -> None:
    refusal = validity(hours=hours).refusal(at(f"2026-11-25 {moment}"))
    assert refusal == (None if counts else "not at this hour")


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        ("2026-11-27 21:59", "not at this hour"),
        ("2026-11-27 22:00", None),
        ("2026-11-28 05:59", None),
        ("2026-11-28 06:00", "not at this hour"),
        ("2026-11-28 22:00", "not on this weekday"),
        ("2026-11-27 05:00", "not on this weekday"),
    ],
)
def test_a_night_has_the_weekday_on_which_it_begins(moment: str, refusal: str | None) -> None:
    assert validity(weekdays="fri", hours="22:00-06:00").refusal(at(moment)) == refusal


def test_the_clock_of_the_zone_counts() -> None:
    moment = datetime(2026, 7, 1, 6, 30, tzinfo=timezone.utc)
    assert validity(hours="8-18").refusal(moment.astimezone(zone("Europe/Berlin"))) is None
    assert validity(hours="8-18").refusal(moment.astimezone(zone("Europe/London"))) == "not at this hour"


def test_when_the_clock_goes_back_an_end_is_the_second_time_that_it_shows_and_a_start_the_first() -> None:
    ends, starts = validity(end="2026-10-25 02:30"), validity(start="2026-10-25 02:30")
    assert [ends.refusal(at("2026-10-25 02:29", fold=fold)) for fold in (0, 1)] == [None, None]
    assert [ends.refusal(at("2026-10-25 02:31", fold=fold)) for fold in (0, 1)] == [None, "expired"]
    assert [starts.refusal(at("2026-10-25 02:29", fold=fold)) for fold in (0, 1)] == ["not yet valid", None]
    assert [starts.refusal(at("2026-10-25 02:31", fold=fold)) for fold in (0, 1)] == [None, None]


def test_when_the_clock_goes_forward_the_hours_around_the_gap_are_as_long_as_the_clock_says() -> None:
    counts = validity(hours="01:30-03:30")
    before, after = datetime(2026, 3, 29, 0, 59, tzinfo=timezone.utc), datetime(2026, 3, 29, 1, 0, tzinfo=timezone.utc)
    assert [counts.refusal(one.astimezone(BERLIN)) for one in (before, after)] == [None, None]
    assert counts.refusal(datetime(2026, 3, 29, 1, 30, tzinfo=timezone.utc).astimezone(BERLIN)) == "not at this hour"


def test_a_day_that_begins_without_a_midnight_begins_with_its_first_moment() -> None:
    where = ZoneInfo("America/Asuncion")  # On 2023-10-01, the clock went from 00:00 to 01:00.
    starts = validity(start="2023-10-01")
    last = datetime(2023, 10, 1, 3, 59, 59, tzinfo=timezone.utc)
    assert starts.refusal(last.astimezone(where)) == "not yet valid"
    assert starts.refusal((last + timedelta(seconds=1)).astimezone(where)) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no variable TZ")
def test_without_a_zone_the_machines_clock_counts_with_its_summer_time() -> None:
    code = (
        "from datetime import datetime, timezone\n"
        "from python_worker.known.validity import validity\n"
        "now = datetime(2026, 7, 1, 6, 30, tzinfo=timezone.utc).astimezone()\n"
        "print(validity(hours='8-9').refusal(now), validity(start='2026-12-01 07:30').refusal(now))\n"
        "winter = datetime(2026, 12, 1, 6, 30, tzinfo=timezone.utc)\n"
        "print(validity(start='2026-12-01 07:30').refusal(winter.astimezone()))\n"
        "print(validity(start='2026-12-01 07:31').refusal(winter.astimezone()))\n"
    )
    environment = {**os.environ, "TZ": "Europe/Berlin"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["None not yet valid", "None", "not yet valid"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"start": "31.12.2026"}, "from '31.12.2026' is no date; write 2026-12-31 or 2026-12-31 18:00"),
        ({"end": "2026-02-30"}, "until '2026-02-30' is no date"),
        ({"end": "20261231"}, "until '20261231' is no date"),
        ({"start": "2026-05-01", "end": "2026-04-30"}, "until '2026-04-30' is before from '2026-05-01'"),
        ({"weekdays": "mon-fry"}, "weekdays: 'fry' is none; write mon-fri, or mon, wed, sat"),
        ({"weekdays": "t"}, "weekdays: 't' is none"),
        ({"weekdays": "8"}, "weekdays: '8' is none"),
        ({"hours": "8"}, "hours: '8' is no period; write 08:00-18:00, or 22:00-06:00"),
        ({"hours": "8-25"}, "hours: '8-25' is no period"),
        ({"hours": "8:60-9"}, "hours: '8:60-9' is no period"),
        ({"hours": "24:00-8"}, "hours: '24:00-8' is no period"),
    ],
)
def test_what_is_no_time_is_refused_with_how_to_write_it(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValidityError) as caught:
        validity(**fields)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("name", ["Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValidityError, match="is no time zone; write one as Europe/Berlin"):
        zone(name)
