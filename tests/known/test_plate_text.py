"""Texts of plates as they are compared."""

from __future__ import annotations

import pytest

from python_worker.plate_text import PlateTextError, normalised


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("b-ab 123", "BAB123"),
        (" B·AB\u201312.3 ", "BAB123"),
        ("MÜ XY 12", "MUXY12"),
        ("MU\u0308 XY 12", "MUXY12"),
        ("ĐØ 12", "DO12"),
        ("\u0410123\u0412\u0421 77", "A123BC77"),
        ("\u0430123\u0432\u0441 77", "A123BC77"),
        ("\u03a5\u0396\u0397-1234", "YZH1234"),
        ("粤B·12345", "B12345"),
        ("品川 300 あ 12-34", "3001234"),
        ("\uff21\uff22\uff11\uff12", "AB12"),
        ("---", ""),
    ],
)
def test_case_separators_accents_and_scripts_do_not_matter(text: str, plate: str) -> None:
    assert normalised(text) == plate


@pytest.mark.parametrize("letter", ["\u0416", "Ω", "ก", "Æ", "م"])
def test_a_letter_that_no_reading_has_is_not_left_out_in_silence(letter: str) -> None:
    with pytest.raises(PlateTextError, match=r"is no letter or digit of a reading: put \? in its place"):
        normalised(f"{letter}123")


def test_wildcards_stay_where_they_are_asked_for() -> None:
    assert normalised("b-?? 1*", "?*") == "B??1*"
    assert normalised("b-?? 1*") == "B1"
