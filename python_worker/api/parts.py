"""Multipart forms, taken in pieces as they arrive."""

from __future__ import annotations

from collections.abc import Sequence

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from ..pictures import media_type
from .forms import MOST_FIELDS, OTHER_FIELDS, Upload, decoded, malformed, too_long, too_many

_MOST_HEADERS = 8
"""Header lines of a part; three are usual."""


class MultipartForm:
    """Takes a multipart form in pieces, and keeps of it what is used."""

    def __init__(self, boundary: str, image_fields: Sequence[str]) -> None:
        """Begin.

        Args:
            boundary: of the header `Content-Type`.
            image_fields: fields that may hold the image; a file in the first of them that is there is taken.

        Raises:
            ApiError: 400, there is no boundary.
        """
        try:
            self._parser = PushMultipartParser(
                boundary,
                max_header_count=_MOST_HEADERS,
                max_segment_count=MOST_FIELDS,
                # Some clients name files in another character set; `_name` reads UTF-8 where it is that.
                header_charset="latin-1",
            )
        except MultipartError:
            raise malformed() from None
        self._image_fields = image_fields
        self._images: dict[str, tuple[str, bytearray, bool]] = {}
        self._upload = Upload()
        self._others = 0
        self._segment: MultipartSegment | None = None
        self._content = bytearray()
        self._kept = False

    def take(self, piece: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            ApiError: 400, they are no form; 413, it has too many or too large fields.
        """
        try:
            for event in self._parser.parse(piece):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is None:
                    self._end()
                else:
                    self._add(event)
        except ParserLimitReached:
            raise too_many() from None
        except MultipartError:
            raise malformed() from None

    def finish(self) -> Upload:
        """Return what the form held.

        Raises:
            ApiError: 400, it ended early, or a field is no text.
        """
        try:
            self._parser.close()
        except MultipartError:
            raise malformed() from None
        for name in self._image_fields:
            if name in self._images:
                self._upload.filename, content, is_file = self._images[name]
                # A text field holds base64, a file the image itself, also where a client gives it no name.
                is_file = is_file or media_type(bytes(content[:64])) is not None
                self._upload.image = bytes(content) if is_file else decoded(bytes(content))
                break
        return self._upload

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment, self._content = segment, bytearray()
        self._count(len(segment.name or "") + len(segment.filename or ""))
        self._kept = segment.name in self._image_fields or segment.filename is None

    def _add(self, piece: bytes) -> None:
        segment = self._segment
        if segment is None or not self._kept:
            return
        if segment.name not in self._image_fields:
            if not self._content and media_type(piece[:64]) is not None:
                self._kept = False
                return
            self._count(len(piece))
        self._content += piece

    def _end(self) -> None:
        segment, content = self._segment, self._content
        if segment is None or not segment.name:
            return
        if segment.name in self._image_fields:
            self._images[segment.name] = (_name(segment.filename), content, segment.filename is not None)
        elif self._kept:
            self._upload.fields[_name(segment.name)].append(_text(bytes(content)))
        else:
            self._upload.files.append(_name(segment.name))

    def _count(self, size: int) -> None:
        self._others += size
        if self._others > OTHER_FIELDS:
            raise too_long()


def _name(raw: str | None) -> str:
    """Return a name of a part's header, each of whose characters is one byte so far."""
    return (raw or "").encode("latin-1", "replace").decode("utf-8", "replace")


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise malformed() from None
