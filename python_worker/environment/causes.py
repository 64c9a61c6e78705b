"""What a failed installation failed for, from what pip, venv or the system said: first the cause, then what to do."""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

PYPI = frozenset({"pypi.org", "files.pythonhosted.org"})
_LONGEST = 40
_SMALL_FILE = 64 * 2**10
_LITTLE = 2**20
_INDEX = re.compile(r"Looking in indexes: ([^\s,]+)")
_HOST = re.compile(r"host='([^']+)'")
_FETCHED = re.compile(r"Could not fetch URL (\S+?):? ")
_MISMATCH = re.compile(r"^\s+(\S+) from (\S+) ", re.MULTILINE)
_UNMATCHED = re.compile(r"No matching distribution found for ([\w.-]+)==([^\s;]+)")
_CONNECTION = (
    "NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProtocolError|MaxRetryError"
    "|Connection(?:Reset|Refused|Aborted)?Error|Network is unreachable|Connection refused|timed out"
    "|Temporary failure in name resolution|RemoteDisconnected"
)
# A password may have any character in it, an at sign too: what looks like one is rather hidden than told.
_PASSWORD = re.compile(r"://[^\s'\",]*@")


class Cause(Exception):  # noqa: N818 - it names what others raise
    """Why packages could not be installed.

    Attributes:
        status: at most 40 characters, for below a node.
        message: the whole of it, with what to do.
        other_build: a file differs from the tested one because the user's own index, or folder, has another build.
    """

    def __init__(self, status: str, message: str, *, other_build: bool = False) -> None:
        super().__init__(message)
        self.status = status if len(status) <= _LONGEST else f"{status[: _LONGEST - 1]}…"
        self.message = message
        self.other_build = other_build


def hide_passwords(text: str) -> str:
    """Return a text without what stands before the host in its addresses."""
    return _PASSWORD.sub("://…@", text)


def of_error(error: OSError, where: str) -> Cause:
    """Return what an error of the system means for an installation in a folder."""
    return _of_number(error.errno, where) or Cause("installing failed", f"{error.strerror or error} ({where})")


def of_output(lines: Sequence[str], status: int, where: str, what: str) -> Cause:
    """Return why a command failed.

    Args:
        lines: all that it printed and logged.
        status: its exit status; negative is the signal that ended it.
        where: folder that it wrote to.
        what: what it was to install.
    """
    text = hide_passwords("\n".join(lines))
    # venv keeps to itself what ensurepip said, so the folder is asked as well.
    full = {errno.ENOSPC} if _is_full(where) else set()
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM):
        if number in full or f"[Errno {number}]" in text:
            found = _of_number(number, where)
            if found:
                return found
    if "ensurepip is not available" in text or re.search(r"No module named '?(venv|ensurepip)", text):
        return no_venv(sys.executable)
    if status < 0 or status in (137, 143):
        return Cause("pip was ended: too little memory?", f"The installation of {what} was ended from outside.")
    return (
        _of_hash(text, what)
        or _of_network(text)
        or _of_wheel(text, what)
        or _of_space(where)
        or _unknown(text, status, what)
    )


def no_venv(python: str) -> Cause:
    """Return the cause for an interpreter that cannot make environments."""
    version = ".".join(map(str, sys.version_info[:2]))
    return Cause(
        "no venv module: install python3-venv",
        f"{python} cannot make environments: its modules venv and ensurepip are missing. On Debian and Ubuntu: "
        f"apt install python{version}-venv",
    )


