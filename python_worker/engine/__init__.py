"""Reads licence plates in photographs, offline, with the text models of the `rapidocr` package.

The modules follow the picture's way: `decode` → `light` → `detect` → `propose` → `likely` → `read` → `match` (with
`ctc` and `formats`) → `choose` → `result`; `search` decides what is looked at again, `reader` owns the models.
Importing this package needs the extra `embedded`.
"""

import os

# ONNX Runtime reports to its maker from version 1.29 on. What reads plates offline reports to nobody; it has to be told
# before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from .decode import ImageError
from .models import ModelError
from .patterns import PatternError
from .reader import PlateReader, Reading
from .result import ReadOptions

__all__ = ["ImageError", "ModelError", "PatternError", "PlateReader", "ReadOptions", "Reading"]
