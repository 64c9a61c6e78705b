"""Plain RapidOCR, the pipeline that comes with the models, for comparison."""

from __future__ import annotations

import logging
from collections.abc import Callable


def rapidocr() -> Callable[[bytes], list[str]]:
    """Return a function from an encoded picture to the texts that RapidOCR reads in it, with its own settings."""
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    engine = RapidOCR()

    def read(data: bytes) -> list[str]:
        texts = getattr(engine(data), "txts", None) or ()
        return ["".join(c for c in text.upper() if c.isalnum()) for text in texts]

    return read
