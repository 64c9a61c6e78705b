"""The description of the API that `/openapi.json` gives, made of the schemas that requests are checked with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .. import __version__
from .schemas import ALPR_FIELDS, ANSWERS, CONFIG, FIELDS, Definition, reference

_ERRORS = {
    400: "The body, its image or its `config` cannot be used",
    403: "The token is wrong or missing, or a page of another site calls",
    408: "The upload did not arrive in time",
    413: "The image or the form is too large",
    415: "The body is of another kind",
    429: "Too many calls in a second",
    500: "The server failed",
    503: "Too many calls wait, or the engine cannot run",
    504: "The engine did not finish the image in time",
}

_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}

_OF_A_CALL = tuple(_ERRORS)
_OF_THE_DOOR = (403, 408, 413, 429, 503)


def document() -> Definition:
    """Return the description, in the form of OpenAPI 3.1."""
    alpr = _operation(
        "Read the plates in an image, as CodeProject.AI does",
        *(200, "The plates, or `success: false` with the reason", "Alpr"),
        needs_token=True,
        errors=_OF_THE_DOOR,
        error="Alpr",
        body=_bodies(ALPR_FIELDS),
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plate recognition by the embedded engine",
            "version": __version__,
            "description": "The Plate Recognizer Snapshot API, and the licence plate part of CodeProject.AI's, "
            "offline. Every path is served with and without its last slash.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/v1/plate-reader/": {
                "post": {
                    "operationId": "recognize",
                    **_operation(
                        "Read the plates in an image",
                        *(201, "The plates", "Recognition"),
                        needs_token=True,
                        errors=_OF_A_CALL,
                        body=_bodies(FIELDS),
                    ),
                }
            },
            "/v1/image/alpr": {"post": {"operationId": "imageAlpr", **alpr}},
            "/v1/vision/alpr": {"post": {"operationId": "visionAlpr", **alpr}},
            **_get("/v1/statistics/", "statistics", "Calls of this month, as the cloud tells them", token=True),
            **_get("/info/", "info", "Version and calls of this month, as the SDK tells them", token=True),
            **_get("/v1/regions/", "regions", "The regions whose plates are known"),
            **_get("/health", "health", "Whether the server works"),
            **_get("/ready", "ready", "Whether a call would be taken now", errors=(503,)),
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "summary": "Counts and times for Prometheus",
                    "security": [],
                    "responses": {
                        "200": {
                            "description": "Prometheus' text format",
                            "content": {"text/plain": {"schema": {"type": "string"}}},
                        },
                        "403": _answer(_ERRORS[403], "Error"),
                    },
                }
            },
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token` and the token, where the server was started with --token-file",
                }
            },
            "schemas": {**ANSWERS, "Config": _described(CONFIG)},
        },
    }


def _get(path: str, name: str, summary: str, *, token: bool = False, errors: Collection[int] = ()) -> Definition:
    """Return a path that is only asked; its answer has the operation's name."""
    operation = _operation(
        summary, 200, summary, name.capitalize(), needs_token=token, errors=sorted({403, 500, *errors})
    )
    return {path: {"get": {"operationId": name, **operation}}}


def _operation(
    summary: str,
    status: int,
    about: str,
    schema: str,
    *,
    needs_token: bool,
    errors: Collection[int],
    error: str = "Error",
    body: Definition | None = None,
) -> Definition:
    """Return an operation.

    Args:
        summary: what it does.
        status: of its answer.
        about: the answer.
        schema: of the answer, among `ANSWERS`.
        needs_token: whether it asks for the token.
        errors: statuses that it may have in place of that.
        error: the schema of these.
        body: of the request.
    """
    failures = {str(code): _answer(_ERRORS[code], error, with_retry=code in (429, 503)) for code in errors}
    return {
        "summary": summary,
        "security": [{}, {"token": []}] if needs_token else [],
        **({"requestBody": body} if body else {}),
        "responses": {str(status): _answer(about, schema), **failures},
    }


def _answer(about: str, schema: str, *, with_retry: bool = False) -> Definition:
    content = {"application/json": {"schema": reference(schema)}}
    return {"description": about, "content": content, **({"headers": _RETRY} if with_retry else {})}


def _bodies(fields: Definition) -> Definition:
    """Return a request's body in all forms that the server reads."""
    texts = {name: _as_text(definition) for name, definition in fields.items()}
    files = {
        name: {**text, "format": "binary"} if name in ("upload", "image") else text for name, text in texts.items()
    }
    values = {name: _described(definition) for name, definition in fields.items()}
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": files}},
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": texts}},
            "application/json": {"schema": {"type": "object", "properties": values}},
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
        },
    }


def _as_text(definition: Definition) -> Definition:
    """Return a field of a form, where everything is text."""
    if "items" in definition:
        return {"type": "array", "items": {"type": "string"}, "description": definition["title"]}
    return {"type": "string", "description": definition["title"]}


def _described(definition: Any) -> Any:
    """Return a part of a request with one description: what it means, and what it must be."""
    if isinstance(definition, list):
        return [_described(part) for part in definition]
    if not isinstance(definition, dict):
        return definition
    parts = {key: _described(part) for key, part in definition.items() if key not in ("title", "description")}
    if "properties" in definition:
        parts["properties"] = {name: _described(part) for name, part in definition["properties"].items()}
    texts = [str(definition[key]) for key in ("title", "description") if key in definition]
    return {**parts, "description": "; ".join(texts)} if texts else parts
