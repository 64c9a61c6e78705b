"""Reads licence plates in photographs, offline, with the networks in the folder `weights`.

The modules follow the picture's way: `decode` → `light` → `vehicles` → `detect` → `propose` → `read` → `match` (with
`ctc` and `formats`) → `choose` → `overlay` → `result`; `search` decides what is looked at, `attempts` what is read and
read again, `reader` owns the models. All but `regions` need the extra `embedded`.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

# OpenVINO's tools tell Google Analytics that it was imported, and write an identity into the home folder. They come
# with its import, unless they cannot be imported, which None says; nothing here needs them.
sys.modules.update(dict.fromkeys(("openvino.tools", "openvino_telemetry")))  # type: ignore[arg-type]

if TYPE_CHECKING:
    from .decode import ImageError
    from .models import ModelError
    from .patterns import PatternError
    from .reader import PlateReader, Reading
    from .result import ReadOptions

__all__ = ["ImageError", "ModelError", "PatternError", "PlateReader", "ReadOptions", "Reading"]

_HOMES = {
    "ImageError": "decode",
    "ModelError": "models",
    "PatternError": "patterns",
    "PlateReader": "reader",
    "ReadOptions": "result",
    "Reading": "reader",
}


def __getattr__(name: str) -> Any:
    """Import a name's module only when somebody asks for the name: users of the regions alone need no models."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
