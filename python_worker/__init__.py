"""The Python worker of the Node-RED plate recognizer nodes."""

__version__ = "2.0.0"
