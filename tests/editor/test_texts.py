"""What the editor tells: labels and help in each language, and the examples in the import menu."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import expect

from scripts.tools import PACKAGE, ROOT

from .flows import OLD_RECOGNIZER, RECOGNIZER, flow_with
from .page import EditorPage

LOCALES = ROOT / "nodes" / "locales"
NODES = ("plate-recognizer", "plate-statistics")


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


@pytest.mark.parametrize("node", NODES)
def test_every_language_has_every_text_and_the_help(node: str) -> None:
    languages = {folder.name for folder in LOCALES.iterdir()}
    assert languages == {"en-US", "de", "fr"}
    needed = keys(catalogue("en-US", node))
    for language in languages:
        assert keys(catalogue(language, node)) == needed, language
        help_text = (LOCALES / language / f"{node}.html").read_text()
        assert f'data-help-name="{node}"' in help_text


@pytest.mark.parametrize("node", NODES)
def test_the_dialog_names_only_texts_that_exist(node: str) -> None:
    source = (ROOT / "nodes" / f"{node}.html").read_text()
    named = set(re.findall(r'data-i18n="(?:\[\w+\])?([\w.]+)"', source)) | set(
        re.findall(r'text\("([\w.]+)"\)', source)
    )
    assert named <= keys(catalogue("en-US", node))


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
