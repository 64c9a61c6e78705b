"""How far two texts of plates are from each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.confusable import UNLIKE, Difference, cost, differences, distance, doubtful
from python_worker.plate_text import ALPHABET

_TEXTS = st.text(ALPHABET, max_size=9)


@pytest.mark.parametrize("pair", ["0O", "1I", "8B", "5S", "2Z", "6G", "4A", "0Q", "0D", "7T", "17", "UV", "MN", "38"])
def test_characters_that_are_easily_taken_for_each_other_cost_less(pair: str) -> None:
    assert 0 < cost(pair[0], pair[1]) < UNLIKE
    assert cost(pair[0], pair[1]) == cost(pair[1], pair[0])


def test_what_one_typeface_draws_alike_costs_the_least() -> None:
    assert cost("0", "O") < cost("2", "Z") < cost("8", "3") < cost("X", "4") == UNLIKE


@given(st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_every_cost_is_between_none_and_that_of_unlike_characters(one: str, other: str) -> None:
    assert 0 <= cost(one, other) <= UNLIKE
    assert (cost(one, other) == 0) == (one == other)


@given(_TEXTS, _TEXTS)
def test_the_distance_does_not_depend_on_which_text_comes_first(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert doubtful(one, other) == doubtful(other, one)


@given(_TEXTS, _TEXTS)
def test_the_differences_make_one_text_the_other(one: str, other: str) -> None:
    rest, made = 0, ""
    for difference in differences(one, other):
        made += one[rest : difference.at] + difference.other
        assert one[difference.at : difference.at + len(difference.one)] == difference.one
        rest = difference.at + len(difference.one)
    assert made + one[rest:] == other
    assert distance(one, other) == pytest.approx(sum(difference.cost for difference in differences(one, other)))


def test_a_character_taken_for_one_like_it_counts_as_one_doubtful_character() -> None:
    assert differences("BAB1Z34", "8AB1234") == (Difference(0, "B", "8", 0.2), Difference(4, "Z", "2", 0.4))
    assert doubtful("BAB1Z34", "8AB1234") == 2


@pytest.mark.parametrize("other", ["BAB134", "BAB12Y34", "BABX234"])
def test_a_missing_an_additional_and_an_unlike_character_count_as_two_doubtful_characters(other: str) -> None:
    assert (distance("BAB1234", other), doubtful("BAB1234", other)) == (UNLIKE, 2)
