"""Flows for the tests: a node between a driver that sends it messages, and observers that report what happens to them.

The driver and the observers are core nodes. They talk JSON with the test over one websocket, `/driver`.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from scripts.node_red import Flow

TAB = "tab"
NODE = "node"

_NO_TOKEN = {"credentials": {"apiToken": ""}}
"""Node-RED keeps a node's credentials until a deployment clears them."""

_SEEDS = Path(__file__).parent / "flows"


def _picture() -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(encoded, "JPEG")
    return encoded.getvalue()


PICTURE = _picture()
"""A small JPEG."""

_PREPARE = """
if (msg.payload === "fence") {
    return [null, { payload: JSON.stringify({ kind: "fence", id: null, message: {} }) }];
}
const PICTURE = Buffer.from("%(picture)s", "base64");
function revive(value) {
    if (value === null || typeof value !== "object") return value;
    if ("$picture" in value) return Buffer.from(PICTURE);
    if ("$base64" in value) return Buffer.from(value.$base64, "base64");
    for (const key of Object.keys(value)) value[key] = revive(value[key]);
    return value;
}
msg = revive(JSON.parse(msg.payload));
%(script)s
return [msg, null];
"""

_OBSERVE = """
const message = {};
for (const key of Object.keys(msg)) {
    if (Buffer.isBuffer(msg[key])) {
        message[key] = { $base64: msg[key].toString("base64") };
        continue;
    }
    try {
        message[key] = JSON.parse(JSON.stringify(msg[key]));
    } catch {
        message[key] = { $kind: typeof msg[key] };
    }
}
%(script)s
return { payload: JSON.stringify({ kind: "%(kind)s", id: msg.id ?? null, message }) };
"""


def node(kind: str, node_id: str, **properties: Any) -> dict[str, Any]:
    """Return a node of the tab; Node-RED takes one without a position for a configuration."""
    return {"id": node_id, "type": kind, "z": TAB, "x": 0, "y": 0, "wires": [], **properties}


def plate_recognizer(**config: Any) -> dict[str, Any]:
    """Return a plate-recognizer node; a property that is not given is absent, as in an old flow."""
    return node("plate-recognizer", NODE, **{**_NO_TOKEN, **config})


def plate_statistics(**config: Any) -> dict[str, Any]:
    """Return a plate-statistics node, as `plate_recognizer`."""
    return node("plate-statistics", NODE, **{**_NO_TOKEN, **config})


def plate_list(**config: Any) -> dict[str, Any]:
    """Return a plate-list node."""
    return node("plate-list", NODE, **config)


def plate_events(**config: Any) -> dict[str, Any]:
    """Return a plate-events node, as `plate_recognizer`."""
    return node("plate-events", NODE, **config)


def tab(**properties: Any) -> dict[str, Any]:
    """Return the tab that all nodes of these flows are in."""
    return {"id": TAB, "type": "tab", "label": "Test", **properties}


def driven(tested: dict[str, Any], *, outputs: int = 2, prepare: str = "", observe: str = "") -> Flow:
    """Return a flow that drives and observes a node.

    Args:
        tested: the node under test, or an instance of a subflow.
        outputs: how many of its outputs are wired to observers.
        prepare: JavaScript that changes `msg` before the node gets it.
        observe: JavaScript that adds to `message`, what the test sees of `msg`.
    """
    observers = [f"output {number}" for number in range(1, outputs + 1)]
    return [
        tab(),
        {**tested, "wires": [[observer] for observer in observers]},
        *(_function(observer, _OBSERVE % {"kind": observer, "script": observe}) for observer in observers),
        *observed([tested["id"]], target=tested["id"], prepare=prepare),
    ]


def observed(scope: Sequence[str], *, target: str | None = None, prepare: str = "") -> Flow:
    """Return the driver, and Catch, Complete and Status nodes that report what some nodes of the tab do.

    Args:
        scope: ids of the nodes.
        target: which node gets the messages that the test sends.
        prepare: as for `driven`.
    """
    script = _PREPARE % {"picture": base64.b64encode(PICTURE).decode(), "script": prepare}
    flow = [
        {"id": "driver", "type": "websocket-listener", "path": "/driver", "wholemsg": "false"},
        node("websocket in", "entry", server="driver", wires=[["prepare"]]),
        {**_function("prepare", script), "outputs": 2, "wires": [[target] if target else [], ["report"]]},
        node("websocket out", "report", server="driver"),
    ]
    for kind in ("catch", "complete", "status"):
        flow += [
            node(kind, f"{kind} node", scope=list(scope), wires=[[f"{kind} report"]]),
            _function(f"{kind} report", _OBSERVE % {"kind": kind, "script": ""}),
        ]
    return flow


def serving(path: str, content: bytes) -> Flow:
    """Return a flow that answers GET requests for a path with a picture."""
    script = f'msg.payload = Buffer.from("{base64.b64encode(content).decode()}", "base64"); return msg;'
    return [
        node("http in", "picture request", url=path, method="get", wires=[["picture"]]),
        {**_function("picture", script), "wires": [["picture response"]]},
        node("http response", "picture response", headers={"content-type": "image/jpeg"}),
    ]


def seed(name: str) -> Flow:
    """Return a flow of the original's documentation, imported into the tab: basic, different-cases or statistics."""
    flow: Flow = json.loads((_SEEDS / f"{name}.json").read_text())
    return [tab(), *({**imported, "z": TAB} for imported in flow)]


def _function(node_id: str, script: str) -> dict[str, Any]:
    return node("function", node_id, func=script, outputs=1, wires=[["report"]])
