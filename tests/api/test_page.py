"""The server's page, in a real browser: a picture goes in, its plates come out, by mouse, paste and keyboard."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, expect

from tests.editor.browser import started_browser

from .conftest import Running, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with started_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, server: Running) -> AsyncIterator[Page]:
    """Yield the opened page; nothing that it loads may come from elsewhere, and nothing may fail in it."""
    context = await browser.new_context(viewport={"width": 1200, "height": 800})
    page = await context.new_page()
    elsewhere: list[str] = []
    failures: list[str] = []
    page.on("request", lambda request: _note(request, server.url, elsewhere))
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(server.url)
    await expect(page.locator("#regions option").first).to_be_attached()
    yield page
    await context.close()
    assert elsewhere == []
    assert failures == []


def _note(request: Request, url: str, elsewhere: list[str]) -> None:
    if not request.url.startswith((url, "blob:", "data:")):
        elsewhere.append(request.url)


async def _choose(page: Page, name: str, image: bytes) -> None:
    await page.set_input_files("#file", {"name": name, "mimeType": "image/jpeg", "buffer": image})


async def test_a_chosen_picture_shows_its_plates_where_they_are(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#summary")).to_have_text(re.compile(r"2 plates in \d+ ms"))
    assert sorted(await page.locator("#rows th").all_text_contents()) == ["AB123CD", "KLM482"]
    body = json.loads(await page.locator("#json").text_content() or "")
    image = await page.locator("#image").bounding_box()
    box = await page.locator("#boxes rect.plate").first.bounding_box()
    assert image and box
    scale = image["width"] / 1280
    drawn = [(box["x"] - image["x"]) / scale, (box["y"] - image["y"]) / scale]
    expected = body["results"][0]["box"]
    # The stroke is drawn around the edge.
    assert drawn == pytest.approx([expected["xmin"], expected["ymin"]], abs=5)
    assert await page.locator("#boxes text").all_text_contents() == [
        result["plate"].upper() for result in body["results"]
    ]


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_a_pasted_or_dropped_picture_is_read(page: Page, pictures: Mapping[str, bytes], way: str) -> None:
    await page.evaluate(
        """([way, text]) => {
            const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "car.jpg", { type: "image/jpeg" }));
            document.dispatchEvent(
                way === "paste"
                    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
                    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }),
            );
        }""",
        [way, base64.b64encode(pictures["one-car.jpg"]).decode()],
    )
    await expect(page.locator("#rows th")).to_have_text("NHK552")


async def test_it_works_by_keyboard_alone(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "car.jpg", pictures["another-car-at-angle.jpg"])
    await expect(page.locator("#rows th")).to_have_text("EX473JH")
    await page.locator("#file").focus()
    while await page.evaluate("document.activeElement.id") != "region":
        await page.keyboard.press("Tab")
    await page.keyboard.type("fr")
    await page.keyboard.press("Enter")
    await expect(page.locator("#rows td").first).to_have_text(re.compile("^France"))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#chosen li")).to_have_count(0)
    assert await page.evaluate("document.activeElement.id") == "region"


async def test_regions_and_options_are_sent(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "car.jpg", pictures["one-car.jpg"])
    await expect(page.locator("#rows th")).to_have_count(1)
    await page.fill("#threshold_o", "1")
    await page.locator("#threshold_o").blur()
    await expect(page.locator("#summary")).to_have_text(re.compile("No plates in"))
    await page.select_option("#mode", "redaction")
    await expect(page.locator("#rows th").first).to_have_text("NHK552")
    await page.select_option("#mode", "regular")
    await page.fill("#threshold_o", "0.6")
    await page.fill("#region", "india")
    await page.locator("#region").press("Enter")
    await page.check("#strict")
    await expect(page.locator("#summary")).to_have_text(re.compile("No plates in"))


async def test_an_unknown_region_is_named_and_not_sent(page: Page) -> None:
    await page.fill("#region", "atlantis")
    await page.locator("#region").press("Enter")
    assert "No region" in await page.locator("#region").evaluate("(element) => element.validationMessage")
    await expect(page.locator("#chosen li")).to_have_count(0)


async def test_what_is_no_picture_is_told_in_words(page: Page) -> None:
    await _choose(page, "notes.jpg", b"A text.")
    await expect(page.locator("#summary")).to_have_text(re.compile("not an image of a known kind"))
    await expect(page.locator("#unshown")).to_be_visible()
    await expect(page.locator("#table")).to_be_hidden()


async def test_the_json_can_be_copied(page: Page, pictures: Mapping[str, bytes]) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await _choose(page, "car.jpg", pictures["one-car.jpg"])
    await page.locator("summary").click()
    await page.locator("#copy").click()
    await expect(page.locator("#copy")).to_have_text("Copied")
    copied = json.loads(await page.evaluate("navigator.clipboard.readText()"))
    assert copied["results"][0]["plate"] == "nhk552"


async def test_a_token_is_asked_for_and_kept_out_of_the_address(
    browser: Browser, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret")
    with serving("--token-file", str(tmp_path / "token")) as guarded:
        page = await browser.new_page()
        await page.goto(guarded.url)
        await _choose(page, "car.jpg", pictures["one-car.jpg"])
        await expect(page.locator("#summary")).to_have_text("Invalid token.")
        await page.fill("#token", "s3cret")
        await page.locator("#access button").click()
        await expect(page.locator("#rows th")).to_have_text("NHK552")
        await expect(page.locator("#access")).to_be_hidden()
        assert "s3cret" not in page.url
        await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_all_of_it_in_light_and_dark(
    browser: Browser, server: Running, pictures: Mapping[str, bytes], scheme: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await context.new_page()
    await page.goto(server.url)
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#rows th")).to_have_count(2)
    await page.locator("summary").click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3])
    assert (brightness > 600) == (scheme == "light")
    await context.close()
