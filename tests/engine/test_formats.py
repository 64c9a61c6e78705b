"""The plates' formats: valid data, complete, and chosen by the caller's regions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
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
    "md me mk mt nl no pl pt ro rs ru se si sk sm tr ua va xk ae ar br cl co il in mx nz pe za cn vn kr jp th my sg hk "
    "mo id ph kz kg uz sa eg ma tn ir tw",
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


EXAMPLES = [
    ("ae", "K81482"),
    ("ar", "AE123KL"),
    ("am", "34KL482"),
    ("az", "10KL482"),
    ("bd", "142615"),
    ("by", "AK48267"),
    ("cl", "KLPR48"),
    ("cn", "A12345"),
    ("cn", "A1B23C"),
    ("cn", "AD12345"),
    ("cn", "A12345F"),
    ("cn", "B4826"),
    ("co", "KLM48N"),
    ("cu", "P482615"),
    ("dz", "0482611516"),
    ("ec", "KL482M"),
    ("eg", "4826"),
    ("es", "C4826BCD"),
    ("ge", "KL482MN"),
    ("gh", "GR482615"),
    ("hk", "KL4826"),
    ("hk", "KL4"),
    ("id", "B4826KLM"),
    ("id", "AB4826KL"),
    ("il", "48261537"),
    ("iq", "22A48261"),
    ("ir", "1234567"),
    ("jm", "4826KL"),
    ("jo", "1448261"),
    ("jp", "3301234"),
    ("jp", "33012"),
    ("ke", "KCD482L"),
    ("kg", "01482KLM"),
    ("kh", "2AB4826"),
    ("kr", "124826"),
    ("kr", "1234826"),
    ("kw", "1448261"),
    ("kz", "482KLM02"),
    ("la", "4826"),
    ("lb", "B482615"),
    ("lk", "CAB4826"),
    ("ma", "482616"),
    ("me", "BRKL482"),
    ("me", "BRKL48"),
    ("mm", "9L4826"),
    ("mn", "4826"),
    ("mo", "MK4826"),
    ("mx", "KLM482A"),
    ("my", "WKL4826"),
    ("my", "W4826K"),
    ("mz", "KLM482MP"),
    ("na", "N48261W"),
    ("ng", "KLM482AB"),
    ("nl", "AA48"),
    ("np", "124826"),
    ("om", "4826KL"),
    ("pe", "48265A"),
    ("ph", "KLM4826"),
    ("ph", "482KLM"),
    ("pk", "LEA154826"),
    ("pl", "W0KLM"),
    ("qa", "482615"),
    ("ro", "B048261"),
    ("ru", "4826AK77"),
    ("ru", "AK482677"),
    ("sa", "4826KLD"),
    ("sa", "KLD4826"),
    ("se", "SNOWDAY"),
    ("sg", "SKL4826X"),
    ("sy", "482615"),
    ("th", "14826"),
    ("th", "4826"),
    ("tj", "4826KL01"),
    ("tm", "KL4826AG"),
    ("tn", "1824826"),
    ("tw", "KLM3826"),
    ("tz", "T482KLM"),
    ("ua", "82615KA"),
    ("ug", "UKL482M"),
    ("us-fl", "SNOWDAY"),
    ("uz", "01K482LM"),
    ("uz", "01482KLM"),
    ("vn", "51F48261"),
    ("vn", "51F4826"),
    ("vn", "59X348261"),
    ("vn", "59X34826"),
    ("vn", "59XA48261"),
    ("zm", "KLM4826"),
    ("zw", "KLM4826"),
]
"""Invented texts, what `plate` holds of them, of formats that the regions publish."""


@pytest.mark.parametrize(("code", "text"), EXAMPLES)
def test_a_published_format_is_known(code: str, text: str) -> None:
    assert code in formats_for((code,), strict=True).regions(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [("cn", "I12345"), ("cn", "AABCDE"), ("vn", "59W348261"), ("hk", "QL4826"), ("tw", "KLM4826"), ("sa", "4826KLM")],
)
def test_letters_and_digits_that_a_region_does_not_use_are_no_plate_there(code: str, text: str) -> None:
    assert code not in formats_for((code,), strict=True).regions(text)


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


_ASK_A_COPY = """
import json, sys
from python_worker.api.app import _REGIONS
from python_worker.engine.formats import formats_for
from python_worker.engine.region import region
from python_worker.engine.regions import known_regions
sys.path.append(sys.argv[1])
from tests.engine.test_region import _read
fits = formats_for(("qq",)).regions("QQ48261K")
print(json.dumps({
    "known": known_regions()["qq"]["name"],
    "listed": {"code": "qq", "name": "Nowhere at all"} in _REGIONS,
    "fits": max(fits, key=fits.get),
    "told": region(_read("QQ48261K"), formats_for(()))[0],
    "by_band": region(_read("KLM482", "QX KLM 482"), formats_for(()))[0],
    "by_name": region(_read("KLM482", "KLM 482", ("NOWHERE AT ALL",)), formats_for(()))[0],
}))
"""


def test_an_entry_is_all_that_a_new_region_needs(tmp_path: Path) -> None:
    checkout = Path(str(files("python_worker"))).parent
    shutil.copytree(
        checkout / "python_worker", tmp_path / "python_worker", ignore=shutil.ignore_patterns("*.onnx", "__pycache__")
    )
    data = tmp_path / "python_worker/engine/formats.json"
    content = json.loads(data.read_text("utf-8"))
    content["regions"]["qq"] = {
        "name": "Nowhere at all",
        "source": "https://example.org/",
        "vehicles": 5,
        "shape": "long",
        "band": ["QX"],
        "formats": [{"pattern": "QQ[0-9]{5}[A-Z]", "weight": 1, "note": "invented"}],
    }
    Draft202012Validator(_resource("formats.schema.json")).validate(content)
    data.write_text(json.dumps(content), "utf-8")
    command = [sys.executable, "-c", _ASK_A_COPY, str(checkout)]
    answer = json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout)
    assert answer == {
        "known": "Nowhere at all",
        "listed": True,
        "fits": "qq",
        "told": "qq",
        "by_band": "qq",
        "by_name": "qq",
    }


@pytest.mark.parametrize("text", ["README.md", "docs/engine.md", "docs/server.md"])
def test_no_text_counts_the_regions(text: str) -> None:
    checkout = Path(str(files("python_worker"))).parent
    counts = re.findall(r"\b\d+ (?:regions|countries)\b", (checkout / text).read_text("utf-8"))
    assert counts == []


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
