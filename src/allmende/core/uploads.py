"""Data files that people upload: kept in a folder of their own, looked at before any reader opens them."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path, PurePath
from typing import Final

from django.utils.translation import gettext

LARGEST: Final = 50 * 2**20
LARGEST_UNPACKED: Final = 400 * 2**20
LARGEST_RATIO: Final = 200
MOST_MEMBERS: Final = 2000
MOST_OBJECTS: Final = 20_000
"""Objects in an archive of JSON files, one for each."""
HEAD: Final = 4096
SUFFIXES: Final = frozenset(
    {
        ".ics", ".ical", ".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonld", ".geojson", ".html", ".htm", ".xml", ".rss",
        ".atom", ".zip", ".parquet",
    }
)  # fmt: skip
_TEXT_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_KNOWN: Final[tuple[tuple[bytes, str], ...]] = (
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"),
    (b"%PDF", "pdf"),
    (b"\xd0\xcf\x11\xe0", "old-office"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ", "packed"),
    (b"7z\xbc\xaf", "packed"),
    (b"Rar!", "packed"),
    (b"\x28\xb5\x2f\xfd", "packed"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"<?php", "program"),
)


class UploadRefused(ValueError):
    """The file is not taken; the message says why and what to do."""


def _reason(what: str) -> str:
    return {
        "program": gettext("This is a program, not a data file. Upload a calendar, a table or JSON."),
        "pdf": gettext("This is a PDF. It cannot be read by machines; export a table or a calendar instead."),
        "old-office": gettext("This is an old Office file. Open it and save it as .xlsx or .csv."),
        "packed": gettext("This file is packed. Unpack it and upload what is inside."),
        "picture": gettext("This is a picture, not a data file. Upload a calendar, a table or JSON."),
    }[what]


def _check_zip(path: Path) -> None:
    """Workbooks and archives of JSON objects are ZIP files: the directory says how much unpacks, before anything does."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UploadRefused(gettext("The file is damaged. Save it again and upload it once more.")) from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        if not any(name.lower().endswith((".json", ".jsonld")) for name in names):
            raise UploadRefused(_reason("packed"))
        _check_objects(members)
        return
    if any(member.flag_bits & 1 for member in members):
        raise UploadRefused(gettext("The workbook is protected by a password. Save it without."))
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED or unpacked / packed > LARGEST_RATIO:
        raise UploadRefused(gettext("The workbook unpacks to far more than a table of events. Save it as .csv."))


def _check_objects(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if any(member.flag_bits & 1 for member in members):
        raise UploadRefused(gettext("The archive is protected by a password. Make it without."))
    if len(members) > MOST_OBJECTS or unpacked > LARGEST_UNPACKED or unpacked / packed > LARGEST_RATIO:
        raise UploadRefused(
            gettext("The archive unpacks to far more than can be uploaded. Ask the operator to import it.")
        )


def check_upload(path: Path, *, also: Collection[bytes] = ()) -> None:
    """Refuse what is plainly no data file, whatever it is called; raise :class:`UploadRefused` with the remedy.

    ``also``: how further files begin that the caller can read (``b"PAR1"``).
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise UploadRefused(gettext("The file is empty. Was it saved completely?"))
    if head.startswith(tuple(also)):
        return
    for mark, what in _KNOWN:
        if head.startswith(mark):
            raise UploadRefused(_reason(what))
    if head.startswith(b"PK"):
        _check_zip(path)
        return
    if b"\0" in head and not head.startswith(_TEXT_MARKS):
        raise UploadRefused(gettext("This is not a text file. Upload a calendar, a table or JSON."))
    if b"<!entity" in head.lower():
        raise UploadRefused(gettext("The file defines entities, which is not safe to read. Save it without."))


def safe_suffix(name: str) -> str:
    """The ending of a file name if it is one of those that data files have, else ``""``."""
    suffix = PurePath(name.replace("\\", "/")).suffix.lower()
    return suffix if suffix in SUFFIXES else ""


def shown_name(name: str) -> str:
    """A sender's file name as it may be shown: the last part, no control characters, not long."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(char for char in last if char.isprintable())[:120] or "file"


def keep_upload(name: str, pieces: Iterable[bytes], root: Path, *, also: Collection[bytes] = ()) -> str:
    """Write an upload to ``root/<random>/delivery<ending>``, check it, and return the folder's name.

    The sender's file name decides nothing but the ending.  What is refused is gone again when this raises.
    """
    folder = secrets.token_hex(16)
    inside = root / folder
    inside.mkdir(parents=True, mode=0o700)
    path = inside / f"delivery{safe_suffix(name)}"
    try:
        size = 0
        with path.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                if size > LARGEST:
                    raise UploadRefused(
                        gettext("The file is larger than 50 MB. Split it, or ask the operator to import it.")
                    )
                file.write(piece)
        check_upload(path, also=also)
    except BaseException:
        path.unlink(missing_ok=True)
        inside.rmdir()
        raise
    return folder
