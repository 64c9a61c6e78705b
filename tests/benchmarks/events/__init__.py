"""Benchmark of the events that become of many pictures of a car."""
