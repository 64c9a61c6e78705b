"""Recognition services behind one interface, each a module that `services.json` names."""

from __future__ import annotations

import os
from pathlib import Path

from .address import CLOUD
from .base import Provider, RecognitionService, ServiceSettings, StatisticsService
from .registry import PROVIDERS, claimed_by


class Services:
    """What all nodes of a worker share: connections, the engine and its usage count. Made inside the event loop.

    Attributes:
        state: directory for data that outlives a restart; None keeps nothing.
    """

    def __init__(self, state: Path | None = None, cloud: str | None = None, threads: int | None = None) -> None:
        """Prepare the services.

        Args:
            state: see above.
            cloud: base address to use instead of the cloud's, for a gateway in front of it; by default the
                environment's PLATE_RECOGNIZER_CLOUD_URL.
            threads: of the processor for the embedded engine; None takes all cores that may be used.
        """
        self.state = state
        cloud = cloud or os.environ.get("PLATE_RECOGNIZER_CLOUD_URL") or CLOUD
        settings = ServiceSettings(state, cloud, threads)
        self._providers: dict[str, Provider] = {name: opened(settings) for name, opened in PROVIDERS.items()}

    async def close(self) -> None:
        """Close connections and files."""
        for provider in self._providers.values():
            await provider.close()

    def recognition(self, url: str, token: str, *, timeout: float, tries: int, shrink: bool) -> RecognitionService:
        """Return the service that a recognizer's URL names.

        Raises:
            AddressError: the URL names no service, or its address cannot be used.
        """
        return self._provider(url).recognition(url, token, timeout=timeout, tries=tries, shrink=shrink)

    def statistics(self, url: str, token: str, *, timeout: float) -> StatisticsService:
        """Return the service whose usage a statistics node's URL names.

        Raises:
            AddressError: the URL names no service, or its address cannot be used.
        """
        return self._provider(url).statistics(url, token, timeout=timeout)

    def _provider(self, url: str) -> Provider:
        return self._providers[claimed_by(url).module]
