"""The dialog of the plate-statistics node, and its outputs: the original's has one, ours a second one for errors."""

from __future__ import annotations

from playwright.async_api import expect

from .flows import OLD_STATISTICS, STATISTICS, flow_with
from .page import EditorPage


async def test_an_old_node_keeps_its_output_and_its_wire(editor: EditorPage) -> None:
    await editor.load(flow_with(OLD_STATISTICS, outputs=1))
    await editor.edit(STATISTICS)
    await expect(editor.field("outputs")).to_have_value("1")
    await expect(editor.field("timeout")).to_have_value("30")
    await editor.done()
    assert await editor.properties(STATISTICS) == {"changed": False, "outputs": 1, "validationErrors": []}
    await editor.edit(STATISTICS)
    await editor.field("name").fill("account")
    await editor.done()
    assert (await editor.deploy())[STATISTICS]["wires"] == [["debug"]]


async def test_an_old_node_can_get_the_output_for_errors(editor: EditorPage) -> None:
    await editor.load(flow_with(OLD_STATISTICS, outputs=1))
    await editor.edit(STATISTICS)
    await editor.field("outputs").select_option("2")
    await editor.done()
    saved = (await editor.deploy())[STATISTICS]
    assert (saved["outputs"], saved["wires"]) == (2, [["debug"], []])
    await editor.page.reload()
    await expect(editor.node(STATISTICS)).to_be_visible()
    assert (await editor.properties(STATISTICS))["outputs"] == 2


async def test_a_new_node_has_the_output_for_errors(editor: EditorPage) -> None:
    await editor.load(flow_with(outputs=2))
    node_id = await editor.add("plate-statistics")
    saved = (await editor.deploy())[node_id]
    expected = {
        "name": "",
        "outputField": "payload",
        "outputFieldType": "msg",
        "url": "https://api.platerecognizer.com/v1/statistics/",
        "timeout": 30,
        "outputs": 2,
        "wires": [[], []],
    }
    assert {name: value for name, value in saved.items() if name not in ("id", "type", "z", "x", "y")} == expected


async def test_choosing_a_service_shows_its_rows_and_writes_its_url(editor: EditorPage) -> None:
    await editor.load(flow_with({**OLD_STATISTICS, "outputs": 2}, outputs=2))
    await editor.edit(STATISTICS)
    for service, url, shown in (
        ("embedded", "embedded:", set()),
        ("server", "http://localhost:8080", {"url", "apiToken", "timeout"}),
        ("cloud", "", {"apiToken", "timeout"}),
    ):
        await editor.field("service").select_option(service)
        await expect(editor.field("url")).to_have_value(url)
        rows = ("url", "apiToken", "timeout")
        assert {name for name in rows if await editor.row(name).is_visible()} == shown
