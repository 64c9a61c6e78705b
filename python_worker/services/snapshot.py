"""The Snapshot API over HTTP: the official cloud, an on-premise SDK, a Docker container, or our own server."""

from __future__ import annotations

from dataclasses import dataclass

from ..child.supervisor import Supervisor
from ..errors import InputError, RecognitionError
from ..pictures import instead, media_type
from ..schemas import ANSWER, STATISTICS
from .account import Account, account_at
from .address import recognition_address, statistics_address
from .base import Answer, RecognitionOptions, Requirement, ServiceSettings
from .boxes import scale_boxes
from .client import HttpClient
from .form import UploadForm

CLOUD_ACCOUNT_NEEDED = (
    "The Plate Recognizer cloud needs an API token. Enter one in the node, or choose the embedded engine as "
    "service, which needs no account."
)

UPLOAD_LIMIT = 3_000_000
"""Largest upload in bytes: the cloud documents 3 MB."""

SHRINKING = 10.0
"""Seconds that shrinking an image may take at most; a very large one takes half of it on a slow machine."""


@dataclass(frozen=True)
class SnapshotService:
    """Recognition by a server with the Snapshot API.

    Attributes:
        client: the shared HTTP client.
        account: address and token.
        cloud: whether it is the official cloud, which requires a token and takes at most 3 MB.
        shrinker: makes images fit that limit, in a process of its own; None sends them as they are.
    """

    client: HttpClient
    account: Account
    cloud: bool
    shrinker: Supervisor | None
    requires: Requirement | None = None

    def start(self) -> None:
        """See `RecognitionService`; a connection is made by the first image."""

    @property
    def patience(self) -> float:
        """See `RecognitionService`."""
        # An image gets a second try if another one made its process end.
        return self.account.patience + (2 * SHRINKING if self.shrinker else 0)

    async def recognize(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Upload an image; see `RecognitionService`."""
        if self.cloud and not self.account.token:
            raise RecognitionError(CLOUD_ACCOUNT_NEEDED, status=403)
        content_type = media_type(image)
        if content_type is None:
            raise InputError(f"The input of {len(image):,} bytes is not an image, but {instead(image)}.")
        factor = 1.0
        if self.shrinker and len(image) > UPLOAD_LIMIT:
            fitted = await self.shrinker.call({"limit": UPLOAD_LIMIT}, image)
            image, factor, content_type = fitted.payload, fitted.value["factor"], "image/jpeg"
        form = (image, content_type, options)
        answer = await self.client.request("POST", self.account, ANSWER, body=lambda: _form(*form))
        return answer if factor == 1.0 else scale_boxes(answer, 1 / factor)


@dataclass(frozen=True)
class SnapshotStatistics:
    """The usage that a server with the Snapshot API reports."""

    client: HttpClient
    account: Account
    cloud: bool

    @property
    def patience(self) -> float:
        """See `StatisticsService`."""
        return self.account.patience

    async def statistics(self) -> Answer:
        """Ask for the usage; see `StatisticsService`."""
        if self.cloud and not self.account.token:
            raise RecognitionError(CLOUD_ACCOUNT_NEEDED, status=403)
        answer = await self.client.request("GET", self.account, STATISTICS)
        total = answer.get("total_calls")
        remaining = None if total is None else max(0, total - answer["usage"]["calls"])
        return {**answer, "calls_remaining": remaining}


class SnapshotProvider:
    """The connections to all servers, and the process that shrinks images; see `Provider`."""

    def __init__(self, cloud: str) -> None:
        self._cloud = cloud
        self._client = HttpClient()
        # Few flows have such large images: the process begins with the first one, and ends when none follows.
        self._shrinker = Supervisor("python_worker.jobs.shrink", "image shrinker", seconds=SHRINKING, idle=60)

    async def close(self) -> None:
        """Close all connections."""
        await self._shrinker.close()
        await self._client.close()

    def recognition(self, url: str, token: str, *, timeout: float, tries: int, shrink: bool) -> SnapshotService:
        """Return the server at a URL."""
        address = recognition_address(url, self._cloud)
        account = account_at(address, token, timeout, tries)
        shrinker = self._shrinker if address.cloud and shrink else None
        return SnapshotService(self._client, account, address.cloud, shrinker)

    def statistics(self, url: str, token: str, *, timeout: float) -> SnapshotStatistics:
        """Return the usage that the server at a URL reports."""
        address = statistics_address(url, self._cloud)
        return SnapshotStatistics(self._client, account_at(address, token, timeout), address.cloud)


def open_service(settings: ServiceSettings) -> SnapshotProvider:
    """Return the provider."""
    return SnapshotProvider(settings.cloud)


def _form(image: bytes, content_type: str, options: RecognitionOptions) -> UploadForm:
    """Return the upload's form: raw bytes, not base64 as some clients send."""
    fields: list[tuple[str, str | None]] = [
        *(("regions", region) for region in options.regions),
        ("camera_id", options.camera_id),
        ("timestamp", options.timestamp),
        ("mmc", "true" if options.mmc else None),
    ]
    return UploadForm([(name, value) for name, value in fields if value is not None], "upload", image, content_type)
