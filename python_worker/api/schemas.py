"""The schemas of what the server takes and gives, written once.

Requests are checked with them, and `/openapi.json` shows them. Of a part of a request, `description` says what it must
be, as an error says it; `title` says what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..schemas import Schema

Definition: TypeAlias = "dict[str, Any]"

MOST_TEXT_FORMATS = 100
LONGEST_TEXT_FORMAT = 200


def _threshold(title: str, default: float) -> Definition:
    return {
        "title": title,
        "description": "must be a number from 0 to 1",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": default,
    }


def _rule(title: str) -> Definition:
    return {"title": f"{title}, where it is `strict`; anything else means that it is not"}


CONFIG: Definition = {
    "title": "The object that the field `config` holds as text; unknown keys are ignored",
    "description": "must be a JSON object",
    "type": "object",
    "properties": {
        "mode": {
            "title": "`fast`: one coarse look; `redaction`: everything that may be a plate",
            "description": "must be 'fast', 'redaction' or 'regular'",
            "enum": ["fast", "redaction", "regular"],
            "default": "regular",
        },
        "threshold_d": _threshold("Least detection score (`dscore`) of a result", 0.2),
        "threshold_o": _threshold("Least reading score (`score`) of a result", 0.6),
        "region": _rule("Leave out plates of other regions than `regions`, except in `redaction`"),
        "detection_rule": _rule("Leave out plates that are on no vehicle, except in `redaction`"),
        "detection_mode": {
            "title": "`vehicle`: also vehicles without a plate; results then are `VehicleResult`",
            "description": "must be 'plate' or 'vehicle'",
            "enum": ["plate", "vehicle"],
            "default": "plate",
        },
        "text_formats": {
            "title": "Regular expressions of plates to expect",
            "description": f"must be a list of at most {MOST_TEXT_FORMATS} regular expressions",
            "type": "array",
            "maxItems": MOST_TEXT_FORMATS,
            "items": {"type": "string", "maxLength": LONGEST_TEXT_FORMAT},
        },
        "plates_per_vehicle": {
            "title": "Accepted; of all texts on one vehicle, the most certain one is its plate",
            "description": "must be a whole number from 1",
            "type": "integer",
            "minimum": 1,
        },
    },
}

_REGIONS: Definition = {
    "title": "Region codes such as `gb`, `us-ca`: repeated, comma-separated, or a JSON list. A guide, unless "
    "`config.region` is `strict`",
    "description": "must be a text or a list of texts",
    "type": ["string", "array", "null"],
    "items": {"type": "string"},
}

FIELDS: Definition = {
    "upload": {
        "title": "The image: as a file, or as base64 text, a `data:` prefix allowed",
        "description": "must be the image as base64 text",
        "type": ["string", "null"],
    },
    "upload_url": {
        "title": "Address of an image, in place of `upload`; only where the server was started with --allow-upload-url",
        "description": "must be a text",
        "type": ["string", "null"],
    },
    "regions": _REGIONS,
    "camera_id": {
        "title": "Free text, given back",
        "description": "must be a text or a number",
        "type": ["string", "number", "null"],
    },
    "timestamp": {"title": "ISO 8601, given back", "description": "must be a text", "type": ["string", "null"]},
    "mmc": {
        "title": "Accepted; make, model and colour are not predicted",
        "description": "must be true or false",
        "type": ["boolean", "string", "null"],
    },
    "config": {
        "title": "A JSON object: see the schema Config",
        "description": "must be a JSON object, or one as text",
        "type": ["object", "string", "null"],
    },
}
"""Of the Snapshot API's form, and of a JSON body in its place."""

ALPR_FIELDS: Definition = {
    "upload": FIELDS["upload"],
    "image": {**FIELDS["upload"], "title": "The image, where there is no `upload`"},
    "min_confidence": {
        "title": "Least reading score of a plate, 0.6 where it is not given",
        "description": "must be a number from 0 to 1",
        "type": ["number", "string", "null"],
    },
    "regions": _REGIONS,
}
"""Of CodeProject.AI's form."""

CHECKED_CONFIG = Schema(CONFIG)
CHECKED_BODY = Schema(
    {
        "description": "must be an object with the fields of the form",
        "type": "object",
        "properties": {**ALPR_FIELDS, **FIELDS},
    }
)


def _object(properties: Mapping[str, Definition], **more: Any) -> Definition:
    """Return the schema of an object that has all of these properties."""
    return {"type": "object", "required": list(properties), "properties": dict(properties), **more}


def _list(items: Definition, **more: Any) -> Definition:
    return {"type": "array", "items": items, **more}


