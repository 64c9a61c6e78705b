"""Many messages at once: each has exactly one outcome, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter

import pytest

from scripts.journal import PATIENCE
from scripts.node_red import NodeRed
from tests.contract.server import Service

from .driver import PICTURE_IN_FLOW, Driver, deployed
from .flows import driven, plate_recognizer
from .processes import worker_of

MESSAGES = 1000
IN_FLIGHT = 50

KINDS = ["good", "~403", "~413", "~429@0", "~html", "~hang-up", "no image"]
STATUSES = {"good": 201, "~403": 403, "~413": 413, "~429@0": 429, "~html": 502, "~hang-up": 502, "no image": 400}


async def send_all(driver: Driver) -> dict[str, str]:
    """Send messages of all kinds, never more than some in flight; return each message's kind."""
    kinds: dict[str, str] = {}
    free = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        # Mostly good ones, and failing ones of every kind among them.
        kind = KINDS[number % len(KINDS)] if number % 3 == 0 else "good"
        async with free:
            payload = None if kind == "no image" else PICTURE_IN_FLOW
            message = await driver.send(payload=payload, camera=f"{kind} {number}")
            kinds[message] = kind
            await driver.ended(message)

    await asyncio.wait_for(asyncio.gather(*map(one, range(MESSAGES))), 4 * PATIENCE)
    await driver.fence()
    return kinds


def outcomes(driver: Driver, kinds: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Return where each message came out and with which status, after checking that each did so once."""
    outputs = [event for event in driver.events if event.kind.startswith("output") and event.id in kinds]
    assert Counter(event.id for event in outputs) == Counter(kinds.keys())
    completed = Counter(event.id for event in driver.events if event.kind == "complete" and event.id in kinds)
    assert completed == Counter(kinds.keys())
    assert not [event for event in driver.events if event.kind == "catch"]
    return {str(event.id): (event.kind, event.message["payload"]["status"]) for event in outputs}


@pytest.fixture
def tested(sdk: Service) -> dict[str, object]:
    """Return a node whose messages each choose how the service answers."""
    return plate_recognizer(
        url=sdk.url, ignoreDuring=False, tries=2, cameraId="camera", cameraIdType="msg", statusText="none"
    )


async def test_a_thousand_messages_have_a_thousand_outcomes(red: NodeRed, tested: dict[str, object]) -> None:
    async with deployed(red, driven(tested)) as driver:
        kinds = await send_all(driver)
        found = outcomes(driver, kinds)
    for message, kind in kinds.items():
        assert found[message] == ("output 1" if kind == "good" else "output 2", STATUSES[kind])


async def test_a_thousand_messages_have_a_thousand_outcomes_though_the_worker_is_killed_in_the_middle(
    own: NodeRed, sdk: Service, tested: dict[str, object]
) -> None:
    async with deployed(own, driven(tested)) as driver:
        sending = asyncio.create_task(send_all(driver))
        await sdk.arrived(MESSAGES // 3)
        os.kill(await worker_of(own), signal.SIGKILL)
        kinds = await sending
        found = outcomes(driver, kinds)
    lost = 0
    for message, kind in kinds.items():
        if found[message] == ("output 2", 503):
            lost += 1
        else:
            assert found[message] == ("output 1" if kind == "good" else "output 2", STATUSES[kind])
    assert lost <= IN_FLIGHT, "no more than what was in flight"
