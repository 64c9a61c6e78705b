"""What a run of the benchmark found, as a file, and how two of them differ: `npm run benchmark:compare -- OLD NEW`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("openvino", "onnxruntime", "opencv-python-headless", "numpy", "rapidocr")

_ALIKE = 0.005
"""Figures that differ by a smaller part are not shown."""


def environment() -> dict[str, Any]:
    """Return what a run's figures depend on besides the photographs."""
    commit = _git("rev-parse", "--short", "HEAD")
    return {
        "commit": f"{commit}{'+' if _git('status', '--porcelain', '--untracked-files=no') else ''}",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": usable_cores(),
        "processor": _processor(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_record(path: Path, content: Mapping[str, Any]) -> None:
    """Write what a run found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return how a run differs from an older one: plates won and lost, and the figures, in lines to print."""
    lines = []
    for name in sorted(old["folders"].keys() & new["folders"].keys()):
        before, after = (_readings(record["folders"][name]) for record in (old, new))
        lines.append(f"{name}: {len(before.keys() & after.keys())} pictures in both")
        for what, sign in (("right", "won"), ("false", "new false")):
            opposite = {"won": "lost", "new false": "no longer false"}[sign]
            for image in sorted(before.keys() & after.keys()):
                then, now = before[image][what], after[image][what]
                lines += [f"  {sign:16}{image}: {text}" for text in _without(now, then)]
                lines += [f"  {opposite:16}{image}: {text}" for text in _without(then, now)]
    lines.append(f"{'figure':60}{'old':>10}{'new':>10}{'new/old':>9}")
    then, now = (dict(_numbers(_figures(record))) for record in (old, new))
    for key in [key for key in then if key in now]:
        if abs(now[key] - then[key]) > _ALIKE * abs(then[key]):
            ratio = f"{now[key] / then[key]:9.2f}" if then[key] else " " * 9
            lines.append(f"{key:60}{then[key]:10.3f}{now[key]:10.3f}{ratio}")
    return lines


def main() -> None:
    """Compare two records."""
    parser = argparse.ArgumentParser(prog="benchmark:compare", description=__doc__)
    parser.add_argument("old", type=Path, metavar="OLD", help="record of a run, made by benchmark:engine")
    parser.add_argument("new", type=Path, metavar="NEW", help="the same of another commit")
    arguments = parser.parse_args()
    old, new = (json.loads(path.read_text("utf-8")) for path in (arguments.old, arguments.new))
    for name, record in (("old", old), ("new", new)):
        print(name, json.dumps(record["environment"]))
    print("\n".join(differences(old, new)))


def _readings(folder: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {reading["image"]: reading for reading in folder["readings"]}


def _figures(record: Mapping[str, Any]) -> dict[str, Any]:
    folders = {name: folder["figures"] for name, folder in record["folders"].items()}
    return {**folders, "ratios": record["ratios"]}


def _numbers(figures: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of nested figures with the way to them."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{above}{name} ")
        elif isinstance(value, (int, float)):
            yield f"{above}{name}", value


def _without(texts: list[str], others: list[str]) -> list[str]:
    left = list(others)
    found = []
    for text in texts:
        if text in left:
            left.remove(text)
        else:
            found.append(text)
    return found


def _git(*arguments: str) -> str:
    found = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
