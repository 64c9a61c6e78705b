"""Node-RED's editor as a user has it before them."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import ConsoleMessage, Locator, Page, expect

from scripts.node_red import Flow, NodeRed

# Node-RED catches what a node's page throws, and logs it as if it were nothing.
_COMPLAINT = re.compile(r"oneditprepare|onedit\w+|onadd|Validation error|Definition error|Error|Warning")
# The editor says this, and then the error, when a notification comes before it has the nodes. No page of ours listens.
_EARLY = "Uncaught error from RED.comms.subscribe"
_PROPERTIES = """
(id) => {
    const { changed, outputs, validationErrors } = RED.nodes.node(id);
    return { changed, outputs, validationErrors };
}
"""


class EditorPage:
    """An editor in a browser's page.

    Attributes:
        complaints: errors and warnings of the page and of its console.
        page: the page, for what is not here.
    """

    def __init__(self, page: Page, red: NodeRed) -> None:
        self.complaints: list[str] = []
        self.page = page
        self._red = red
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def load(self, flow: Flow) -> None:
        """Open the editor with these flows deployed."""
        await self._red.deploy(flow)
        await self.page.goto(self._red.url)
        await expect(self.page.locator("#red-ui-loading-progress")).to_be_hidden()
        for node in flow:
            if "x" in node:
                await expect(self.node(node["id"])).to_be_visible()
        early = [index for index, text in enumerate(self.complaints) if text.startswith(_EARLY)]
        self.complaints = [
            text for index, text in enumerate(self.complaints) if index not in early and index - 1 not in early
        ]

    def node(self, node_id: str) -> Locator:
        """Return a node in the workspace."""
        return self.page.locator(f'[id="{node_id}"] .red-ui-flow-node')

    async def add(self, node_type: str) -> str:
        """Drag a node from the palette into the workspace, and return its id."""
        before = set(await self._ids())
        await self.page.locator("#red-ui-palette-search input").press_sequentially(node_type)
        await expect(self.page.locator(".red-ui-palette-node:visible")).to_have_count(1)
        entry = self.page.locator(f'.red-ui-palette-node[data-palette-type="{node_type}"]')
        await entry.drag_to(self.page.locator("#red-ui-workspace-chart"), target_position={"x": 500, "y": 450})
        await expect(self.page.locator(".red-ui-flow-node-group")).to_have_count(len(before) + 1)
        (node_id,) = set(await self._ids()) - before
        return node_id

    async def edit(self, node_id: str) -> None:
        """Open a node's dialog."""
        await self.node(node_id).dblclick()
        # The dialog slides in; Node-RED's last step is to raise it.
        await expect(self.page.locator("#red-ui-editor-stack")).to_have_css("z-index", "13")

    def field(self, name: str) -> Locator:
        """Return the dialog's field of a property."""
        return self.page.locator(f"#node-input-{name}")

    def row(self, name: str) -> Locator:
        """Return the dialog's row with the field of a property."""
        return self.page.locator("#dialog-form .form-row").filter(has=self.field(name))

    def typed(self, name: str) -> Locator:
        """Return the field that a user types into in place of the one of a typed input."""
        return self.row(name).locator("input.red-ui-typedInput-input")

    async def enter(self, name: str, text: str) -> None:
        """Type into the field of a typed input; its other fields follow with the keys."""
        await self.typed(name).fill(text)
        await self.typed(name).press("End")

    async def done(self) -> None:
        """Close the dialog, keeping what was entered."""
        await self.page.locator("#node-dialog-ok").click()
        await expect(self.page.locator("#node-dialog-ok")).to_have_count(0)

    async def properties(self, node_id: str) -> dict[str, Any]:
        """Return what the editor knows of a node: `changed`, `outputs`, and `validationErrors`."""
        known: dict[str, Any] = await self.page.evaluate(_PROPERTIES, node_id)
        return known

    async def deploy(self) -> dict[str, dict[str, Any]]:
        """Press the Deploy button; return what Node-RED has then, by the nodes' ids."""
        async with self.page.expect_response(lambda answer: answer.request.method == "POST") as deployed:
            await self.page.locator("#red-ui-header-button-deploy").click()
        assert (await deployed.value).ok
        return {node["id"]: node for node in await self._red.request("GET", "/flows")}

    async def credentials(self, node_type: str, node_id: str) -> Any:
        """Return what Node-RED tells of a node's credentials."""
        return await self._red.request("GET", f"/credentials/{node_type}/{node_id}")

    async def speak(self, language: str) -> None:
        """Choose the editor's language as its settings do, for the pages that are loaded from now on."""
        await self.page.add_init_script(f"localStorage.setItem('editor-language', '{language}')")

    async def _ids(self) -> list[str]:
        ids: list[str] = await self.page.evaluate("RED.nodes.filterNodes({}).map(({ id }) => id)")
        return ids

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") or _COMPLAINT.search(message.text):
            self.complaints.append(message.text)
