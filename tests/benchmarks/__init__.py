"""Measurements, run by hand: they take minutes and assert nothing."""
