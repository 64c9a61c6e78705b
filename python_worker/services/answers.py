"""Reads a service's answer: makes it fit to be passed on, or turns it into a failure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urljoin

from ..errors import NotTheApiError, RefusedError
from ..schemas import Schema, complaint
from .account import Account
from .address import shown
from .failures import proxy_refused

LARGEST_ANSWER = 16 * 2**20
"""Bytes of an answer that are read; the API's answers have a few thousand."""

MOST_VALUES = 50_000
"""Values of an answer; more would take too long to look at. Three hundred plates with every field of the API have
fewer."""

DEEPEST = 100
"""Levels of an answer; Node-RED's end of the bridge sends as many."""

_LONGEST_TEXT = 500
_LONGEST_SAID = 65_536
_HINTS = {
    401: "Check the API token.",
    403: "Check the API token and the credits of the account.",
    404: "Check the URL of the service.",
    413: "Send a smaller image, or let the node shrink it.",
    429: "Send fewer images a second, or upgrade the account.",
}
_LOGIN_HINT = "Check the user name and password in the URL."
_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Reply:
    """A service's answer as it came."""

    status: int
    reason: str
    location: str | None
    text: bytes


class _UnreadableError(Exception):
    """The text is no JSON that can be passed on; the message says why."""


def result(reply: Reply, account: Account, schema: Schema) -> dict[str, Any]:
    """Return an answer's JSON object with `status` and `statusText`.

    Numbers and texts are limited to what JavaScript and MessagePack can hold: integers of more than 64 bits become
    floats, floats that overflow (1e999) become null, and half surrogate pairs become U+FFFD. Secrets of the request are
    removed.

    Raises:
        RecognitionError: of the kind that fits; the answer is a refusal, or not the API's.
    """
    status_text = account.secrets.hide(_text(reply.reason))[:_LONGEST_TEXT]
    if not 200 <= reply.status < 300:
        _refuse(reply, status_text, account)
    try:
        answer = _parsed(reply.text)
    except _UnreadableError as error:
        raise NotTheApiError(
            f"The answer of {account.shown} {error}, so it is not the Snapshot API. Check the URL.",
            said=_excerpt(reply.text, account),
        ) from None
    reason = complaint(schema, answer)
    if reason is None:
        return {
            **_cleaned(answer, account, account.secrets.hide_unmistakable),
            "status": reply.status,
            "statusText": status_text,
        }
    words = _words(answer, account)
    if words:
        raise RefusedError(
            f"{words}. So says {account.shown}, with {f'{reply.status} {status_text}'.strip()}, but without a result.",
            status=502,
            said=_said(answer, reply.text, account),
        )
    raise NotTheApiError(
        f"The answer of {account.shown} is not the Snapshot API's: {account.secrets.hide(reason)}. Check the URL.",
        said={"body": _said(answer, reply.text, account)},
    )


def _refuse(reply: Reply, status_text: str, account: Account) -> NoReturn:
    """Raise the failure for an answer that is not a success."""
    if 300 <= reply.status < 400:
        raise NotTheApiError(
            f"{account.shown} redirects to {_target(reply, account)}. Requests do not follow, since they carry the "
            "token and the image: enter the final address as URL.",
            said=_excerpt(reply.text, account) if reply.text else {},
        )
    if reply.status == 407 and account.proxy:
        raise proxy_refused(407, account)
    try:
        answer = _parsed(reply.text)
    except _UnreadableError:
        said, words = _excerpt(reply.text, account) if reply.text else {}, ""
    else:
        said, words = _said(answer, reply.text, account), _words(answer, account)
    reason = f"{reply.status} {status_text}".strip() + (f", {words}" if words else "")
    hint = _HINTS.get(reply.status)
    if reply.status in (401, 403) and account.address.login:
        hint = _LOGIN_HINT
    message = " ".join(filter(None, (f"The service refused the request: {reason.rstrip('.')}.", hint)))
    raise RefusedError(message, status=reply.status, status_text=status_text, said=said)


def _target(reply: Reply, account: Account) -> str:
    """Return where a redirect leads to."""
    try:
        target = shown(urljoin(account.url, _text(reply.location or "")))
    except ValueError:
        target = shown("")
    return account.secrets.hide(target)[:_LONGEST_TEXT]


def _parsed(text: bytes) -> dict[str, Any]:
    """Return a text's JSON object as `result` describes it, but with secrets.

    Raises:
        _UnreadableError: it is something else.
    """
    # Each value but the outermost follows one of these. Check before parsing: ten million empty lists take 1 GB.
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise _UnreadableError(f"has more than {MOST_VALUES:,} values")
    try:
        value = _JSON.decode(text.decode("utf-8-sig"))
        if isinstance(value, dict):
            object_: dict[str, Any] = _portable(value, DEEPEST)
            return object_
    except RecursionError:
        raise _UnreadableError(f"is nested more than {DEEPEST} levels deep") from None
    except ValueError:
        pass
    raise _UnreadableError("is no JSON object")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _integer(text: str) -> float:
    """Return an integer, as a float if it has more than 64 bits."""
    if len(text) < 19:
        return int(text)
    # Python refuses to read integers of thousands of digits.
    exact = int(text) if len(text) <= 20 else None
    return exact if exact is not None and -(2**63) <= exact < 2**64 else float(text)


_JSON = json.JSONDecoder(parse_constant=_no_constant, parse_int=_integer)


def _portable(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, (dict, list)):
        return value
    if levels == 0:
        raise RecursionError
    if isinstance(value, dict):
        return {_text(key): _portable(inner, levels - 1) for key, inner in value.items()}
    return [_portable(inner, levels - 1) for inner in value]


def _text(text: str) -> str:
    """Return a text that can be encoded as UTF-8."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _cleaned(value: Any, account: Account, hide: Callable[[str], str]) -> Any:
    """Return a value without secrets, including those in keys and numbers."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {hide(key): _cleaned(inner, account, hide) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner, account, hide) for inner in value]
    return hide(str(value)) if isinstance(value, (int, float)) and account.secrets.is_number(value) else value


def _said(answer: dict[str, Any], text: bytes, account: Account) -> dict[str, Any]:
    """Return what a service said, to be shown with a failure."""
    if len(text) > _LONGEST_SAID:
        return _excerpt(text, account)
    cleaned: dict[str, Any] = _cleaned(answer, account, account.secrets.hide)
    return cleaned


def _excerpt(text: bytes, account: Account) -> dict[str, str]:
    """Return the beginning of an answer that is no JSON object, to be shown with a failure."""
    # Without the zeros, secrets in UTF-16 are found, too.
    beginning = _INVISIBLE.sub("", text[: 2 * _LONGEST_SAID].decode("utf-8", "replace"))
    return {"body": account.secrets.excerpt(beginning, _LONGEST_TEXT)}


def _words(answer: dict[str, Any], account: Account) -> str:
    """Return the reason that a service gives for a refusal, "" for none."""
    for key in ("detail", "error", "message"):
        reason = answer.get(key)
        if isinstance(reason, dict):
            reason = reason.get("message") or reason.get("detail")
        if isinstance(reason, str) and reason.strip():
            text = account.secrets.hide(" ".join(reason.split()))
            return text[:_LONGEST_TEXT].rstrip(".")
    return ""
