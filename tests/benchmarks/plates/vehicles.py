"""On which vehicles the plates that were read are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any


def vehicle_figures(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how many results there are, how many of them have a vehicle, the types, and their median score (0 to 1).

    Args:
        results: of true plates, in the Snapshot API's form.
    """
    vehicles = [
        result["vehicle"] for result in results if result.get("vehicle", {}).get("type", "Unknown") != "Unknown"
    ]
    types = Counter(vehicle["type"] for vehicle in vehicles)
    return {
        "plates": len(results),
        "with_vehicle": len(vehicles),
        "types": dict(types.most_common()),
        "median_score": median(vehicle["score"] for vehicle in vehicles) if vehicles else 0.0,
    }
