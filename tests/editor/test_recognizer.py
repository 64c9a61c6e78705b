"""The dialog of the plate-recognizer node."""

from __future__ import annotations

from playwright.async_api import expect

from .flows import OLD_RECOGNIZER, RECOGNIZER, flow_with
from .page import EditorPage

CLOUD = "https://api.platerecognizer.com/v1/plate-reader/"
SERVER_ROWS = {"url", "apiToken", "makeAndModel", "timeout", "tries"}
CLOUD_ROWS = SERVER_ROWS - {"url"} | {"shrink"}


async def open_recognizer(editor: EditorPage, **properties: object) -> None:
    await editor.load(flow_with({**OLD_RECOGNIZER, **properties}, outputs=2))
    await editor.edit(RECOGNIZER)


async def rows_shown(editor: EditorPage) -> set[str]:
    return {name for name in CLOUD_ROWS | SERVER_ROWS if await editor.row(name).is_visible()}


async def test_an_old_node_shows_the_defaults_of_what_it_lacks_and_stays_unchanged(editor: EditorPage) -> None:
    await open_recognizer(editor)
    for name in ("timestamp", "shrink"):
        await expect(editor.field(name)).to_be_checked()
    await expect(editor.field("separateMsg")).not_to_be_checked()
    for name, value in {"timeout": "30", "tries": "3", "cameraId": "gate", "cameraIdType": "str"}.items():
        await expect(editor.field(name)).to_have_value(value)
    await editor.done()
    assert await editor.properties(RECOGNIZER) == {"changed": False, "outputs": 2, "validationErrors": []}


async def test_a_new_node_is_saved_with_the_defaults(editor: EditorPage) -> None:
    await editor.load(flow_with(outputs=2))
    node_id = await editor.add("plate-recognizer")
    await editor.edit(node_id)
    await expect(editor.field("service")).to_have_value("cloud")
    await editor.done()
    saved = (await editor.deploy())[node_id]
    expected = {
        "name": "",
        "inputField": "payload",
        "inputFieldType": "msg",
        "outputField": "payload",
        "outputFieldType": "msg",
        "url": CLOUD,
        "ignoreDuring": True,
        "makeAndModel": False,
        "statusText": "count",
        "cameraId": "",
        "cameraIdType": "str",
        "separateMsg": False,
        "timestamp": True,
        "regionFilter": False,
        "regionList": "[]",
        "regionListType": "json",
        "timeout": 30,
        "tries": 3,
        "shrink": True,
        "wires": [[], []],
    }
    assert {name: value for name, value in saved.items() if name not in ("id", "type", "z", "x", "y")} == expected


async def test_the_service_is_shown_that_the_url_names(editor: EditorPage) -> None:
    expected = {
        "": ("cloud", CLOUD_ROWS),
        CLOUD: ("cloud", CLOUD_ROWS),
        "http://gate.example:8080/v1/plate-reader/": ("server", SERVER_ROWS),
        "${RECOGNIZER}": ("server", SERVER_ROWS),
        "embedded:": ("embedded", set()),
    }
    nodes = {f"node{place}": url for place, url in enumerate(expected)}
    await editor.load(
        flow_with(*({**OLD_RECOGNIZER, "id": name, "url": url} for name, url in nodes.items()), outputs=2)
    )
    for name, url in nodes.items():
        await editor.edit(name)
        shown = (await editor.field("service").input_value(), await rows_shown(editor))
        assert shown == expected[url], url
        await editor.done()
        assert not (await editor.properties(name))["changed"], url


async def test_choosing_a_service_shows_its_rows_and_writes_its_url(editor: EditorPage) -> None:
    await open_recognizer(editor)
    for service, url, rows in (
        ("embedded", "embedded:", set()),
        ("server", "http://localhost:8080", SERVER_ROWS),
        ("cloud", "", CLOUD_ROWS),
    ):
        await editor.field("service").select_option(service)
        await expect(editor.field("url")).to_have_value(url)
        assert await rows_shown(editor) == rows


async def test_a_servers_address_is_not_lost_by_accident(editor: EditorPage) -> None:
    await open_recognizer(editor, url="http://gate.example/")
    await editor.field("service").select_option("embedded")
    await editor.field("service").select_option("server")
    await expect(editor.field("url")).to_have_value("http://gate.example/")
    await editor.field("url").fill("")
    await editor.field("url").blur()
    await expect(editor.field("url"), "empty would be the cloud").to_have_value("http://localhost:8080")