def reference(name: str) -> Definition:
    """Return what stands for one of `ANSWERS` in the description."""
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Definition = {"type": "string"}
_SCORE: Definition = {"type": "number", "minimum": 0, "maximum": 1}
_COUNT: Definition = {"type": "integer", "minimum": 0}
_VALUES = _list(_object({"value": _TEXT, "score": _SCORE}))
_VEHICLE = {
    "score": _SCORE,
    "type": {"enum": ["Car", "Truck", "Bus", "Motorcycle", "Unknown"]},
    "box": reference("Box"),
}
_UNSEEN = "`Unknown` with score 0 and a box of zeros where it was not seen"

ANSWERS: dict[str, Definition] = {
    "Box": _object(dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), _COUNT), description="Pixels of the upright image"),
    "Vehicle": _object(_VEHICLE, description=f"What carries the plate; {_UNSEEN}"),
    "Result": _object(
        {
            "box": reference("Box"),
            "plate": _TEXT,
            "plate_text": {
                **_TEXT,
                "description": "The characters of `plate` as they are printed: capitals, accents, Cyrillic letters, "
                "Chinese signs and kana, with hyphens, dots and spaces where they were seen, and a space between lines",
            },
            "region": _object({"code": _TEXT, "score": _SCORE}),
            "score": _SCORE,
            "candidates": _list(_object({"score": _SCORE, "plate": _TEXT}), minItems=1),
            "dscore": _SCORE,
            "vehicle": reference("Vehicle"),
        }
    ),
    "VehicleResult": _object(
        {
            "plate": {
                **_object(
                    {
                        "type": {"const": "Plate"},
                        "score": _SCORE,
                        "box": reference("Box"),
                        "plate_text": _TEXT,
                        "props": _object({"plate": _VALUES, "region": _VALUES}),
                    }
                ),
                "type": ["object", "null"],
            },
            "vehicle": _object({**_VEHICLE, "props": {"type": "object"}}, description=_UNSEEN),
        },
        description="With `detection_mode: vehicle`: a plate with its vehicle, or a vehicle without a plate",
    ),
    "Recognition": _object(
        {
            "processing_time": {"type": "number", "minimum": 0, "description": "Milliseconds"},
            "results": _list({"anyOf": [reference("Result"), reference("VehicleResult")]}),
            "filename": _TEXT,
            "version": {"const": 1},
            "camera_id": {"type": ["string", "null"]},
            "timestamp": _TEXT,
            "usage": _object({"calls": _COUNT, "max_calls": _COUNT}),
        }
    ),
    "Alpr": {
        **_object(
            {
                "success": {"type": "boolean"},
                "message": _TEXT,
                "count": _COUNT,
                "predictions": _list(
                    _object(
                        {
                            "confidence": _SCORE,
                            "label": _TEXT,
                            "plate": _TEXT,
                            **dict.fromkeys(("x_min", "y_min", "x_max", "y_max"), _COUNT),
                        }
                    )
                ),
                "processMs": _COUNT,
                "inferenceMs": _COUNT,
                "code": {"type": "integer", "description": "The HTTP status that fits"},
                "command": {"const": "alpr"},
                "moduleId": _TEXT,
                "moduleName": _TEXT,
                "requestId": _TEXT,
                "inferenceDevice": _TEXT,
                "analysisRoundTripMs": _COUNT,
                "processedBy": _TEXT,
                "timestampUTC": _TEXT,
            }
        ),
        "if": {"properties": {"success": {"const": False}}},
        "then": {"required": ["error"], "properties": {"error": _TEXT}},
    },
    "Statistics": _object(
        {
            "usage": _object(
                {
                    "month": {"type": "integer", "minimum": 1, "maximum": 12},
                    "calls": _COUNT,
                    "year": {"type": "integer"},
                    "resets_on": {"type": "string", "format": "date-time"},
                }
            ),
            "total_calls": _COUNT,
        }
    ),
    "Info": _object(
        {
            "version": {**_TEXT, "description": "Of the server"},
            "license_key": _TEXT,
            "total_calls": _COUNT,
            "usage": _object({"calls": _COUNT}),
            "webhooks": {"type": "array", "maxItems": 0},
        }
    ),
    "Regions": _object({"regions": _list(_object({"code": _TEXT, "name": _TEXT}))}),
    "Health": _object({"status": {"const": "ok"}, "version": _TEXT}),
    "Ready": _object({"status": {"const": "ready"}, "version": _TEXT}),
    "Error": _object(
        {name: {**_TEXT, "description": "What was wrong and what to do"} for name in ("detail", "error")},
        description="Some clients read `detail`, others `error`",
    ),
}
