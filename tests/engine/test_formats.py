"""The plates' formats: valid data, complete, and chosen by the caller's regions."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from python_worker.engine import PatternError
from python_worker.engine.formats import formats_for
from python_worker.engine.patterns import LONGEST, expand
from python_worker.engine.regions import known_regions

PROMISED = {
    "": "ad al am at az ba be bg by ch cy cz de dk ee es fi fo fr gb ge gg gi gr hr hu ie im is it je li lt lu lv mc "
    "md me mk mt nl no pl pt ro rs ru se si sk sm tr ua va xk ae ar br cl co il in mx nz pe za",
    "us-": "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh "
    "ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc",
    "ca-": "ab bc mb nb nl ns nt nu on pe qc sk yt",
    "au-": "act nsw nt qld sa tas vic wa",
}
"""The parts of region codes by what they begin with."""


def _resource(name: str) -> Any:
    return json.loads(files("python_worker.engine").joinpath(name).read_text("utf-8"))


def test_the_data_is_valid() -> None:
    schema = _resource("formats.schema.json")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(_resource("formats.json"))


def test_all_promised_regions_are_there() -> None:
    promised = [f"{country}{part}" for country, parts in PROMISED.items() for part in parts.split()]
    assert [code for code in promised if code not in known_regions()] == []


@pytest.mark.parametrize("code", sorted(known_regions()))
def test_every_pattern_can_be_used(code: str) -> None:
    for entry in known_regions()[code]["formats"]:
        for positions in expand(entry["pattern"]):
            assert 1 <= len(positions) <= LONGEST
            text = "".join(sorted(position)[0] for position in positions)
            assert re.fullmatch(entry["pattern"], text)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.data())
def test_a_text_of_a_regions_format_is_told_to_be_of_that_region(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(known_regions())))
    pattern = data.draw(st.sampled_from([entry["pattern"] for entry in known_regions()[code]["formats"]]))
    positions = data.draw(st.sampled_from(expand(pattern)))
    text = "".join(data.draw(st.sampled_from(sorted(position))) for position in positions)
    assert formats_for((code,)).regions(text)[code] > 0


def test_known_examples_belong_to_their_regions() -> None:
    for text, code in (("BD51SMR", "gb"), ("BRA2E19", "br"), ("MH12DE1433", "in"), ("7EAV482", "us-ca")):
        regions = formats_for(()).regions(text)
        assert max(regions, key=lambda one: regions[one]) == code
        assert sum(regions.values()) == pytest.approx(1)


def test_regions_guide_but_do_not_shut_out_others() -> None:
    everywhere, asked = formats_for(()).regions("AYO9034"), formats_for(("br",)).regions("AYO9034")
    assert everywhere["br"] < asked["br"]
    assert asked["br"] > 0.8
    assert formats_for(("br",)).regions("BD51SMR")["gb"] > 0.5


def test_a_part_of_a_country_means_the_country_and_a_country_all_its_parts() -> None:
    assert formats_for(("br-sp",)).regions("AYO9034") == formats_for(("br",)).regions("AYO9034")
    assert formats_for(("US",)).regions("7EAV482")["us-ca"] > formats_for(()).regions("7EAV482")["us-ca"]


def test_strict_regions_leave_out_all_others() -> None:
    strict = formats_for(("br",), strict=True)
    assert strict.regions("BD51SMR") == {}
    assert strict.regions("AYO9034") == {"br": pytest.approx(1)}


def test_a_region_without_known_formats_guides_nowhere_and_strictly_allows_nothing() -> None:
    assert formats_for(("xx",)).regions("BD51SMR") == pytest.approx(formats_for(()).regions("BD51SMR"))
    assert formats_for(("xx",), strict=True).regions("BD51SMR") == {}


def test_a_text_format_adds_to_what_is_expected() -> None:
    assert all(len(group.formats[0].positions) != 10 for group in formats_for(("br",), strict=True).by_length.values())
    added = formats_for(("br",), ("GATE[0-9]{6}",), strict=True)
    assert "".join(sorted(position)[0] for position in added.by_length[10].formats[0].positions) == "GATE000000"


@pytest.mark.parametrize("pattern", ["[A-Z", "(AB", "A{3,1}", "A{99}", "*", "[Z-A]", "", "A)", "(?=A)", "[^A-Z0-9]"])
def test_a_pattern_that_cannot_be_used_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"\w+ \w+"):
        formats_for((), (pattern,))


@pytest.mark.parametrize(
    "pattern", ["(A|B){12}", "(A|B|C|D|E|F){5}", "(A|B){9}" * 9, "(A?B?C?D?E?F?G?){12}", "(" * 500, "A" * 5000]
)
def test_a_pattern_that_would_take_too_much_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(PatternError, match=r"than|too many"):
        formats_for((), (pattern,))


def test_repetitions_of_repetitions_are_no_more_than_their_sequences() -> None:
    lengths = [len(positions) for positions in expand("(([A-Z]{1,12}){1,12}){1,12}")]
    assert lengths == list(range(1, LONGEST + 1))


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.text("AZ09az[]()|{}?*+,.^$-\\dw ß\n", max_size=30))
def test_every_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        sequences = expand(text)
    except PatternError:
        return
    assert all(1 <= len(positions) <= LONGEST for positions in sequences)


_PATTERNS = st.recursive(
    st.sampled_from(["A", "b", "7", "[A-C]", "[^A-C]", "[A7]+", ".", r"\d", r"\D", r"\w"]),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map("".join),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(part, st.sampled_from(["?", "{2}", "{1,3}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(_PATTERNS, st.text("ABC7D", min_size=1, max_size=4))
def test_a_pattern_allows_what_the_regular_expression_does(pattern: str, text: str) -> None:
    try:
        sequences = expand(pattern)
    except PatternError as error:
        assume("too many" not in str(error) and "more than" not in str(error))
        raise
    allowed = any(
        len(positions) == len(text) and all(one in position for one, position in zip(text, positions, strict=True))
        for positions in sequences
    )
    assert allowed == bool(re.fullmatch(pattern, text, re.IGNORECASE))
