"""Keeping secrets out of everything that is shown or passed on."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote

MARK = "…"
"""This replaces a secret."""

_UNMISTAKABLE = 8
"""A secret with at least so many characters is looked for anywhere; "gb" or "1234" may be anything, even a plate."""


class Secrets:
    """Every secret that a request carries, in every form in which a service may repeat it."""

    def __init__(self, tokens: Iterable[str], logins: Iterable[str] = (), queries: Iterable[str] = ()) -> None:
        """Collect secrets.

        Args:
            tokens: texts that are secret as they are.
            logins: "user:password" each: both parts are secret, and so is their form in HTTP's basic authentication.
            queries: of addresses, as written there; their values are secret.
        """
        texts = {*tokens, *_of_logins(logins), *_of_queries(queries)}
        forms = {form for text in texts if text for form in _forms(text)}
        self._long = _pattern(form for form in forms if len(form) >= _UNMISTAKABLE)
        self._short = _pattern((form for form in forms if len(form) < _UNMISTAKABLE), whole=True)
        self._longest = max(map(len, forms), default=0)
        self._numbers = {form for form in forms if form.isdecimal() and len(form) >= _UNMISTAKABLE}

    def hide(self, text: str) -> str:
        """Return a text without secrets, for people."""
        text = self.hide_unmistakable(text)
        return self._short.sub(MARK, text) if self._short else text

    def hide_unmistakable(self, text: str) -> str:
        """Return a text of a result without secrets; short ones stay, because they may be a plate."""
        return self._long.sub(MARK, text) if self._long else text

    def is_number(self, value: float) -> bool:
        """Return whether a number is a secret."""
        return bool(self._numbers) and str(value) in self._numbers

    def excerpt(self, text: str, most: int, searched: int = 65_536) -> str:
        """Return the beginning of a text without secrets, and without the beginning of a secret that is cut off."""
        if len(text) <= searched:
            return self.hide(text)[:most]
        beginning = self.hide(text[:searched])
        return beginning[: max(0, len(beginning) - self._longest)][:most]


def _of_logins(logins: Iterable[str]) -> Iterator[str]:
    for login in logins:
        user, _, password = login.partition(":")
        yield from (user, password)
        for encoding in ("utf-8", "latin-1"):
            basic = base64.b64encode(login.encode(encoding, "replace")).decode()
            # The end of a text's base64 depends on what follows the text.
            yield from (basic, basic.rstrip("="))


def _of_queries(queries: Iterable[str]) -> Iterator[str]:
    for query in queries:
        values = [value for _, value in parse_qsl(query)]
        written = [part.partition("=")[2] or part for part in query.split("&")]
        # Shorter ones are switches and numbers.
        yield from (value for value in (*values, *written) if len(value) > 3)


def _forms(text: str) -> Iterator[str]:
    """Yield the forms that a text may have in URLs, JSON and HTML."""
    for meant in {text, unquote(text)}:
        yield meant
        yield quote(meant, safe="", errors="replace")
        yield quote(meant, errors="replace")
        yield quote_plus(meant, errors="replace")
        yield html.escape(meant)
        yield json.dumps(meant)[1:-1]
        yield json.dumps(meant, ensure_ascii=False)[1:-1]


def _pattern(forms: Iterable[str], *, whole: bool = False) -> re.Pattern[str] | None:
    choice = "|".join(re.escape(form) for form in sorted(set(forms), key=len, reverse=True))
    if not choice:
        return None
    return re.compile(rf"(?<!\w)(?:{choice})(?!\w)" if whole else choice, re.IGNORECASE)
