"""The browser that the tests open the editor in."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from scripts.tools import ROOT, ensure_packages, node

_UNPACK = 'import("@sparticuz/chromium").then(async ({ default: it }) => console.log(await it.executablePath()))'


@asynccontextmanager
async def started_browser() -> AsyncIterator[Browser]:
    """Start a Chromium: CHROMIUM names one, else the system's, else the npm package's, which needs no libraries."""
    with tempfile.TemporaryDirectory(prefix="chromium-") as folder:
        program = os.environ.get("CHROMIUM") or shutil.which("chromium", path="/usr/bin") or _unpacked(folder)
        async with async_playwright() as playwright:
            running = await playwright.chromium.launch(executable_path=program)
            yield running
            await running.close()


def _unpacked(folder: str) -> str:
    """Unpack the package's Chromium into a folder; return the program."""
    ensure_packages()
    command = [node(), "--input-type=module", "--eval", _UNPACK]
    # It unpacks into the directory for temporary files, and assumes that a program of that name there is its own.
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "TMPDIR": folder}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()
