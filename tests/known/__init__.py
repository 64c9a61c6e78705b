"""Tests of known plates."""
