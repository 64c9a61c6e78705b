"""The demo's flow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .node_red import Flow
from .tools import PACKAGE

_ABOUT = """Press the button of an inject node: its picture is fetched over HTTP and read by the engine that runs beside
Node-RED, and the plates appear in the debug sidebar (the tab with the bug).

`POST /recognize` sends a picture of your own through the same node, and answers with what it found."""


def demo_flow(url: str, pictures: Sequence[Path]) -> Flow:
    """Return the flow: inject, http request, plate-recognizer and debug, and an HTTP entry to the same recognizer.

    Args:
        url: Node-RED's address, where it serves the package's pictures.
        pictures: a button is made for each.
    """
    return [
        {"id": "demo", "type": "tab", "label": "Plate recognizer demo", "info": _ABOUT},
        _node("comment", "about", 200, 40, name="Read me", info=_ABOUT),
        *(
            _node(
                "inject",
                f"inject {picture.stem}",
                200,
                100 + 60 * row,
                name=picture.stem.replace("-", " "),
                props=[{"p": "url", "v": f"{url}/resources/{PACKAGE}/samples/{picture.name}", "vt": "str"}],
                wires=[["fetch"]],
            )
            for row, picture in enumerate(pictures)
        ),
        _node(
            "http request", "fetch", 420, 100, name="fetch the picture", method="use", ret="bin", wires=[["recognizer"]]
        ),
        _node("http in", "entry", 430, 220, name="", url="/recognize", method="post", wires=[["recognizer"]]),
        _node(
            "plate-recognizer",
            "recognizer",
            680,
            160,
            url="embedded:",
            ignoreDuring=False,
            statusText="scores",
            wires=[["plates", "from outside"], ["failures", "from outside"]],
        ),
        _node("debug", "plates", 930, 100, name="plates", complete="payload", targetType="msg", active=True),
        _node("debug", "failures", 930, 220, name="failures", complete="payload", targetType="msg", active=True),
        _node(
            "switch",
            "from outside",
            930,
            160,
            name="from outside?",
            property="res",
            propertyType="msg",
            rules=[{"t": "nnull"}],
            wires=[["answer"]],
        ),
        _node("http response", "answer", 1110, 160, name=""),
    ]


def _node(kind: str, node_id: str, x: int, y: int, **properties: Any) -> dict[str, Any]:
    return {"id": node_id, "type": kind, "z": "demo", "x": x, "y": y, "wires": [], **properties}
