"""The networks are those that were tested: each file has the checksum that `npm run models` wrote."""

from __future__ import annotations

import hashlib
from pathlib import Path

import python_worker.engine

FOLDER = Path(python_worker.engine.__file__).parent / "weights"


def _expected() -> dict[str, str]:
    lines = (FOLDER / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_every_file_that_the_engine_loads_has_its_checksum() -> None:
    found = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in _expected()}
    assert found == _expected()


def test_no_network_is_without_a_checksum() -> None:
    networks = {path.name for path in FOLDER.iterdir() if path.suffix in (".onnx", ".txt")}
    assert networks == set(_expected()) == {"detector.onnx", "recogniser.onnx", "vehicles.onnx", "characters.txt"}


def test_the_characters_begin_with_the_blank_and_end_with_the_space() -> None:
    characters = (FOLDER / "characters.txt").read_text("utf-8").split("\n")
    assert characters[0] == ""
    assert characters[-2:] == [" ", ""]
    assert len(set(characters[:-1])) == len(characters) - 1


def test_every_networks_origin_and_changes_are_told_and_its_licence_is_there() -> None:
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    assert all(name in notice for name in _expected())
    assert "Apache License" in (FOLDER / "LICENSE").read_text("utf-8")