async def test_what_is_entered_is_saved(editor: EditorPage) -> None:
    await open_recognizer(editor)
    await editor.field("service").select_option("server")
    await editor.field("url").fill("http://gate.example:8080")
    await editor.field("apiToken").fill("a token of the tests")
    await editor.enter("inputField", "req.files[0].buffer")
    await editor.enter("outputField", "plates")
    await editor.enter("cameraId", "${CAMERA}")
    await editor.field("statusText").select_option("plates")
    for name in ("ignoreDuring", "separateMsg", "makeAndModel", "regionFilter"):
        await editor.field(name).check()
    await editor.field("timestamp").uncheck()
    await editor.enter("regionList", '["gb", "us-ca"]')
    await editor.field("timeout").fill("2.5")
    await editor.field("tries").fill("${TRIES}")
    await editor.done()
    assert (await editor.properties(RECOGNIZER))["validationErrors"] == []
    saved = (await editor.deploy())[RECOGNIZER]
    entered = {
        "url": "http://gate.example:8080",
        "inputField": "req.files[0].buffer",
        "outputField": "plates",
        "cameraId": "${CAMERA}",
        "cameraIdType": "str",
        "statusText": "plates",
        "ignoreDuring": True,
        "separateMsg": True,
        "makeAndModel": True,
        "regionFilter": True,
        "timestamp": False,
        "regionList": '["gb", "us-ca"]',
        "timeout": "2.5",
        "tries": "${TRIES}",
        "shrink": True,
        "wires": [["debug"], ["debug"]],
    }
    assert {name: saved[name] for name in entered} == entered
    assert "apiToken" not in saved and "credentials" not in saved
    assert await editor.credentials("plate-recognizer", RECOGNIZER) == {"has_apiToken": True}


async def test_the_camera_id_can_come_from_the_message(editor: EditorPage) -> None:
    await open_recognizer(editor, cameraId="camera.id", cameraIdType="msg")
    await expect(editor.typed("cameraId")).to_have_value("camera.id")
    await editor.enter("cameraId", "camera[")
    await expect(editor.row("cameraId").locator(".red-ui-typedInput-container")).to_contain_class("input-error")


async def test_a_bad_region_list_is_marked_while_it_is_typed(editor: EditorPage) -> None:
    await open_recognizer(editor)
    container = editor.row("regionList").locator(".red-ui-typedInput-container")
    await expect(container).to_be_hidden()
    await editor.field("regionFilter").check()
    for bad in ("[", "", "[]", '"gb"', "[1]", '["gb", " "]'):
        await editor.enter("regionList", '["gb", "us-ca"]')
        await expect(container).not_to_contain_class("input-error")
        await editor.enter("regionList", bad)
        await expect(container, bad).to_contain_class("input-error")
    await editor.field("regionFilter").uncheck()
    await editor.done()
    assert (await editor.properties(RECOGNIZER))["validationErrors"] == []


async def test_a_node_with_bad_settings_says_so_in_the_workspace(editor: EditorPage) -> None:
    bad = {
        "url": ("ftp://gate.example", "URL: enter http://… or https://…, or choose another service"),
        "regionList": ("[1]", 'Regions: enter a list of region codes, for example ["gb", "us-ca"]'),
        "timeout": ("0", "Timeout: enter a number from 0.1 to 3600"),
        "tries": ("1.5", "Tries: enter a whole number from 1 to 10"),
    }
    nodes = [
        {**OLD_RECOGNIZER, "id": name, "regionFilter": name == "regionList", name: value}
        for name, (value, _) in bad.items()
    ]
    await editor.load(flow_with(*nodes, outputs=2))
    reasons = {name: (await editor.properties(name))["validationErrors"] for name in bad}
    assert reasons == {name: [reason] for name, (_, reason) in bad.items()}


async def test_environment_variables_are_taken_for_valid(editor: EditorPage) -> None:
    names = ("inputField", "outputField", "url", "cameraId", "regionList", "timeout", "tries")
    await editor.load(flow_with({**OLD_RECOGNIZER, "regionFilter": True, **dict.fromkeys(names, "${NAME}")}, outputs=2))
    assert (await editor.properties(RECOGNIZER))["validationErrors"] == []
