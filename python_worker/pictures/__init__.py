"""Pictures as they come: what they are, and how to open them. Knows nothing of plates, services and messages."""

from .open import MAX_PIXELS, ImageError, opened
from .sniff import instead, media_type

__all__ = ["MAX_PIXELS", "ImageError", "instead", "media_type", "opened"]
