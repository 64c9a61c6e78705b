"""Which services there are, and which URLs each of them claims."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, resources

from .base import Provider, ServiceSettings


@dataclass(frozen=True)
class Claim:
    """An entry of `services.json`.

    Attributes:
        name: of the service, as the dialog and the configs' schemas call it.
        module: the one beside this that does the work.
        pattern: found in the URLs that the service claims.
    """

    name: str
    module: str
    pattern: re.Pattern[str]


def _claims() -> list[Claim]:
    entries = json.loads(resources.files(__package__).joinpath("services.json").read_text("utf-8"))["services"]
    return [Claim(name, entry["module"], re.compile(entry["claims"], re.IGNORECASE)) for name, entry in entries.items()]


CLAIMS = _claims()


def claimed_by(url: str) -> Claim:
    """Return what a URL names. The last service claims whatever no other does, and says if it is no address."""
    return next(claim for claim in CLAIMS if claim.pattern.search(url))


def _provider(module: str) -> Callable[[ServiceSettings], Provider]:
    opened: Callable[[ServiceSettings], Provider] = import_module(f".{module}", __package__).open_service
    return opened


PROVIDERS = {module: _provider(module) for module in dict.fromkeys(claim.module for claim in CLAIMS)}
