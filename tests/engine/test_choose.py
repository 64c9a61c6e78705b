"""Text that cameras and people write into pictures counts as evidence against a plate; the text of plates does not."""

from __future__ import annotations

import pytest

from python_worker.engine.judge import overlay_penalty


@pytest.mark.parametrize(
    "text",
    [
        "14:05",
        "9:41:07",
        "2026-11-23",
        "23.11.2026",
        "11/23/26",
        "20261123",
        "2.0 TDI",
        "19.99",
        "$ 249.99",
        "4,5%",
        "Camera 1",
        "Ford Transit",
        "© 2026",
        "555 014 2368",
        "(555)014-2368",
        "555-0142",
    ],
)
def test_overlay_text_speaks_against_a_plate(text: str) -> None:
    assert overlay_penalty(text) < 0


@pytest.mark.parametrize(
    "text",
    [
        "KA:PX 482",
        "4A2:3827",
        "BD51 SMR",
        "EX-473-JH",
        "MH 12 DE 1433",
        "KLM-4826",
        "482-61-537",
        "182-D-48261",
        "7EAV482",
        "ABC·1234",
        "48-KL-26",
        "H 20 1234",
        "62A-418.27",
        "59-X3 418.27",
    ],
)
def test_what_plates_say_does_not(text: str) -> None:
    assert overlay_penalty(text) == 0
