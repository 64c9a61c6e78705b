"""Every answer of the contract server's list, from a service that another node needs, too."""

from __future__ import annotations

import asyncio

from tests.contract import faults
from tests.contract.server import TOKEN

from . import machine
from .load import KINDS, Kind, Record, loading
from .stage import GATE, Stage, flow, recognizer
from .table import Row

STRICT = "strict"
REFUSALS = ("400", "401", "403", "404", "413", "429@0", "500", "502", "503")

_STRICT = {"timeout": 3, "tries": 2, "credentials": {"apiToken": TOKEN}}
"""A short time, since the answers that never end take all of it, and a token that some answers repeat."""


async def answer(stage: Stage, times: int) -> Row:
    """Answer with each fault; each message ends once, as a failure that is not a fault of ours, or with a result."""
    names = [*REFUSALS, *faults.FAULTS]
    row = Row("answers of a service", times * len(names))
    kinds = {**KINDS, **{name: Kind(camera=f"~{name}") for name in names}}
    content = flow(recognizer(GATE, stage.sdk.url), recognizer(STRICT, stage.sdk.url, **_STRICT))
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
        row.demand(not [line for line in red.log if TOKEN in line], "the token is in no line of the log")
    return row


def _judge(row: Row, records: list[Record]) -> None:
    row.messages += len(records)
    for record in records:
        outcome, fault = record.outcome, record.kind
        if outcome == "result":
            row.results += 1
        elif isinstance(outcome, int):
            row.failures[outcome] += 1
            said = {int(fault.partition("@")[0])} if fault in REFUSALS else range(400, 1000)
            told = f"{outcome}, {record.words!r}"
            known = outcome in said and "unexpectedly" not in record.words
            row.demand(known, f"{fault} is told as what it is ({told})")
            row.demand(TOKEN not in record.words, f"{fault} does not make the token known")
        else:
            row.lost += outcome == "lost"
            row.doubled += outcome == "doubled"
            row.demand(False, f"{fault} ended as {outcome}")
        row.demand(outcome == "result" or bool(record.words), f"{fault} says what was wrong")
