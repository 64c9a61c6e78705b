"""Every answer of the contract server's list, from a service that another node needs, too."""

from __future__ import annotations

import asyncio

from tests.contract import faults

from . import machine
from .load import KINDS, Kind, Record, loading
from .stage import GATE, Stage, flow, recognizer
from .table import Row

STRICT = "strict"
REFUSALS = ("400", "401", "403", "404", "413", "429@0", "500", "502", "503")
PLENTY = 0.5
"""Seconds that a node of this fault gives the service; the answers that never end take these."""


async def answer(stage: Stage, times: int) -> Row:
    """Answer with each fault; each message ends once, as a failure that is not a fault of ours, or with a result."""
    names = [*REFUSALS, *faults.NAMES]
    row = Row("answers of a service", times * len(names))
    kinds = {**KINDS, **{name: Kind(camera=f"~{name}") for name in names}}
    content = flow(recognizer(GATE, stage.sdk.url), recognizer(STRICT, stage.sdk.url, timeout=PLENTY, tries=2))
    async with stage.node_red(content) as red:
        async with (
            loading(red, GATE, ("good",), every=50) as gate,
            loading(red, STRICT, names, every=0, flight=4, number=times * len(names), kinds=kinds) as load,
        ):
            await gate.goes_on()
            worker = await machine.worker(red)
            await asyncio.wait_for(load.reached(times * len(names)), 600)
            records = await load.settled()
            _judge(row, records)
            row.demand(await machine.worker(red) == worker, "no answer costs the worker")
            await gate.judge(row)
        row.demand(not [line for line in red.log if "Traceback" in line], "no answer is a surprise to the worker")
    return row


def _judge(row: Row, records: list[Record]) -> None:
    row.messages += len(records)
    for record in records:
        outcome, fault = record.outcome, record.kind
        if outcome == "result":
            row.results += 1
        elif isinstance(outcome, int):
            row.failures[outcome] += 1
            said = (int(fault.partition("@")[0]),) if fault in REFUSALS else (502, 503, 504)
            row.demand(outcome in said or outcome == 403, f"{fault} is not told as {outcome} ({record.words})")
        else:
            row.lost += outcome == "lost"
            row.doubled += outcome == "doubled"
            row.demand(False, f"{fault} ended as {outcome}")
        row.demand(outcome == "result" or bool(record.words), f"{fault} says what was wrong")
