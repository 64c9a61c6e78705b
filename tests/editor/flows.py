"""Flows as the original saved them, and others that lead from them."""

from __future__ import annotations

from typing import Any

from scripts.node_red import Flow

RECOGNIZER = "recognizer"
STATISTICS = "statistics"

# Without one, Node-RED counts every node with a password as changed after somebody looks at it.
TOKEN = {"apiToken": "a token of the tests"}

OLD_RECOGNIZER: dict[str, Any] = {
    "id": RECOGNIZER,
    "type": "plate-recognizer",
    "name": "",
    "inputField": "payload",
    "inputFieldType": "msg",
    "outputField": "recognition",
    "outputFieldType": "msg",
    "url": "",
    "ignoreDuring": False,
    "makeAndModel": False,
    "statusText": "scores",
    "cameraId": "gate",
    "regionFilter": False,
    "regionList": "",
    "regionListType": "json",
    "credentials": TOKEN,
}
OLD_STATISTICS: dict[str, Any] = {
    "id": STATISTICS,
    "type": "plate-statistics",
    "name": "",
    "outputField": "payload",
    "outputFieldType": "msg",
    "url": "",
    "credentials": TOKEN,
}


def flow_with(*nodes: dict[str, Any], outputs: int) -> Flow:
    """Return a flow in which each output of each node is wired to a Debug node."""
    wires = [["debug"]] * outputs
    return [
        {"id": "tab", "type": "tab", "label": "Test"},
        *({**node, "z": "tab", "x": 320, "y": 120 + 80 * place, "wires": wires} for place, node in enumerate(nodes)),
        {"id": "debug", "type": "debug", "z": "tab", "x": 720, "y": 200, "wires": []},
    ]
