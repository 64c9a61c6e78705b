"""The formats decide where the recogniser is in doubt, and only there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from python_worker.engine.formats import formats_for
from python_worker.engine.match import match
from python_worker.engine.models import ALPHABET


def _output(*characters: dict[str, float]) -> npt.NDArray[np.float32]:
    """Return the recogniser's log-probabilities for characters with blanks between: what each may be, how likely."""
    rows = []
    for character in characters:
        row = np.full(1 + len(ALPHABET), 1e-4)
        for one, probability in character.items():
            row[1 + ALPHABET.index(one)] = probability
        row[0] = max(1e-4, 1 - sum(character.values()))
        blank = np.full(1 + len(ALPHABET), 1e-4)
        blank[0] = 1
        rows += [row, blank]
    return np.asarray(np.log(np.array(rows)), np.float32)


def _seen(text: str) -> list[dict[str, float]]:
    return [{one: 0.999} for one in text]


def test_a_look_alike_is_what_the_format_has_there() -> None:
    seen = _output(*_seen("8RA2E19"))
    assert match(seen, formats_for(("br",)))[0].plate == "BRA2E19"


def test_the_less_likely_character_wins_where_only_it_is_allowed() -> None:
    seen = _output(*_seen("BD5"), {"I": 0.6, "1": 0.3}, *_seen("SMR"))
    assert [one.plate for one in match(seen, formats_for(("gb",)))][:1] == ["BD51SMR"]


def test_a_seal_that_was_read_as_a_character_is_left_out() -> None:
    seen = _output(*_seen("KLM"), {"Q": 0.5, "O": 0.2}, *_seen("4826"))
    assert match(seen, formats_for(("br",), strict=True))[0].plate == "KLM4826"


@pytest.mark.parametrize("text", ["KL482615", "DL1N4268", "59XA48261"])
def test_a_rare_format_is_not_crowded_out_by_many_that_lack_a_character(text: str) -> None:
    assert match(_output(*_seen(text)), formats_for(()))[0].plate == text


def test_what_is_clearly_read_stays_where_no_format_fits() -> None:
    seen = _output(*_seen("XKP4XKP4XKP4"))
    best = match(seen, formats_for(("gb",)))[0]
    assert (best.plate, best.format) == ("XKP4XKP4XKP4", None)


def test_strictly_there_are_no_texts_but_those_of_formats() -> None:
    seen = _output(*_seen("XKP4XKP4XKP4"))
    assert all(candidate.format for candidate in match(seen, formats_for(("gb",), strict=True)))


def test_candidates_are_different_texts_best_first() -> None:
    candidates = match(_output(*_seen("BD51SMR")), formats_for(()))
    scores = [candidate.score for candidate in candidates]
    assert candidates[0].plate == "BD51SMR"
    assert scores == sorted(scores, reverse=True)
    assert len({candidate.plate for candidate in candidates}) == len(candidates) > 1


def test_nothing_was_read() -> None:
    assert match(_output({}, {}), formats_for(())) == []
