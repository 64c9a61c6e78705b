"""Listed plates, a reading, and what it is on the list at each limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One case.

    Attributes:
        about: what it shows.
        listed: plates of the list.
        read: the best reading.
        exact: the plate that is known at the limit "exact"; otherwise the reason why none is.
        one: the same at one doubtful character.
        two: the same at two.
        candidates: further ones, with their scores.
    """

    about: str
    listed: tuple[str, ...]
    read: str
    exact: str
    one: str
    two: str
    candidates: tuple[tuple[str, float], ...] = ()

    @property
    def result(self) -> dict[str, Any]:
        """Return the reading as a recognizer gives it."""
        listed = [(self.read, 0.6), *self.candidates]
        return {
            "plate": self.read.lower(),
            "score": 0.6,
            "candidates": [{"plate": plate.lower(), "score": score} for plate, score in listed],
        }


NOT = "not listed"
TWICE = "ambiguous"

ROWS = (
    Row("read as it is listed", ("B-AB 123",), "BAB123", "B-AB 123", "B-AB 123", "B-AB 123"),
    Row("separators and case do not count", ("b ab.123",), "BAB123", "b ab.123", "b ab.123", "b ab.123"),
    Row("accents do not count", ("MÜ X 12",), "MUX12", "MÜ X 12", "MÜ X 12", "MÜ X 12"),
    Row("0 for O", ("LO 12 XYZ",), "L012XYZ", NOT, "LO 12 XYZ", "LO 12 XYZ"),
    Row("1 for I", ("KI 234 A",), "K1234A", NOT, "KI 234 A", "KI 234 A"),
    Row("8 for B", ("B-AB 123",), "8AB123", NOT, "B-AB 123", "B-AB 123"),
    Row("S for 5", ("AB 512 C",), "ABS12C", NOT, "AB 512 C", "AB 512 C"),
    Row("Z for 2", ("AB 212 C",), "ABZ12C", NOT, "AB 212 C", "AB 212 C"),
    Row("two look-alikes", ("B-AB 123",), "8A8123", NOT, NOT, "B-AB 123"),
    Row("three look-alikes", ("B-AB 128",), "8A812B", NOT, NOT, NOT),
    Row("another character", ("B-AB 123",), "BAB193", NOT, NOT, "B-AB 123"),
    Row("two other characters", ("B-AB 123",), "BAX193", NOT, NOT, NOT),
    Row("a character is missing", ("B-AB 123",), "AB123", NOT, NOT, "B-AB 123"),
    Row("a character too many", ("B-AB 123",), "BAB1234", NOT, NOT, "B-AB 123"),
    Row("a missing one and a look-alike", ("B-AB 123",), "A8123", NOT, NOT, NOT),
    Row("two neighbours changed places", ("B-AB 123",), "BBA123", NOT, NOT, NOT),
    Row("quite another plate", ("B-AB 123",), "HHXY987", NOT, NOT, NOT),
    Row("the candidate is listed", ("B-AB 123",), "BAB193", NOT, "B-AB 123", "B-AB 123", (("BAB123", 0.3),)),
    Row("the candidate has hardly any score", ("B-AB 123",), "BAB193", NOT, NOT, "B-AB 123", (("BAB123", 0.01),)),
    Row("a near candidate is not what was read", ("AB 123",), "AB193", NOT, "AB 123", "AB 123", (("AB123", 0.59),)),
    Row("a candidate with a character more", ("B-AB 123",), "AB123", NOT, "B-AB 123", "B-AB 123", (("BAB123", 0.2),)),
    Row("a candidate that is a look-alike off", ("B-AB 123",), "BAX128", NOT, NOT, "B-AB 123", (("BAB128", 0.2),)),
    Row("a candidate that is far from what was read", ("B-AB 123",), "HHXY987", NOT, NOT, NOT, (("BAB123", 0.3),)),
    Row("the reading goes before what is like it", ("AB 123", "A8 123"), "AB123", "AB 123", "AB 123", "AB 123"),
    Row("the fewer doubtful characters", ("AB 120", "A8 123"), "AB12O", NOT, "AB 120", "AB 120"),
    Row("two entries are as near", ("AB 123", "AB 128"), "AB12B", NOT, TWICE, TWICE),
    Row("two as near, one cheaper", ("AB 12Q", "AB 120"), "AB12O", NOT, TWICE, TWICE),
    Row("one plate twice", ("AB 123", "A-B123"), "AB123", "AB 123", "AB 123", "AB 123"),
    Row("a pattern", ("B-*",), "BAB123", "B-*", "B-*", "B-*"),
    Row("a pattern with places", ("B-?? 123",), "BAB123", "B-?? 123", "B-?? 123", "B-?? 123"),
    Row("a pattern with too few places", ("B-? 123",), "BAB123", NOT, NOT, NOT),
    Row("a pattern and a look-alike", ("B-*",), "8AB123", NOT, "B-*", "B-*"),
    Row("a pattern and another character", ("B-AB *",), "BXB123", NOT, NOT, NOT),
    Row("the plate goes before the pattern", ("B-*", "B-AB 123"), "BAB123", "B-AB 123", "B-AB 123", "B-AB 123"),
    Row("the narrower pattern", ("B-*", "B-AB *"), "BAB123", "B-AB *", "B-AB *", "B-AB *"),
    Row("two patterns that are as narrow", ("B-*", "*3"), "BAB123", TWICE, TWICE, TWICE),
    Row("a list without entries", (), "BAB123", NOT, NOT, NOT),
    Row("nothing was read", ("B-AB 123",), "", "nothing read", "nothing read", "nothing read"),
)
