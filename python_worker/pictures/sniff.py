"""What the first bytes show: a picture of a known kind, or something that is often sent in its place.

This has its own table, because the libraries for this know neither which kinds are read here, nor the mistakes that
flows make: a login page, the header of an MJPEG part, base64 in a Buffer. It looks only at the first bytes, so that
even a large file takes no time of the event loop.
"""

from __future__ import annotations

import re
import struct

_LEAST = 12
"""Bytes of the shortest head below; no picture is shorter."""

_BEGINNING = 65_536
"""Bytes of a page that are searched for a password field."""

# The first bytes of each kind, and what follows if they say too little.
_PICTURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(head, re.DOTALL), kind)
    for head, kind in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"RIFF.{4}WEBP", "image/webp"),
        # The size of the second header, of all versions.
        (rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", "image/bmp"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "image/tiff"),
        (rb".{4}ftypavi[fs]", "image/avif"),
        (rb"P[1-6][\s#]", "image/x-portable-anymap"),
    )
)
_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(head, re.DOTALL | re.IGNORECASE), name)
    for head, name in (
        (rb".{4}ftyp(hei|hev|mif1|msf1)", "a HEIC picture; let the camera or phone send JPEG"),
        (rb".{4}ftyp", "an MP4 video, not a picture of it"),
        (rb"\x1a\x45\xdf\xa3|RIFF.{4}AVI |\x00\x00\x01\xba|FLV\x01", "a video, not a picture of it"),
        (rb"%PDF-", "a PDF document"),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document"),
        (rb"\x00\x00\x00\x0cjP|\xff\x4f\xff\x51", "a JPEG 2000 picture; send JPEG or PNG"),
        (rb"8BPS", "a Photoshop document"),
        (rb"PK\x03\x04", "a ZIP archive"),
        (rb"\x1f\x8b", "data compressed with gzip"),
        (
            rb"\s*(--\S+\s+)?content-type:\s*image/|\s*--\S+\s+content-length:",
            "a part of an MJPEG stream with its header; take the camera's snapshot address, or cut the header off",
        ),
        (rb"\s*(content-type|http/\d)", "an HTTP answer with its header, not the picture in it"),
        (rb"\s*data:image/|/9j/|iVBORw0KGgo", "base64 text in a Buffer; send the text itself"),
        (rb"\s*<svg|\s*<\?xml.{0,200}<svg", "an SVG drawing"),
        (rb"\s*<\?xml", "an XML text"),
        (rb"\s*[{\[]\s*[\"{\[\]}]", "a JSON text"),
    )
)
_PAGE = re.compile(rb"\s*(<!--.{0,1000}?-->\s*)?<(!doctype\s+html|html|head|body|script|meta|title)", re.I | re.S)
_PASSWORD = re.compile(rb"<input[^>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_TEXT = re.compile(rb"[\t\n\r -~]+")
_BOM = b"\xef\xbb\xbf"


def media_type(data: bytes) -> str | None:
    """Return the media type of a picture of a kind that is read here, None for anything else."""
    if len(data) < _LEAST:
        return None
    head = data[:32]
    for pattern, kind in _PICTURES:
        if pattern.match(head):
            return kind
    return "image/avif" if _is_avif(head, data[:64]) else None


def instead(data: bytes) -> str:
    """Describe bytes that are not a picture of a known kind."""
    head = data[:2048].removeprefix(_BOM)
    if len(data) < _LEAST:
        return "too short to be one"
    for pattern, name in _OTHERS:
        if pattern.match(head):
            return name
    if _PAGE.match(head):
        login = _PASSWORD.search(data[:_BEGINNING])
        return "a web page" + (
            " that looks like a login page; give the request for the picture its user name and password"
            if login
            else ""
        )
    if _TEXT.fullmatch(head):
        return "a text"
    return "something that begins as no JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF or PPM does"


def _is_avif(head: bytes, box: bytes) -> bool:
    """Return whether a file of the container format that AVIF and HEIC share names AVIF among its brands."""
    if not re.match(rb".{4}ftypm[is]f1", head, re.DOTALL):
        return False
    (length,) = struct.unpack(">I", head[:4])
    return b"avif" in box[16 : min(length, len(box))]
