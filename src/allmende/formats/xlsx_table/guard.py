"""What an archive would become is measured before anything in it is unpacked."""

from __future__ import annotations

import lzma
import re
import struct
import zlib
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from allmende.formats.encoding import refuse_other_formats
from allmende.formats.records import UnusableInput

MAX_UNPACKED: Final = 300 * 1024 * 1024
MAX_SHARED_STRINGS: Final = 100 * 1024 * 1024
"""The library holds shared texts in memory; everything else streams."""
MAX_ENTRIES: Final = 5000
MAX_RATIO: Final = 250
_RATIO_COUNTS_FROM = 20 * 1024 * 1024
_HEAD = 4096
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ELEMENT = re.compile(rb"<[a-z_]")
BROKEN_ARCHIVE: Final = (
    BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, OSError, ValueError, RuntimeError, EOFError,
)  # fmt: skip
"""All that the library for archives raises for damaged ones."""


def guard_archive(stream: BinaryIO) -> None:
    """Raise :class:`UnusableInput` unless the stream is a workbook of bearable size; the stream stands at its beginning."""
    head = stream.read(1 << 16)
    stream.seek(0)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse_old_office(head)
    if not head.startswith(b"PK"):
        refuse_other_formats(head, "an Excel workbook")
        raise UnusableInput("The delivery is not an Excel workbook (.xlsx). Save it as .xlsx, or read it as csv.")
    try:
        with ZipFile(stream) as archive:
            _measure(archive)
    except BROKEN_ARCHIVE as error:
        raise UnusableInput(
            "The workbook is damaged: its archive cannot be opened. Save it again in a spreadsheet and send that."
        ) from error
    finally:
        stream.seek(0)


def _refuse_old_office(head: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in head or "EncryptionInfo".encode("utf-16-le") in head:
        raise UnusableInput("The workbook is locked with a password. Save it without one and send that.")
    raise UnusableInput(
        "The delivery is an old binary workbook (.xls) or one locked with a password. "
        "Open it in a spreadsheet and save it as .xlsx without a password."
    )


def _measure(archive: ZipFile) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names:
        if "mimetype" in names:
            raise UnusableInput("The delivery is an OpenDocument file (.ods). Save it as .xlsx and send that.")
        raise UnusableInput("The delivery is a ZIP archive without a workbook in it. Unpack it and send the table.")
    if len(entries) > MAX_ENTRIES:
        raise UnusableInput(f"The workbook has more than {MAX_ENTRIES} parts; it was not opened. Send the table alone.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    shared = sum(entry.file_size for entry in entries if entry.filename.lower().endswith("sharedstrings.xml"))
    if unpacked > MAX_UNPACKED or shared > MAX_SHARED_STRINGS:
        raise UnusableInput(
            f"The workbook would unpack to {unpacked >> 20} MB; it was not opened. Split it, or send CSV."
        )
    if unpacked > _RATIO_COUNTS_FROM and unpacked / packed > MAX_RATIO:
        raise UnusableInput("The workbook unpacks to far more than a table would; it was not opened. Send CSV.")
    for entry in entries:
        if entry.flag_bits & 1:
            raise UnusableInput("The workbook is locked with a password. Save it without one and send that.")
        if entry.filename.lower().endswith((".xml", ".rels")):
            _refuse_entities(archive, entry.filename)


def _refuse_entities(archive: ZipFile, name: str) -> None:
    with archive.open(name) as part:
        beginning = part.read(_HEAD)
    head = beginning.replace(b"\0", b"").lower()
    # Entities are declared before the first element; what puts that far away hides something.
    has_element = len(beginning) < _HEAD or _ELEMENT.search(_COMMENT.sub(b"", head))
    if b"<!doctype" in head or b"<!entity" in head or not has_element:
        raise UnusableInput("The workbook declares XML entities, which no spreadsheet writes; it was not opened.")
