"""The plate-events node's dialog."""

from __future__ import annotations

from .flows import flow_with
from .page import EditorPage

DEFAULTS = {
    "name": "",
    "inputField": "payload",
    "inputFieldType": "msg",
    "pictureField": "image",
    "pictureFieldType": "msg",
    "outputField": "payload",
    "outputFieldType": "msg",
    "cameraId": "",
    "cameraIdType": "msg",
    "when": "arrive",
    "wait": 2,
    "hold": 180,
    "pictures": 1,
    "score": 0,
}


async def test_a_new_node_has_the_documented_defaults_and_two_outputs(editor: EditorPage) -> None:
    await editor.load(flow_with(outputs=1))
    added = await editor.add("plate-events")
    known = await editor.properties(added)
    assert (known["outputs"], known["validationErrors"]) == (2, [])
    await editor.edit(added)
    await editor.done()
    node = (await editor.deploy())[added]
    assert {name: node[name] for name in DEFAULTS} == DEFAULTS


async def test_what_a_user_enters_is_deployed(editor: EditorPage) -> None:
    await editor.load(flow_with({"id": "events", "type": "plate-events", **DEFAULTS}, outputs=2))
    await editor.edit("events")
    await editor.enter("inputField", "plates")
    await editor.enter("cameraId", "camera")
    await editor.field("when").select_option("Both")
    for name, value in {"wait": "0.5", "hold": "600", "pictures": "2", "score": "0.8"}.items():
        await editor.field(name).fill(value)
    await editor.done()
    node = (await editor.deploy())["events"]
    changed = {"inputField": "plates", "cameraId": "camera", "when": "both"}
    changed |= {"wait": "0.5", "hold": "600", "pictures": "2", "score": "0.8"}
    assert {name: node[name] for name in DEFAULTS} == {**DEFAULTS, **changed}
    assert (await editor.properties("events"))["validationErrors"] == []


async def test_values_that_the_worker_would_refuse_are_marked(editor: EditorPage) -> None:
    await editor.load(flow_with({"id": "events", "type": "plate-events", **DEFAULTS}, outputs=2))
    await editor.edit("events")
    await editor.enter("pictureField", "payload.image")
    for name, value in {"wait": "-1", "hold": "0", "pictures": "1.5", "score": "2"}.items():
        await editor.field(name).fill(value)
    await editor.done()
    errors = " ".join(map(str, (await editor.properties("events"))["validationErrors"]))
    for words in ("must be another property than the output field", "Wait", "Hold", "Pictures", "Score"):
        assert words in errors
