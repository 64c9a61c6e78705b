"""The licence plate part of CodeProject.AI's API, as Blue Iris, Agent DVR and Viseron call it.

As there, what concerns the image is answered with HTTP status 200, and `success` and `code` tell how it went. What the
server refuses at its door (no token, too many calls, too large a body) has its own HTTP status as well.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from aiohttp import web

from ..services.base import RecognitionOptions
from .config import read_fields
from .errors import ApiError
from .forms import Upload

IMAGE_FIELDS = ("upload", "image")
"""The documentation names the first, many clients send the second."""

_DOOR = frozenset({403, 408, 413, 429, 503})


def options(upload: Upload) -> RecognitionOptions:
    """Return what the form asks for: `min_confidence`, and `regions` as in the Snapshot API.

    Raises:
        ApiError: 400, `min_confidence` is no number from 0 to 1.
    """
    asked = read_fields({name: upload.fields[name] for name in ("regions", "config") if name in upload.fields})
    texts = upload.fields.get("min_confidence")
    if not texts or not texts[-1].strip():
        return asked
    try:
        least = float(texts[-1])
    except ValueError:
        least = math.nan
    if not 0 <= least <= 1:
        raise ApiError(400, "The field 'min_confidence' must be a number from 0 to 1.")
    return dataclasses.replace(asked, threshold_o=least, detection_mode="plate")


def answer(found: Mapping[str, Any], request_id: str, begun: float) -> web.Response:
    """Return the answer to an image.

    Args:
        found: of the engine's service.
        request_id: of the request.
        begun: when it came, by `time.perf_counter`.
    """
    predictions = [_prediction(result) for result in found["results"]]
    labels = ", ".join(one["label"] for one in predictions)
    milliseconds = round(found["processing_time"])
    return web.json_response(
        {
            "success": True,
            "message": f"Found {labels}" if labels else "No plates found",
            "count": len(predictions),
            "predictions": predictions,
            "processMs": milliseconds,
            "inferenceMs": milliseconds,
            **_common(200, request_id, begun),
        }
    )


def failure(error: ApiError, request_id: str, begun: float) -> web.Response:
    """Return the answer where there is none to give."""
    return web.json_response(
        {
            "success": False,
            "error": error.detail,
            "message": error.detail,
            "count": 0,
            "predictions": [],
            "processMs": 0,
            "inferenceMs": 0,
            **_common(error.status, request_id, begun),
        },
        status=error.status if error.status in _DOOR else 200,
        headers=error.headers,
    )


def _prediction(result: Mapping[str, Any]) -> dict[str, Any]:
    plate, box = result["plate"].upper(), result["box"]
    return {
        "confidence": result["score"],
        "label": f"Plate: {plate}",
        "plate": plate,
        "x_min": box["xmin"],
        "y_min": box["ymin"],
        "x_max": box["xmax"],
        "y_max": box["ymax"],
    }


def _common(code: int, request_id: str, begun: float) -> dict[str, Any]:
    return {
        "code": code,
        "command": "alpr",
        "moduleId": "ALPR",
        "moduleName": "License Plate Reader",
        "requestId": request_id,
        "inferenceDevice": "CPU",
        "analysisRoundTripMs": round(1000 * (time.perf_counter() - begun)),
        "processedBy": "localhost",
        "timestampUTC": formatdate(usegmt=True),
    }
