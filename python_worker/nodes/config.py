"""Node configs as deployed, turned into what the worker works with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..schemas import CONFIGS, complaint
from ..services.address import is_embedded
from .base import ConfigError
from .fields import Expression, ExpressionError, parse

DEFAULT_TIMEOUT = 30.0
DEFAULT_TRIES = 3
MOST_TRIES = 10

# In both forms that Node-RED knows.
_VARIABLE = re.compile(r"\$\{(\S+)\}|\$\((\S+)\)")
_TOKEN = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class RecognizerConfig:
    """Config of a plate-recognizer node, every property set; see the README for their meaning."""

    input_field: Expression
    output_field: Expression
    url: str
    token: str
    camera_id: str
    camera_id_type: str
    status_text: str
    ignore_during: bool
    timestamp: bool
    mmc: bool
    separate: bool
    regions: tuple[str, ...]
    timeout: float
    tries: int
    shrink: bool


@dataclass(frozen=True)
class StatisticsConfig:
    """Config of a plate-statistics node, every property set."""

    output_field: Expression
    url: str
    token: str
    timeout: float


def recognizer_config(config: Mapping[str, Any], credentials: Mapping[str, str | None]) -> RecognizerConfig:
    """Read a plate-recognizer's config; properties that an old flow lacks get their defaults.

    Raises:
        ConfigError: with the property and the reason.
    """
    _validate("plate-recognizer", config)
    read = _Reader(config)
    return RecognizerConfig(
        input_field=read.expression("inputField"),
        output_field=read.expression("outputField"),
        url=read.text("url"),
        token=_token(config, credentials),
        camera_id=str("" if config.get("cameraId") is None else config["cameraId"]),
        camera_id_type=config.get("cameraIdType", "str"),
        status_text=config.get("statusText", "count"),
        ignore_during=read.switch("ignoreDuring", default=True),
        timestamp=read.switch("timestamp", default=True),
        mmc=read.switch("makeAndModel", default=False),
        separate=read.switch("separateMsg", default=False),
        regions=_regions(config.get("regionList")) if read.switch("regionFilter", default=False) else (),
        timeout=read.number("timeout", DEFAULT_TIMEOUT, lowest=0.1, highest=3600),
        tries=int(read.number("tries", DEFAULT_TRIES, lowest=1, highest=MOST_TRIES)),
        shrink=read.switch("shrink", default=True),
    )


def statistics_config(config: Mapping[str, Any], credentials: Mapping[str, str | None]) -> StatisticsConfig:
    """Read a plate-statistics node's config, as `recognizer_config`."""
    _validate("plate-statistics", config)
    read = _Reader(config)
    return StatisticsConfig(
        output_field=read.expression("outputField"),
        url=read.text("url"),
        token=_token(config, credentials),
        timeout=read.number("timeout", DEFAULT_TIMEOUT, lowest=0.1, highest=3600),
    )


def failure_field(config: Mapping[str, Any]) -> Expression:
    """Return the output field of a config, so that failures have a place; the rest of it may be wrong."""
    try:
        return parse(str(config.get("outputField") or "payload"))
    except ExpressionError:
        return parse("payload")


def _token(config: Mapping[str, Any], credentials: Mapping[str, Any]) -> str:
    if is_embedded(config.get("url") or ""):
        # The dialog does not show it then.
        return ""
    token = str("" if credentials.get("apiToken") is None else credentials["apiToken"]).strip()
    _check_variable("the API token", token)
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            "the API token has a blank or another character that no token has; enter the token alone, as your account "
            "shows it"
        )
    return token


def _check_variable(name: str, value: Any) -> None:
    """Raise ConfigError for a variable that Node-RED does not know: it leaves the text as it is."""
    match = _VARIABLE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        raise ConfigError(f"{name} is {match[0]}, but there is no environment variable {match[1] or match[2]}")


def _validate(kind: str, config: Mapping[str, Any]) -> None:
    unused = () if config.get("regionFilter") in (True, "true") else ("regionList",)
    for name, value in config.items():
        if name in CONFIGS[kind].properties and name not in unused:
            _check_variable(name, value)
    reason = complaint(CONFIGS[kind], config)
    if reason:
        raise ConfigError(reason)


def _regions(value: Any) -> tuple[str, ...]:
    """Return the codes; none if the filter is on and empty, as in 1.0.3."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ()
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ConfigError(
                f'regionList is not JSON ({error}): enter a list of region codes like ["gb", "us-ca"], or '
                "clear the region filter"
            ) from None
    if not isinstance(value, list) or not all(isinstance(code, str) and code.strip() for code in value):
        raise ConfigError('regionList must be a list of region codes like ["gb", "us-ca"], or clear the region filter')
    return tuple(code.strip() for code in value)


@dataclass(frozen=True)
class _Reader:
    """Reads validated properties; an empty text means the default, as in an editor's empty field."""

    config: Mapping[str, Any]

    def text(self, name: str) -> str:
        return (self.config.get(name) or "").strip()

    def expression(self, name: str) -> Expression:
        try:
            return parse(self.text(name) or "payload")
        except ExpressionError as error:
            raise ConfigError(f"{name} is not a property of a message: {error}") from None

    def switch(self, name: str, *, default: bool) -> bool:
        value = self.config.get(name)
        return default if value in ("", None) else value in (True, "true")

    def number(self, name: str, default: float, *, lowest: float, highest: float) -> float:
        value = self.config.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return default
        number = float(value)
        if not lowest <= number <= highest:
            raise ConfigError(f"{name} must be between {lowest:g} and {highest:g}, not {number:g}")
        return number
