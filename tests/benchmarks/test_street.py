"""How results are counted in pictures with several plates, and how two runs are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .plates.record import differences
from .plates.street import Score, is_street, score, street_photographs
from .plates.vehicles import vehicle_figures


def _score(tmp_path: Path, plates: str, *texts: str) -> Score:
    (tmp_path / "labels.tsv").write_text(f"file\tcategory\tregion\tplates\none.jpg\tplain\tde+at\t{plates}\n", "utf-8")
    return score(street_photographs(tmp_path)[0], texts)


def test_a_picture_has_the_regions_of_all_its_plates_and_none_if_they_are_unknown(tmp_path: Path) -> None:
    rows = "file\tcategory\tregion\tplates\na.jpg\tplain\tde+at\tB1\nb.jpg\tno-plate\tunknown\t\n"
    (tmp_path / "labels.tsv").write_text(rows, "utf-8")
    assert is_street(tmp_path)
    first, second = street_photographs(tmp_path)
    assert first.regions == ("de", "at")
    assert first.path == tmp_path / "images" / "a.jpg"
    assert second.regions == ()
    assert second.labels == ()


def test_every_plate_of_a_picture_counts(tmp_path: Path) -> None:
    found = _score(tmp_path, "BAB123,KXY77", "kxy77")
    assert (found.exact, found.missed, found.false) == (["KXY77"], ["BAB123"], [])


def test_o_and_0_are_alike_in_the_lenient_count_alone(tmp_path: Path) -> None:
    found = _score(tmp_path, "BOB120", "B0B12O")
    assert (found.exact, found.lenient, found.missed, found.false) == ([], ["BOB120"], [], [])


def test_each_of_two_accepted_spellings_is_exact(tmp_path: Path) -> None:
    assert _score(tmp_path, "19876^9876", "9876").exact == ["19876"]


def test_a_text_near_a_missed_plate_is_a_misreading_and_any_other_is_text_as_plate(tmp_path: Path) -> None:
    found = _score(tmp_path, "BAB123", "BXB723", "BABI23X", "OPEN24")
    assert (found.misread, found.elsewhere) == (["BXB723", "BABI23X"], ["OPEN24"])


def test_a_part_of_a_missed_plate_is_a_misreading(tmp_path: Path) -> None:
    assert _score(tmp_path, "BAB1234567", "1234").misread == ["1234"]


def test_a_text_near_a_plate_that_was_read_as_well_is_text_as_plate(tmp_path: Path) -> None:
    found = _score(tmp_path, "BAB123", "BAB123", "BAB124")
    assert (found.exact, found.misread, found.elsewhere) == (["BAB123"], [], ["BAB124"])


def test_a_plate_that_is_not_fully_legible_does_not_count_and_excuses_one_text(tmp_path: Path) -> None:
    found = _score(tmp_path, "BAB1***?", "BAB1987", "BAB1986")
    assert (found.exact, found.missed, found.misread, found.elsewhere) == ([], [], [], ["BAB1986"])


def test_two_runs_differ_in_the_plates_won_and_lost_and_in_the_figures() -> None:
    def run(right: list[str], false: list[str], exact: float) -> dict[str, Any]:
        reading = {"image": "a.jpg", "right": right, "false": false}
        return {"folders": {"street": {"figures": {"all": {"exact": exact}}, "readings": [reading]}}, "ratios": {}}

    lines = [" ".join(line.split()) for line in differences(run(["B1"], ["X9"], 0.5), run(["C2"], [], 0.75))]
    assert lines[1:] == [
        "won a.jpg: C2",
        "lost a.jpg: B1",
        "no longer false a.jpg: X9",
        "figure old new new/old",
        "street all exact 0.500 0.750 1.50",
    ]


def test_vehicles_are_counted_by_type_and_those_that_are_unknown_are_none() -> None:
    vehicles = [{"type": "Car", "score": 0.9}, {"type": "Bus", "score": 0.7}, {"type": "Unknown", "score": 0.0}]
    assert vehicle_figures([{"vehicle": one} for one in vehicles]) == {
        "plates": 3,
        "with_vehicle": 2,
        "types": {"Car": 1, "Bus": 1},
        "median_score": 0.8,
    }
