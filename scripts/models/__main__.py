"""Writes the engine's model folder. With folders of photographs: says what float16 changes in the networks' answers."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx

from ..tools import ROOT, NpmError
from .half import store_half
from .sources import SourceError, coco_ssd, rapidocr
from .text import detector, recogniser
from .vehicles import ANCHORS, vehicles

FOLDER = ROOT / "python_worker" / "engine" / "weights"
SUMS = "SHA256SUMS"


def main(arguments: Sequence[str]) -> int:
    """Make all networks; return the exit status."""
    try:
        networks, characters = _networks()
    except (SourceError, NpmError) as error:
        print(error, file=sys.stderr)
        return 1
    if arguments:
        from .compare import compare

        return compare(networks, [Path(argument) for argument in arguments])
    FOLDER.mkdir(exist_ok=True)
    for name, model in networks.items():
        store_half(model, but=frozenset(ANCHORS))
        onnx.checker.check_model(model)
        (FOLDER / name).write_bytes(model.SerializeToString(deterministic=True))
    (FOLDER / "characters.txt").write_text("".join(f"{character}\n" for character in characters), "utf-8", newline="\n")
    (FOLDER / SUMS).write_text(sums(FOLDER), "utf-8", newline="\n")
    return 0


def sums(folder: Path) -> str:
    """Return the checksums of a folder's networks and characters, in the form of `sha256sum`."""
    files = sorted([*folder.glob("*.onnx"), folder / "characters.txt"])
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def _networks() -> tuple[Mapping[str, onnx.ModelProto], list[str]]:
    """Return the networks by their file names, with weights of 32 bits, and the recogniser's characters."""
    texts = rapidocr()
    reading, characters = recogniser(texts["PP-OCRv6_rec_small.onnx"])
    return {
        "detector.onnx": detector(texts["PP-OCRv6_det_small.onnx"]),
        "recogniser.onnx": reading,
        "vehicles.onnx": vehicles(coco_ssd()),
    }, characters


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
