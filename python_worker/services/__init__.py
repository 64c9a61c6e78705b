"""Recognition services behind one interface: the cloud, a server with the same API, the embedded engine."""

from __future__ import annotations

import os
from pathlib import Path

from ..child.supervisor import Supervisor
from .account import account_at
from .address import CLOUD, recognition_address, statistics_address
from .base import RecognitionService, StatisticsService
from .client import HttpClient
from .embedded import EmbeddedService
from .snapshot import SHRINKING, SnapshotService, SnapshotStatistics
from .usage import UsageCounter


class Services:
    """What all nodes of a worker share: connections, the engine and its usage count. Made inside the event loop."""

    def __init__(self, state: Path | None = None, cloud: str | None = None, threads: int | None = None) -> None:
        """Prepare the services.

        Args:
            state: directory for data that outlives a restart; None keeps nothing.
            cloud: base address to use instead of the cloud's, for a gateway in front of it; by default the
                environment's PLATE_RECOGNIZER_CLOUD_URL.
            threads: of the processor for the embedded engine; None takes all cores that may be used.
        """
        self._cloud = cloud or os.environ.get("PLATE_RECOGNIZER_CLOUD_URL") or CLOUD
        self._http = HttpClient()
        self.usage = UsageCounter(state)
        # Few flows have such large images: the process begins with the first one, and ends when none follows.
        self._shrinker = Supervisor("python_worker.jobs.shrink", "image shrinker", seconds=SHRINKING, idle=60)
        self.embedded = EmbeddedService(self.usage, threads=threads)

    async def close(self) -> None:
        """Close connections and files."""
        await self.embedded.close()
        await self._shrinker.close()
        await self._http.close()
        self.usage.close()

    def recognition(self, url: str, token: str, *, timeout: float, tries: int, shrink: bool) -> RecognitionService:
        """Return the service that a recognizer's URL names.

        Raises:
            AddressError: the URL names no service, or its address cannot be used.
        """
        address = recognition_address(url, self._cloud)
        if address is None:
            return self.embedded
        account = account_at(address, token, timeout, tries)
        shrinker = self._shrinker if address.cloud and shrink else None
        return SnapshotService(self._http, account, address.cloud, shrinker)

    def statistics(self, url: str, token: str, *, timeout: float) -> StatisticsService:
        """Return the service whose usage a statistics node's URL names.

        Raises:
            AddressError: the URL names no service, or its address cannot be used.
        """
        address = statistics_address(url, self._cloud)
        if address is None:
            return self.embedded
        return SnapshotStatistics(self._http, account_at(address, token, timeout), address.cloud)
