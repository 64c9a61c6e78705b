"""Follows cars from picture to picture: many readings of a camera become one event for each car.

Pure code without input and output: the caller gives pictures' results and times, and gets events.
"""

from .camera import Camera, Event, Settings
from .cameras import Cameras

__all__ = ["Camera", "Cameras", "Event", "Settings"]
