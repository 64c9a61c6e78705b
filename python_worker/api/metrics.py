"""The numbers that Prometheus collects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The server's counts and times.

    Attributes:
        queue: calls that are being worked on or wait.
        processes: of the engine, that can take images.
        uploads: that arrive.
        upload_bytes: of images in memory.
        connections: that are open.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "plate_recognizer_calls",
            "Calls of the recognition; 499 stands for clients that left before the answer.",
            ["status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "plate_recognizer_seconds",
            "Time of a call: to receive its upload, to wait for the engine, to read the plates.",
            ["stage"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._queue_seconds = Histogram(
            "plate_recognizer_queue_seconds",
            "Time that calls wait for the engine, also those that end while they wait.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._plates = Counter("plate_recognizer_plates", "Plates in answers.", registry=self._registry)
        self.queue = self._gauge("queue", "Calls that are being worked on or wait.")
        self.processes = self._gauge("engine_processes", "Processes of the engine that can take images.")
        self.uploads = self._gauge("uploads", "Uploads that arrive.")
        self.upload_bytes = self._gauge("upload_bytes", "Bytes of uploads and images in memory.")
        self.connections = self._gauge("connections", "Open connections.")

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"plate_recognizer_{name}", about, registry=self._registry)

    def count(self, status: int, plates: int = 0) -> None:
        """Count a call that was answered, with its plates."""
        self._calls.labels(str(status)).inc()
        self._plates.inc(plates)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a stage that ends well: `upload`, `wait` or `read`."""
        begun = time.perf_counter()
        yield
        self._seconds.labels(name).observe(time.perf_counter() - begun)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Take the time that a call waits for the engine, however that ends."""
        begun = time.perf_counter()
        try:
            with self.stage("wait"):
                yield
        finally:
            self._queue_seconds.observe(time.perf_counter() - begun)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)
