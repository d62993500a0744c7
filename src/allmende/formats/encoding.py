"""Text from a stream of bytes whose encoding nobody told us."""

from __future__ import annotations

import codecs
from typing import BinaryIO, Final

from allmende.formats.records import Problem, UnusableInput

CHUNK: Final = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextSource:
    """Text of a delivery, piece by piece, in constant memory.

    UTF-8, UTF-16 and UTF-32 with their marks, UTF-16 without; anything else is taken for Windows-1252, with a note in
    ``notes``.  A file that is UTF-8 apart from single bad bytes keeps its UTF-8, with a note.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.notes: list[Problem] = []
        self._stream = stream
        self._head = stream.read(CHUNK)
        self.start = self._head[:400]
        """The first bytes as delivered."""
        self.encoding = _guess(self._head)
        for mark, encoding in _BOMS:
            if encoding == self.encoding and self._head.startswith(mark):
                self._head = self._head[len(mark) :]
                break
        self._decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        self._pending = b""
        self._beyond_ascii = False
        self._done = False

    def read(self) -> str:
        """The next piece; ``""`` at the end."""
        while not self._done:
            data, self._head = self._head, b""
            data = data or self._stream.read(CHUNK)
            self._done = not data
            text = self._decode(data)
            if text:
                return text
        return ""

    def _decode(self, data: bytes) -> str:
        # An incremental decoder forgets what it held back when it fails, so the held back bytes are kept here as well.
        whole = self._pending + data
        try:
            text = self._decoder.decode(data, final=self._done)
        except UnicodeDecodeError as error:
            return self._recover(whole, error.start)
        self._pending = self._decoder.getstate()[0]
        self._beyond_ascii = self._beyond_ascii or not text.isascii()
        return text

    def _recover(self, data: bytes, bad: int) -> str:
        if self.encoding == "utf-8" and not self._beyond_ascii and data[:bad].isascii():
            self.encoding = "cp1252"
            self._note(
                "latin-1",
                "The file is not UTF-8; it was read as Windows-1252. Save it as UTF-8 to be sure of ä, é and å.",
            )
        else:
            self._note(
                "bad-bytes", f"Some bytes are not {self.encoding.upper()}; they show as �. Save the file as UTF-8."
            )
        self._decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        self._pending = b""
        return self._decoder.decode(data, final=self._done)

    def _note(self, code: str, message: str) -> None:
        self.notes.append(Problem("file", message, code, "note"))


def _guess(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    sample = head[:400]
    if len(sample) >= 4 and sample.count(0) > len(sample) // 3:
        return "utf-16-be" if sample[0] == 0 else "utf-16-le"
    return "utf-8"


def refuse_other_formats(head: bytes, wanted: str) -> None:
    """Raise :class:`UnusableInput` where the first bytes show that the delivery is no text of the wanted format."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if not start:
        raise UnusableInput(
            f"The delivery is empty; {wanted} was expected. Check the address or export the file again."
        )
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        raise UnusableInput(
            f"The delivery is a web page (HTML), not {wanted}. Use the address of the file itself; "
            "often a login page stands in its place."
        )
    if start.startswith((b"<?xml", b"<")):
        raise UnusableInput(f"The delivery is XML, not {wanted}. Choose the reader that fits, or export {wanted}.")
    if start.startswith(b"pk\x03\x04"):
        raise UnusableInput(
            f"The delivery is a ZIP archive or an Excel workbook, not {wanted}. Unpack it, or read it as xlsx."
        )
    if start.startswith(b"%pdf"):
        raise UnusableInput(f"The delivery is a PDF, not {wanted}. Ask for the data behind the document.")
    if start.startswith(b"\x1f\x8b"):
        raise UnusableInput(f"The delivery is compressed (gzip), not {wanted}. Unpack it first.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnusableInput(f"The delivery is an old binary Office file, not {wanted}. Save it as .xlsx or .csv.")
    if start.startswith(b"begin:vcalendar"):
        raise UnusableInput(f"The delivery is an iCalendar file, not {wanted}. Read it as ical.")
