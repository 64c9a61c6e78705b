"""Tests of `python_worker.tracking`."""
