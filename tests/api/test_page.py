"""The server's page, in a real browser: a picture goes in, its plates come out, by mouse, paste and keyboard."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, ConsoleMessage, FilePayload, Page, Request, expect

from tests.editor.browser import started_browser

from .conftest import Running, serving

_NOTHING = "\N{EN DASH}"

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
    page.on("console", lambda message: _note_refusal(message, failures))
    await page.goto(server.url)
    await expect(page.locator("#regions option").first).to_be_attached()
    yield page
    await context.close()
    assert elsewhere == []
    assert failures == []


def _note(request: Request, url: str, elsewhere: list[str]) -> None:
    if not request.url.startswith((url, "blob:", "data:")):
        elsewhere.append(request.url)


def _note_refusal(message: ConsoleMessage, failures: list[str]) -> None:
    if "Content Security Policy" in message.text:
        failures.append(message.text)


async def _choose(page: Page, name: str, image: bytes) -> None:
    await page.set_input_files("#file", _file(name, image))


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


async def _drawn(page: Page, kind: str = "plate") -> list[float]:
    """Return left, top, right and bottom of the first such box on the screen, in pixels of the picture."""
    found: list[float] = await page.evaluate(
        """(kind) => {
            const image = document.querySelector("#image");
            const [outer, inner] = [image, document.querySelector(`#boxes rect.${kind}`)].map((it) =>
                it.getBoundingClientRect());
            const scale = image.naturalWidth / outer.width;
            return [inner.left - outer.left, inner.top - outer.top, inner.right - outer.left, inner.bottom - outer.top]
                .map((edge) => edge * scale);
        }""",
        kind,
    )
    return found


async def test_a_chosen_picture_shows_its_plates_where_they_are(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#summary")).to_have_text(re.compile(r"2 plates in \d+ ms"))
    assert sorted(await page.locator("#rows th").all_text_contents()) == ["AB123CD", "KLM482"]
    body = json.loads(await page.locator("#json").text_content() or "")
    box = body["results"][0]["box"]
    assert await _drawn(page) == pytest.approx([box["xmin"], box["ymin"], box["xmax"], box["ymax"]], abs=2)
    assert await page.locator("#boxes text.plate").all_text_contents() == [
        result["plate"].upper() for result in body["results"]
    ]


async def test_vehicles_are_drawn_where_they_are_with_their_type(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#boxes rect.vehicle")).to_have_count(1)
    body = json.loads(await page.locator("#json").text_content() or "")
    vehicle = next(result["vehicle"] for result in body["results"] if result["vehicle"]["score"])
    box = vehicle["box"]
    assert await _drawn(page, "vehicle") == pytest.approx([box["xmin"], box["ymin"], box["xmax"], box["ymax"]], abs=2)
    await expect(page.locator("#boxes text.vehicle")).to_have_text(vehicle["type"])
    cells = await page.locator("#rows td[data-name=Vehicle]").all_text_contents()
    assert sorted(cell.split(" ")[0] for cell in cells) == sorted([vehicle["type"], _NOTHING])


async def test_vehicles_without_a_plate_are_shown_when_asked_for(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#rows tr")).to_have_count(2)
    before = await page.locator("#rows tr").all_text_contents()
    await page.check("#vehicles")
    await expect(page.locator("#json")).to_contain_text('"props"')
    assert await page.locator("#rows tr").all_text_contents() == before
    await expect(page.locator("#boxes rect.plate")).to_have_count(2)
    await page.fill("#threshold_o", "1")
    await page.locator("#threshold_o").blur()
    await expect(page.locator("#summary")).to_have_text(re.compile(r"No plates, 1 vehicle without one, in \d+ ms"))
    await expect(page.locator("#boxes rect.vehicle")).to_have_count(1)
    await expect(page.locator("#boxes rect.plate")).to_have_count(0)
    await expect(page.locator("#rows th")).to_have_text(_NOTHING)


async def test_labels_keep_their_size_when_the_window_gets_smaller(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#boxes text.plate")).to_have_count(2)
    await page.set_viewport_size({"width": 360, "height": 740})
    # 15 pixels of the screen, which shows a picture 1280 pixels wide in 328 of them.
    await expect(page.locator("#boxes text").first).to_have_attribute("font-size", re.compile(r"^58\.5"))


async def test_a_picture_that_a_phone_took_upright_gets_its_boxes_where_it_shows_the_plates(
    page: Page, pictures: Mapping[str, bytes]
) -> None:
    exif, lying = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(pictures["one-car.jpg"])) as upright:
        upright.rotate(90, expand=True).save(lying, "JPEG", exif=exif)
    await _choose(page, "phone.jpg", pictures["one-car.jpg"])
    await expect(page.locator("#rows th")).to_have_text("NHK552")
    expected = await _drawn(page)
    await _choose(page, "phone.jpg", lying.getvalue())
    await expect(page.locator("#summary")).to_contain_text("1 plate in")
    await expect(page.locator("#rows th")).to_have_text("NHK552")
    assert await _drawn(page) == pytest.approx(expected, abs=10)


async def test_what_was_found_is_announced(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.get_by_role("status")).to_contain_text(re.compile(r"2 plates in \d+ ms: KLM482, AB123CD"))


async def test_the_picture_before_is_given_up(page: Page, pictures: Mapping[str, bytes]) -> None:
    await _choose(page, "car.jpg", pictures["one-car.jpg"])
    first = await page.locator("#image").get_attribute("src")
    await _choose(page, "two.jpg", pictures["two-cars.jpg"])
    await expect(page.locator("#image")).not_to_have_attribute("src", first or "")
    loads = """(src) => new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
        image.src = src;
    })"""
    assert not await page.evaluate(loads, first)
    assert await page.evaluate(loads, await page.locator("#image").get_attribute("src"))


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
    # Playwright does not wait until the browser listens, so a key right after it may come too early.
    async with page.expect_file_chooser() as opened:
        while await page.evaluate("document.activeElement.id") != "file":
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
    chooser = await opened.value
    await chooser.set_files(_file("car.jpg", pictures["another-car-at-angle.jpg"]))
    await expect(page.locator("#rows th")).to_have_text("EX473JH")
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


async def test_a_region_chosen_from_the_list_counts_at_once(page: Page) -> None:
    # Browsers then send the whole value, and nothing about what was typed.
    await page.locator("#region").evaluate(
        """(element) => {
            element.value = "us-ca";
            element.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    await expect(page.locator("#chosen li")).to_have_text(re.compile("^California"))


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


async def test_refusals_and_a_server_that_is_gone_are_told_in_words(
    browser: Browser, pictures: Mapping[str, bytes]
) -> None:
    page = await browser.new_page()
    summary = page.locator("#summary")
    with serving("--max-upload", "1", "--calls-per-second", "1") as limited:
        await page.goto(limited.url)
        await _choose(page, "large.jpg", pictures["one-car.jpg"] + bytes(1_000_000))
        await expect(summary).to_have_text(re.compile("larger than 1,000,000 bytes"))
        await _choose(page, "notes.jpg", b"A text.")
        for mode in ("fast", "regular") * 10:
            await expect(summary).not_to_have_text("Reading …")
            if "calls within a second" in (await summary.text_content() or ""):
                break
            await page.select_option("#mode", mode)
        await expect(summary).to_have_text("More than 1 calls within a second. Wait a second and try again.")
    await page.select_option("#mode", "redaction")
    await expect(summary).to_have_text(re.compile("The server cannot be reached"))
    await page.route("**/v1/plate-reader/", lambda route: route.fulfill(status=504, body="<h1>Gateway Time-out</h1>"))
    await page.select_option("#mode", "regular")
    await expect(summary).to_have_text(re.compile("A proxy before the server refused the picture: 504"))
    await page.close()


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
        await page.reload()
        await _choose(page, "car.jpg", pictures["one-car.jpg"])
        await expect(page.locator("#rows th")).to_have_text("NHK552")
        assert "s3cret" not in page.url
        assert await page.evaluate("localStorage.length + document.cookie.length") == 0
        await page.close()


async def test_the_page_may_load_and_run_nothing_but_its_own_files(page: Page, server: Running) -> None:
    response = await page.request.get(server.url)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


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
