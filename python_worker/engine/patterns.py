"""Plate formats as regular expressions, expanded to what each position may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from .models import ALPHABET

Positions: TypeAlias = "tuple[frozenset[str], ...]"
"""For each character of a plate, the characters that it may be."""

LONGEST = 12
"""No plate in the world has more characters; open-ended patterns (`+`, `*`) end here."""

# Anybody who may send a picture may send patterns, so the cost of each is bounded.
_LONGEST_PATTERN = 1000
_DEEPEST = 20
_MOST = 2000
_MOST_COMBINED = 100_000
_REPETITION = re.compile(r"\{(\d{1,3})(?:(,)(\d{1,3})?)?\}")
_DIGITS = frozenset("0123456789")
_ALL = frozenset(ALPHABET)
_ESCAPES = {"d": _DIGITS, "w": _ALL, "D": _ALL - _DIGITS}


class PatternError(ValueError):
    """The expression cannot describe a plate's format; the message says where and why."""


def expand(pattern: str) -> list[Positions]:
    r"""Return every sequence of character sets that a pattern allows, the shortest repetition first.

    Understood are letters (of either case) and digits, `.`, `\d`, `\w`, sets and ranges (`[A-HJ-NP]`, `[^IO]`),
    groups, `|`, and the repetitions `?`, `*`, `+`, `{n}`, `{n,m}`. Spaces, hyphens and `^ $` are left out: plates are
    compared without separators.

    Raises:
        PatternError: anything else, or what takes too much: more than 2,000 sequences, 1,000 characters, 20 groups
            within each other.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise PatternError(
            f"'{pattern[:20]}…' is not a plate format: it is longer than {_LONGEST_PATTERN} characters; "
            "give several shorter ones"
        )
    parser = _Parser(pattern)
    sequences = parser.alternatives()
    if parser.position < len(pattern):
        raise parser.error("a closing bracket without an opening one")
    plates = [sequence for sequence in sequences if sequence]
    if not plates:
        raise parser.error(f"it allows no plate of 1 to {LONGEST} letters and digits")
    return plates


@dataclass
class _Parser:
    """A pattern, the position in it, the depth of groups there, and how many sequences were tried so far."""

    pattern: str
    position: int = 0
    depth: int = 0
    combined: int = 0

    def error(self, reason: str) -> PatternError:
        return PatternError(f"'{self.pattern}' is not a plate format: {reason} at character {self.position + 1}")

    def peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise self.error("it ends too early")
        self.position += 1
        return character

    def alternatives(self) -> list[Positions]:
        found = self.sequence()
        while self.peek() == "|":
            self.take()
            found += self.sequence()
        return self.limited(found)

    def sequence(self) -> list[Positions]:
        found: list[Positions] = [()]
        while self.peek() not in ("", "|", ")"):
            found = self.joined(found, self.repeated(self.atom()))
        return found

    def joined(self, left: list[Positions], right: list[Positions]) -> list[Positions]:
        self.combined += len(left) * len(right)
        if self.combined > _MOST_COMBINED:
            raise self.error("it combines too many alternatives")
        return self.limited([first + second for first, second in product(left, right)])

    def limited(self, sequences: list[Positions]) -> list[Positions]:
        sequences = [sequence for sequence in dict.fromkeys(sequences) if len(sequence) <= LONGEST]
        if len(sequences) > _MOST:
            raise self.error(f"it allows more than {_MOST} sequences of letters and digits")
        return sequences

    def atom(self) -> list[Positions]:
        character = self.take()
        if character == "(":
            if self.pattern.startswith("?:", self.position):
                self.position += 2
            self.depth += 1
            if self.depth > _DEEPEST:
                raise self.error(f"more than {_DEEPEST} groups within each other")
            found = self.alternatives()
            self.depth -= 1
            if self.take() != ")":
                raise self.error("a group that is not closed")
            return found
        if character == "[":
            return [(self.set(),)]
        if character == ".":
            return [(_ALL,)]
        if character in "^$- ":
            return [()]
        return [(self.single(character),)]

    def single(self, character: str) -> frozenset[str]:
        if character == "\\":
            name = self.take()
            if name in _ESCAPES:
                return _ESCAPES[name]
            raise self.error(f"'\\{name}' is not understood")
        if character.upper() not in _ALL:
            raise self.error(f"'{character}' is not understood")
        return frozenset(character.upper())

    def set(self) -> frozenset[str]:
        negated = self.peek() == "^"
        if negated:
            self.take()
        members: frozenset[str] = frozenset()
        while (character := self.take()) != "]":
            first = self.single(character)
            if self.peek() == "-" and not self.pattern.startswith("]", self.position + 1):
                self.take()
                first = self.range(first, self.single(self.take()))
            members |= first
        members = _ALL - members if negated else members
        if not members:
            raise self.error("an empty set")
        return members

    def range(self, first: frozenset[str], last: frozenset[str]) -> frozenset[str]:
        if len(first) != 1 or len(last) != 1 or min(first) > min(last):
            raise self.error("a range that is not one")
        return frozenset(c for c in ALPHABET if min(first) <= c <= min(last))

    def repeated(self, part: list[Positions]) -> list[Positions]:
        least, most = self.repetition()
        repeats: list[Positions] = [()]
        for _ in range(least):
            repeats = self.joined(repeats, part)
        found = repeats
        for _ in range(least, most):
            repeats = self.joined(repeats, part)
            found = self.limited(found + repeats)
        return found

    def repetition(self) -> tuple[int, int]:
        simple = {"?": (0, 1), "*": (0, LONGEST), "+": (1, LONGEST)}
        if self.peek() in simple and self.peek():
            return simple[self.take()]
        if self.peek() != "{":
            return 1, 1
        match = _REPETITION.match(self.pattern, self.position)
        if match is None:
            raise self.error("a repetition that is not '{n}', '{n,}' or '{n,m}'")
        self.position = match.end()
        least, comma, most = match.groups()
        bounds = int(least), int(most) if most else LONGEST if comma else int(least)
        if bounds[0] > bounds[1] or bounds[1] > LONGEST:
            raise self.error(f"a repetition that is not within 0 to {LONGEST}")
        return bounds
