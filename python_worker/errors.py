"""The failures of a recognition, each with the HTTP status that the message will carry.

RecognitionError
 +-- InputError          400, the message or the configuration cannot be used
 +-- RefusedError        the status with which the service or a proxy refused; 502 for a success without a result
 +-- NotTheApiError      502, the service answered, but not as the API does
 +-- UnreachableError    503, no connection to the service
 +-- OverloadError       503, too many messages at once
 +-- ServiceTimeoutError 504, no answer in time
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


def reason_phrase(status: int) -> str:
    """Return the standard reason phrase of an HTTP status, "Error" for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


class RecognitionError(Exception):
    """A recognition or a statistics call that failed.

    Attributes:
        status: the HTTP status that describes the failure.
        status_text: its reason phrase, as the service worded it where it did.
        message: one sentence for the user: what was wrong and what to do.
        said: what the service answered, to be shown with the error.
    """

    status = 500

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        status_text: str | None = None,
        said: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = type(self).status if status is None else status
        self.status_text = status_text or reason_phrase(self.status)
        self.said = dict(said or {})

    def as_result(self) -> dict[str, Any]:
        """Return the failure in the form that the output field of the message gets."""
        return {
            **self.said,
            "status": self.status,
            "statusText": self.status_text,
            "error": {"code": self.status, "message": self.message},
        }


class InputError(RecognitionError):
    """The message or the node's configuration cannot be used; no call was spent."""

    status = 400


class RefusedError(RecognitionError):
    """The service, or a proxy on the way to it, refused the request."""


class NotTheApiError(RecognitionError):
    """The service's answer is not one of the API."""

    status = 502


class UnreachableError(RecognitionError):
    """No connection to the service."""

    status = 503


class OverloadError(RecognitionError):
    """More messages at once than the worker accepts."""

    status = 503


class ServiceTimeoutError(RecognitionError):
    """The service did not answer in time."""

    status = 504