def _of_number(number: int | None, where: str) -> Cause | None:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return Cause("disk full", f"There is no space left for the Python packages in {where}, or for temporary files.")
    if number == errno.EROFS:
        return Cause("read-only folder", f"The Python packages cannot be written: {where} is read-only.")
    if number in (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
        return Cause("folder not writable", f"The Python packages cannot be written to {where}: {os.strerror(number)}.")
    return None


def _is_full(folder: str) -> bool:
    """Return whether a folder's disk has no room for a small file."""
    try:
        return shutil.disk_usage(folder).free < _SMALL_FILE
    except OSError:
        return False


def _of_hash(text: str, what: str) -> Cause | None:
    if "DO NOT MATCH THE HASHES" not in text:
        return None
    _, _, told = text.partition("DO NOT MATCH THE HASHES")
    found = _MISMATCH.search(told)
    package, address = (found[1], found[2]) if found else (what, "")
    # A wheel from a folder is the user's own choice, as one from an index other than PyPI is.
    host = urlsplit(address).hostname or (address and "a folder")
    own = bool(host) and host not in PYPI
    advice = (
        'If you trust it, set plateRecognizer.hashes to "auto" or false.'
        if own
        else "Something on the way changed it, or it was cut off."
    )
    message = f"{package} from {address or 'the index'} is not the file that this package was tested with. {advice}"
    return Cause(f"hash mismatch: {package}", message, other_build=own)


def _of_network(text: str) -> Cause | None:
    index = _INDEX.search(text)
    fetched = _FETCHED.search(text)
    named = _HOST.search(text)
    address = (fetched and fetched[1]) or (index and index[1]) or ""
    host = (named and named[1]) or urlsplit(address).hostname or "pypi.org"
    told = f"The package index {host} cannot be reached"
    if "ProxyError" in text or "Tunnel connection failed" in text or "407 Proxy" in text:
        reply = re.search(r"Tunnel connection failed: (\d{3})", text)
        answer = f" ({reply[1]})" if reply else ""
        return Cause(
            f"proxy refused{answer}: {host}",
            f"{told}: the proxy refuses or is not there{answer}. Check HTTPS_PROXY, or proxy in pip.conf.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in text or "SSLError" in text or "confirming the ssl certificate" in text:
        return Cause(
            f"certificate not trusted: {host}",
            f"{told}: its certificate is not trusted. Behind a proxy that opens connections, set PIP_CERT.",
        )
    if f"{host} is not a trusted or secure host" in text:
        return Cause(f"not https: {host}", f"{told}: it is not https. Set PIP_TRUSTED_HOST={host} if that is right.")
    answered = re.search(r"(\d{3}) (?:Client|Server) Error: ?([^:\n]*?) for url", text)
    if answered and answered[1] != "404":
        said = f"{answered[1]} {answered[2]}".strip()
        return Cause(f"index answers {answered[1]}: {host}", f"The package index {host} answers {said}.")
    if re.search(_CONNECTION, text):
        return Cause(
            f"no internet: {host}",
            f"{told}. Connect this machine, or see the README for machines without internet.",
        )
    return None


def _of_wheel(text: str, what: str) -> Cause | None:
    missing = _UNMATCHED.search(text)
    if missing is None:
        return None
    package, version = missing[1], missing[2]
    index = _INDEX.search(text)
    if index is None:
        return Cause(
            f"not in the folder: {package} {version}",
            f"{package} {version} for {_platform()} is not among the wheels that PIP_FIND_LINKS names. The README says "
            "how to fill the folder.",
        )
    return Cause(
        f"no wheel: {package}, {_platform()}",
        f"There is no wheel of {package} {version} for {_platform()} at {urlsplit(index[1]).hostname or index[1]}. "
        + (
            "The worker cannot run here. "
            if what.endswith(" base")
            else "The embedded engine cannot run here; the cloud, an SDK and other servers can be used. "
        )
        + "A remote worker on another machine can do all. The README has a table of platforms.",
    )


def _of_space(where: str) -> Cause | None:
    """Look at the disk itself: venv keeps what it failed for to itself."""
    folder = Path(where)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return _of_number(errno.ENOSPC, where) if shutil.disk_usage(folder).free < _LITTLE else None


def _unknown(text: str, status: int, what: str) -> Cause:
    # pip ends with remarks about itself: "This error originates from a subprocess, and is likely not a problem …".
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if re.match(r"(ERROR|error|\w*Error)\b", line)]
    useful = [line for line in told if "originates from a subprocess" not in line]
    last = (useful or [line for line in lines if line] or [f"status {status}"])[-1]
    reason = re.sub(r"^(ERROR|error): ", "", last)
    return Cause("installing failed: see the log", f"Installing {what} failed: {reason}")


def _platform() -> str:
    system = sysconfig.get_platform()
    musl = "musl" in (sysconfig.get_config_var("EXT_SUFFIX") or "") or (
        sys.platform == "linux" and platform.libc_ver()[0] != "glibc"
    )
    return system.replace("linux-", "musl-") if musl else system
