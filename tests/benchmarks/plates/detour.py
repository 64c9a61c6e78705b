"""What it costs that the engine has a process of its own."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

from python_worker.engine import PlateReader
from python_worker.services.base import RecognitionOptions
from python_worker.services.embedded import EmbeddedService
from python_worker.services.usage import UsageCounter


def compare_processes(pictures: Sequence[bytes], rounds: int = 21) -> dict[str, Any]:
    """Return milliseconds to read a picture in this process and by the service, and those of the way alone.

    Both read each picture in turn, the first one changing; the medians of all pictures are averaged. The way alone is
    that of 300 KB that are refused at once, since they are no picture.
    """
    return asyncio.run(_compare(pictures, rounds))


async def _compare(pictures: Sequence[bytes], rounds: int) -> dict[str, Any]:
    service = EmbeddedService(UsageCounter(None))
    begun = time.perf_counter()
    await service.start()
    found: dict[str, Any] = {"start_seconds": time.perf_counter() - begun}
    reader = PlateReader()

    async def here(picture: bytes) -> None:
        await asyncio.to_thread(reader.read, picture)

    async def there(picture: bytes) -> None:
        await service.recognize(picture, RecognitionOptions())

    times: dict[str, list[list[float]]] = {"here": [], "there": []}
    for picture in pictures:
        for one in times.values():
            one.append([])
        for number in range(rounds):
            for name, call in sorted({"here": here, "there": there}.items(), reverse=number % 2 == 1):
                times[name][-1].append(await _milliseconds(call(picture)))
    found |= {name: statistics.mean(statistics.median(one) for one in all_) for name, all_ in times.items()}
    found["way_alone"] = statistics.median([await _milliseconds(there(bytes(300_000))) for _ in range(200)])
    await service.close()
    return found


async def _milliseconds(call: Any) -> float:
    begun = time.perf_counter()
    await asyncio.gather(call, return_exceptions=True)
    return (time.perf_counter() - begun) * 1000
