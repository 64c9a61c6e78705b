"""The Snapshot API over HTTP: the official cloud, an on-premise SDK, a Docker container, or our own server."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from ..errors import InputError, NotTheApiError, RecognitionError
from ..schemas import ANSWER, STATISTICS, complaint
from .base import Answer, RecognitionOptions
from .form import UploadForm
from .http import Account, HttpClient
from .shrink import UPLOAD_LIMIT, scale_boxes, shrink

# Otherwise the first image waits until Pillow's formats are loaded.
Image.preinit()

CLOUD_ACCOUNT_NEEDED = (
    "The Plate Recognizer cloud needs an API token. Enter one in the node, or choose the embedded engine as "
    "service, which needs no account."
)


@dataclass(frozen=True)
class SnapshotService:
    """Recognition by a server with the Snapshot API.

    Attributes:
        client: the shared HTTP client.
        account: address and token.
        cloud: whether it is the official cloud, which wants a token and takes at most 3 MB.
        shrink_uploads: whether to make images fit that limit.
    """

    client: HttpClient
    account: Account
    cloud: bool
    shrink_uploads: bool

    @property
    def patience(self) -> float:
        """See `RecognitionService`."""
        return self.account.patience

    async def recognize(self, image: bytes, options: RecognitionOptions) -> Answer:
        """Upload an image; see `RecognitionService`."""
        if self.cloud and not self.account.token:
            raise RecognitionError(CLOUD_ACCOUNT_NEEDED, status=403)
        content_type = image_content_type(image)
        factor = 1.0
        if self.cloud and self.shrink_uploads and len(image) > UPLOAD_LIMIT:
            image, factor = await asyncio.to_thread(shrink, image)
            content_type = "image/jpeg"
        answer = await self.client.request("POST", self.account, body=lambda: _form(image, content_type, options))
        reason = complaint(ANSWER, answer)
        if reason:
            raise NotTheApiError(
                f"The answer of {self.account.shown} is not the Snapshot API's: {reason}. Check the URL.",
                said={"body": answer},
            )
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
        answer = await self.client.request("GET", self.account)
        reason = complaint(STATISTICS, answer)
        if reason:
            raise NotTheApiError(
                f"The answer of {self.account.shown} is not the usage of an account: {reason}. Check the URL.",
                said={"body": answer},
            )
        total = answer.get("total_calls")
        remaining = None if total is None else max(0, total - answer["usage"]["calls"])
        return {**answer, "calls_remaining": remaining}


def image_content_type(image: bytes) -> str:
    """Return the media type of an encoded image, from its header alone.

    Raises:
        InputError: it is no image.
    """
    try:
        with Image.open(io.BytesIO(image)) as opened:
            kind = opened.format or ""
    except UnidentifiedImageError:
        raise InputError(
            f"The input is not an image: its {len(image):,} bytes are no JPEG, PNG, WebP, BMP, GIF or TIFF."
        ) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"The image cannot be read: {error}.") from error
    return Image.MIME.get(kind, "application/octet-stream")


def _form(image: bytes, content_type: str, options: RecognitionOptions) -> UploadForm:
    """Return the upload's form: raw bytes, and no base64 as some clients send."""
    fields: list[tuple[str, str | None]] = [
        *(("regions", region) for region in options.regions),
        ("camera_id", options.camera_id),
        ("timestamp", options.timestamp),
        ("mmc", "true" if options.mmc else None),
    ]
    return UploadForm([(name, value) for name, value in fields if value is not None], "upload", image, content_type)
