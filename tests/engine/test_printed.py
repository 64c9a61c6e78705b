"""`plate_text`: the plate as printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.engine.models import ALPHABET, in_alphabet
from python_worker.engine.printed import printed


@pytest.mark.parametrize(
    ("seen", "plate", "text"),
    [
        ("B NO 1234", "BNO1234", "B NO 1234"),
        ("BN O 1234", "BNO1234", "BN O 1234"),
        ("PK-014-T", "PK014T", "PK-014-T"),
        ("30A-123.45", "30A12345", "30A-123·45"),
        ("LÖ:AB 12", "LOAB12", "LÖ·AB 12"),
        ("沪A·F7201", "AF7201", "沪A·F7201"),
        ("A1234警", "A1234", "A1234警"),
    ],
)
def test_a_plate_is_written_as_it_is_printed(seen: str, plate: str, text: str) -> None:
    assert printed(seen, plate) == text


@pytest.mark.parametrize(
    ("seen", "plate", "text"),
    [
        ("AB-O12-CD", "AB012CD", "AB-012-CD"),  # A letter where the format has a digit.
        ("D KA 1213", "KA1213", "KA 1213"),  # The band.
        ("KA o 1213", "KA1213", "KA 1213"),  # A seal.
        ("19n7654.", "197654", "197654"),  # A sign that the recogniser does not know, and a screw.
        ("KA 1213", "KAA1213", "KAA 1213"),  # Two like characters that were seen as one.
    ],
)
def test_what_is_none_of_the_plates_is_left_out_and_what_is_misread_mended(seen: str, plate: str, text: str) -> None:
    assert printed(seen, plate) == text


@given(st.text("ABCÖÄ019abz -.·:沪警|#", max_size=16), st.text(ALPHABET, min_size=1, max_size=10))
def test_the_text_is_the_plate_whatever_was_seen(seen: str, plate: str) -> None:
    known = [in_alphabet(one) for one in printed(seen, plate)]
    assert "".join(one for one in known if one) == plate
