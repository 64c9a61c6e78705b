"""What a failed installation is told as: with a real pip, and an index that fails as indexes do."""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_worker.environment.causes import Cause, of_output

from .conftest import Installer, logged, make_wheel

SECRET = "s3cret"


class _Index(http.server.BaseHTTPRequestHandler):
    """A package index of the files in a folder, which answers as its server's `status` says."""

    server: _Server

    def do_GET(self) -> None:
        """Answer with a page of links, or with a file."""
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        parts = self.path.strip("/").split("/")
        if parts[0] == "simple":
            names = [path.name for path in self.server.folder.iterdir() if path.name.startswith(f"{parts[1]}-")]
            body = "".join(f'<a href="/files/{name}">{name}</a>' for name in names).encode()
        else:
            body = (self.server.folder / parts[1]).read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if parts[0] == "simple" else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Answer as a proxy."""
        self.send_error(self.server.status)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    folder: Path
    status = 200


@contextlib.contextmanager
def _index(folder: Path, status: int = 200) -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Index) as server:
        server.folder = folder
        server.status = status
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _from(host: str) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_INDEX_URL": f"http://user:{SECRET}@{host}/simple",
        "PIP_TRUSTED_HOST": "127.0.0.1",
        "PIP_DEFAULT_TIMEOUT": "5",
    }


def _closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _failed(built: Installer, environment: dict[str, str]) -> dict[str, str]:
    """Return why the extra cannot be installed; the base, which is there, is never touched by that."""
    *lines, result = built.run("embedded", environment=environment)
    assert SECRET not in str([lines, result])
    trouble: dict[str, str] = result["trouble"]
    assert len(trouble["status"]) <= 40
    assert built.run("base")[-1]["trouble"] is None
    return trouble


def test_an_index_that_is_not_there_is_no_internet(built: Installer) -> None:
    trouble = _failed(built, _from(_closed_port()))
    assert trouble["status"] == "no internet: 127.0.0.1"
    assert "127.0.0.1 cannot be reached" in trouble["message"]


def test_an_index_that_refuses_is_named_with_its_answer(built: Installer) -> None:
    with _index(built.wheels, 403) as host:
        assert _failed(built, _from(host))["status"] == "index answers 403: 127.0.0.1"


def test_a_proxy_that_refuses_is_told_as_the_proxy(built: Installer) -> None:
    with _index(built.wheels, 407) as proxy:
        environment = {**_from(proxy), "PIP_INDEX_URL": "https://pypi.org/simple"}
        trouble = _failed(built, {**environment, "HTTPS_PROXY": f"http://user:{SECRET}@{proxy}", "NO_PROXY": ""})
    assert trouble["status"] == "proxy refused (407): pypi.org"


def test_a_package_without_a_wheel_for_this_platform_is_named_and_not_compiled(built: Installer) -> None:
    (wheel,) = built.wheels.glob("tinyextra-*")
    wheel.rename(wheel.with_name("tinyextra-1.0-cp399-cp399-win32.whl"))
    (built.wheels / "tinyextra-1.0.tar.gz").write_bytes(b"a source package")
    with _index(built.wheels) as host:
        trouble = _failed(built, _from(host))
    assert trouble["status"].startswith("no wheel: tinyextra, linux-")
    assert "tinyextra 1.0" in trouble["message"]


def test_an_index_of_the_users_own_may_have_other_builds_of_the_same_versions(built: Installer) -> None:
    make_wheel(built.wheels, "tinyextra", "VALUE = 'built elsewhere'\n")
    with _index(built.wheels) as host:
        environment = _from(host)
        *_, refused = built.run("--hashes", "always", "embedded", environment=environment)
        assert refused["trouble"]["status"] == "hash mismatch: tinyextra==1.0"
        *lines, result = built.run("embedded", environment=environment)
    assert logged(lines, "without comparing hashes") == 1
    assert built.imports(result, "tinyextra")
    assert SECRET not in str([lines, result, refused])


def test_a_file_of_the_public_index_that_was_changed_is_never_installed() -> None:
    said = [
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated …",
        "    aiohttp==3.14.5 from https://files.pythonhosted.org/packages/03/aiohttp.whl (from -r base.txt (line 1)):",
        "        Expected sha256 00",
    ]
    cause = of_output(said, 1, "folder", "base")
    assert (cause.status, cause.other_build) == ("hash mismatch: aiohttp==3.14.5", False)


def test_a_file_in_place_of_the_folder_is_told(installer: Installer) -> None:
    installer.root.parent.mkdir(parents=True)
    installer.root.write_text("a file")
    *_, result = installer.run("base", environment=installer.folder_of_wheels)
    assert result["trouble"]["status"] == "folder not writable"


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="there is no mount")
@pytest.mark.parametrize(
    ("options", "status"), [("size=300k", "disk full"), ("size=8m", "disk full"), ("ro", "read-only folder")]
)
def test_a_folder_that_cannot_take_it_is_told(installer: Installer, options: str, status: str) -> None:
    with _mounted(installer.root, options):
        *_, result = installer.run("base", environment=installer.folder_of_wheels)
        assert result["trouble"]["status"] == status
        assert str(installer.root) in result["trouble"]["message"]


@pytest.mark.skipif(shutil.which("mount") is None, reason="there is no mount")
def test_an_environment_on_a_read_only_file_system_is_used(built: Installer, tmp_path: Path) -> None:
    with _mounted(tmp_path / "disk", "size=100m"):
        shutil.move(built.root, tmp_path / "disk" / "environments")
        built.root = tmp_path / "disk" / "environments"
        subprocess.run(["mount", "-o", "remount,ro", tmp_path / "disk"], check=True)
        (result,) = built.run("base")
        assert result["trouble"] is None
        assert built.imports(result, "tinybase")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (
            "The virtual environment was not created successfully because ensurepip is not available.",
            "no venv module: install python3-venv",
        ),
        (
            "Retrying (…) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: "
            "CERTIFICATE_VERIFY_FAILED] …'))': /simple/aiohttp/",
            "certificate not trusted: pypi.org",
        ),
        (
            "Could not fetch URL https://pypi.org/simple/aiohttp/: connection error: HTTPSConnectionPool("
            "host='pypi.org', port=443): Max retries exceeded (Caused by NewConnectionError('…: Failed to establish a "
            "new connection: [Errno -3] Temporary failure in name resolution'))",
            "no internet: pypi.org",
        ),
        ("OSError: [Errno 28] No space left on device", "disk full"),
        ("PermissionError: [Errno 13] Permission denied: '/data/x'", "folder not writable"),
    ],
)
def test_what_pip_and_venv_say_becomes_a_cause(said: str, status: str) -> None:
    cause = of_output([said, "ERROR: No matching distribution found for aiohttp==3.14.5"], 1, "/data", "base")
    assert cause.status == status


def test_a_remark_of_pips_about_itself_is_never_the_reason() -> None:
    said = [
        "  error: subprocess-exited-with-error",
        "  python setup.py egg_info did not run successfully.",
        "RuntimeError: a compiler is missing",
        "note: This error originates from a subprocess, and is likely not a problem with pip.",
    ]
    assert of_output(said, 1, "/data", "base").message == (
        "Installing base failed: RuntimeError: a compiler is missing"
    )


def test_a_pip_that_was_ended_is_told_as_that() -> None:
    assert of_output(["Collecting aiohttp"], -9, "/data", "base").status == "pip was ended: too little memory?"


def test_no_status_is_longer_than_40_characters() -> None:
    assert len(Cause("x" * 100, "").status) == 40


def test_the_users_own_python_is_told_what_it_lacks(built: Installer) -> None:
    (result,) = built.run("--check", "base")
    assert result["trouble"]["status"] == "missing in your Python: tinybase"
    lock = built.package / "python_worker" / "locks" / "base.txt"
    assert f'"{sys.executable}" -m pip install -r "{lock}"' in result["trouble"]["message"]
