"""What the editor tells: labels and help in each language, and the examples in the import menu."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import expect

from python_worker.nodes.registry import NODE_TYPES
from scripts.tools import PACKAGE, ROOT

from .flows import OLD_RECOGNIZER, RECOGNIZER, flow_with
from .page import EditorPage

LOCALES = ROOT / "nodes" / "locales"
SERVICES = ROOT / "python_worker" / "services" / "services.json"
NODES = tuple(NODE_TYPES)


def keys(catalogue: dict[str, Any], prefix: str = "") -> set[str]:
    """Return the dotted keys of a catalogue's texts."""
    return {
        key
        for name, value in catalogue.items()
        for key in (keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"})
    }


def catalogue(language: str, node: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((LOCALES / language / f"{node}.json").read_text())
    return texts


def dialogs_keys(node: str) -> set[str]:
    """Return the keys of the texts that the node's schema has in English."""
    services = list(json.loads(SERVICES.read_text())["services"])
    found: set[str] = set()
    for name, spec in NODE_TYPES[node].schema.specs.items():
        found |= {f"{part}.{name}" for part in ("placeholder", "unit") if part in spec}
        found |= {f"label.{name}"} if "title" in spec else set()
        found |= {f"{name}.{value}" for value in spec["enum"]} if "titles" in spec else set()
        if NODE_TYPES[node].schema.kind(name) == "service":
            found |= {"label.service", *(f"service.{service}" for service in services)}
    return found


@pytest.mark.parametrize("node", NODES)
def test_every_language_has_every_text_and_the_help(node: str) -> None:
    languages = {folder.name for folder in LOCALES.iterdir()}
    assert languages == {"en-US", "de", "fr"}
    english = keys(catalogue("en-US", node))
    assert not english & dialogs_keys(node), "the schema has them"
    for language in languages:
        if language != "en-US":
            assert keys(catalogue(language, node)) == english | dialogs_keys(node), language
        help_text = (LOCALES / language / f"{node}.html").read_text()
        assert f'data-help-name="{node}"' in help_text


@pytest.mark.parametrize(
    ("language", "label", "words"),
    [
        ("en-US", "Service", "Reads the licence plates"),
        ("de-DE", "Dienst", "Liest die Kennzeichen"),
        ("fr-FR", "Service", "Lit les plaques d'immatriculation"),
    ],
)
async def test_dialog_and_help_speak_the_users_language(
    editor: EditorPage, language: str, label: str, words: str
) -> None:
    await editor.speak(language)
    await editor.load(flow_with(OLD_RECOGNIZER, outputs=2))
    await editor.edit(RECOGNIZER)
    await expect(editor.row("service").locator("label")).to_have_text(label)
    await editor.page.locator(".red-ui-tray-footer-left button .fa-book").click()
    await expect(editor.page.locator(".red-ui-help p").filter(has_text=words)).to_be_visible()


async def test_the_import_menu_lists_the_examples(editor: EditorPage) -> None:
    examples = [flow.stem for flow in (ROOT / "flows").glob("*.json")]
    assert examples
    await editor.load(flow_with(outputs=2))
    await editor.page.evaluate("RED.actions.invoke('core:show-examples-import-dialog')")
    dialog = editor.page.locator("#red-ui-clipboard-dialog-import-tabs-content")
    await dialog.get_by_text(PACKAGE, exact=True).click()
    for example in examples:
        await expect(dialog.get_by_text(example, exact=True)).to_be_visible()
