"""What several readings of a plate say together."""

from __future__ import annotations

import pytest

from python_worker.tracking.texts import difference, relative
from python_worker.tracking.votes import verdict


def test_a_single_reading_stays_as_it_is() -> None:
    found = verdict([(("kab123", 0.7), ("ka8123", 0.2))])
    assert found.candidates == (("kab123", 0.7), ("ka8123", 0.2))


def test_readings_that_agree_are_likelier_than_each() -> None:
    found = verdict([(("kab123", 0.7),)] * 2)
    assert 0.9 < found.score < 1
    assert found.agreeing == 2


def test_the_score_of_many_readings_stays_below_one() -> None:
    assert verdict([(("kab123", 0.99),)] * 24).score <= 0.999


def test_a_misreading_is_outvoted_even_by_less_certain_readings() -> None:
    found = verdict([(("kab128", 0.9),), (("kab123", 0.75),), (("kab123", 0.75),)])
    assert (found.plate, found.agreeing) == ("kab123", 2)


def test_a_second_candidate_of_all_readings_may_win() -> None:
    found = verdict([(("kab128", 0.5), ("kab123", 0.45)), (("ka8123", 0.5), ("kab123", 0.45))])
    assert found.plate == "kab123"
    assert found.agreeing == 0


def test_a_text_that_nobody_read_may_be_put_together_from_characters() -> None:
    assert verdict([(("xab1234", 0.7),), (("kab7234", 0.7),), (("kab1239", 0.7),)]).plate == "kab1234"


def test_readings_that_lack_a_character_do_not_outvote_whole_ones() -> None:
    assert verdict([(("kab123", 0.9),), (("kab123", 0.9),), (("ab123", 0.8),)]).plate == "kab123"


def test_readings_that_do_not_agree_are_not_certain() -> None:
    assert verdict([(("kab123", 0.8),), (("xyz789", 0.8),)]).score < 0.6


@pytest.mark.parametrize(("a", "b"), [("0ab", "oab"), ("1ab", "iab"), ("8ab", "bab"), ("5ab", "sab"), ("2ab", "zab")])
def test_characters_that_look_alike_differ_less_than_others(a: str, b: str) -> None:
    assert 0 < difference(a, b) < difference("xab", "4ab") <= 1


def test_texts_differ_by_what_must_be_changed() -> None:
    assert difference("kab123", "kab123") == 0
    assert difference("kab123", "kxb193") == 2
    assert difference("kab123", "ab123") == 1
    assert difference("", "") == 0


def test_a_character_counts_more_in_a_short_plate() -> None:
    assert relative("k12", "k19") > relative("kab1234", "kab1934") == 1
