"""Files that a network keeps, and secret calendar addresses."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext

from allmende.core.models import User
from allmende.core.uploads import LARGEST_UNPACKED, MOST_MEMBERS, shown_name
from allmende.partners.models import Network, NetworkFeed, NetworkFile, NetworkFileVersion
from allmende.partners.networks.actions._base import filled, need, note
from allmende.partners.networks.queries.files import digest_of
from allmende.partners.networks.rules import EDITOR, MEMBER, OBSERVER, NetworkForbidden, NetworkRefused, reaches

LARGEST: Final = 25 * 2**20
MOST_FILES: Final = 500
MOST_VERSIONS: Final = 30
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."
TYPES: Final = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".webp": ("image/webp", b"RIFF"),
    ".docx": (f"{_OFFICE}wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": (f"{_OFFICE}spreadsheetml.sheet", b"PK\x03\x04"),
    ".pptx": (f"{_OFFICE}presentationml.presentation", b"PK\x03\x04"),
    ".odt": (f"{_OPEN}text", b"PK\x03\x04"),
    ".ods": (f"{_OPEN}spreadsheet", b"PK\x03\x04"),
    ".odp": (f"{_OPEN}presentation", b"PK\x03\x04"),
    ".txt": ("text/plain; charset=utf-8", b""),
    ".csv": ("text/csv; charset=utf-8", b""),
    ".ics": ("text/calendar; charset=utf-8", b""),
}
"""Ending -> what it is served as, and how it begins.  What can carry scripts (SVG, HTML, macros) is not here."""
_MARKUP: Final = (b"<svg", b"<html", b"<script", b"<!doctype", b"<?xml", b"<?php")


def check_file(path: Path, ending: str) -> str:
    """The media type of a file that may be kept; what it is not is refused with the remedy."""
    if ending not in TYPES:
        raise NetworkRefused(
            gettext(
                "Files of this kind are not taken. Send a PDF, a picture, an office document, a table or plain text."
            )
        )
    media_type, start = TYPES[ending]
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise NetworkRefused(gettext("The file is empty. Was it saved completely?"))
    if not head.startswith(start) or (ending == ".webp" and head[8:12] != b"WEBP"):
        raise NetworkRefused(gettext("The file is not what its name says. Save it again with the right ending."))
    if start == b"PK\x03\x04":
        _check_office(path)
    if not start:
        low = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if b"\0" in head or low.startswith(_MARKUP) or b"<script" in low:
            raise NetworkRefused(gettext("This is not plain text. Send it as a PDF instead."))
    return media_type


def _check_office(path: Path) -> None:
    """Office documents are ZIP files: no macros in them, and not far more than they seem."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NetworkRefused(gettext("The file is damaged. Save it again and upload it once more.")) from error
    names = {member.filename.lower() for member in members}
    if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in names):
        raise NetworkRefused(gettext("The document carries macros. Save it without."))
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise NetworkRefused(gettext("The document unpacks to far more than can be kept. Save it as a PDF."))


def keep_file(
    network: Network,
    name: str,
    pieces: Iterable[bytes],
    *,
    root: Path,
    title: str = "",
    is_public: bool = False,
    replaces: NetworkFile | None = None,
    by: User,
    now: datetime,
) -> NetworkFile:
    """Keep an upload below ``root`` (a folder of the data folder), as a new file or the next version of one.

    Members upload for members; what is public is the editors' business.  The sender's name decides the ending alone.
    """
    role = need(network, MEMBER, by)
    if (is_public or (replaces and replaces.is_public)) and not reaches(role, EDITOR):
        raise NetworkForbidden("Only editors and coordinators make files public.")
    if replaces is None and network.files.count() >= MOST_FILES:
        raise NetworkRefused(gettext("The network has 500 files. Remove some that nobody needs."))
    name = shown_name(name)
    ending = PurePath(name).suffix.lower()
    folder = secrets.token_hex(16)
    inside = root / folder
    inside.mkdir(parents=True, mode=0o700)
    try:
        media_type, size = _write(inside / "file", pieces, ending)
        with transaction.atomic():
            file = _new_version(network, replaces, title or PurePath(name).stem, is_public, now)
            number = file.versions.aggregate(last=Max("number", default=0))["last"]
            NetworkFileVersion.objects.create(
                file=file,
                number=number + 1,
                name=name,
                folder=folder,
                media_type=media_type,
                size=size,
                uploaded_by=by,
                uploaded_at=now,
            )
            note(network, "keep_file", by=by, now=now, file=file.pk, version=number + 1, public=file.is_public)
            old = file.versions.filter(number__lte=number + 1 - MOST_VERSIONS)
            gone = list(old.values_list("folder", flat=True))
            old.delete()
    except BaseException:
        shutil.rmtree(inside, ignore_errors=True)
        raise
    for one in gone:
        shutil.rmtree(root / one, ignore_errors=True)
    return file


def _write(path: Path, pieces: Iterable[bytes], ending: str) -> tuple[str, int]:
    size = 0
    with path.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            if size > LARGEST:
                raise NetworkRefused(gettext("The file is larger than 25 MB. Make it smaller, or split it."))
            file.write(piece)
    return check_file(path, ending), size


def _new_version(
    network: Network, replaces: NetworkFile | None, title: str, is_public: bool, now: datetime
) -> NetworkFile:
    if replaces is not None:
        file = NetworkFile.objects.select_for_update().get(pk=replaces.pk, network=network)
        file.updated_at = now
        file.save(update_fields=["updated_at"])
        return file
    title = filled(title, 200, gettext("Give the file a title."))
    return NetworkFile.objects.create(network=network, title=title, is_public=is_public, created_at=now, updated_at=now)


def publish_file(file: NetworkFile, *, is_public: bool, by: User, now: datetime) -> None:
    """Let everybody have a file, or members only."""
    need(file.network, EDITOR, by)
    with transaction.atomic():
        file.is_public = is_public
        file.save(update_fields=["is_public"])
        note(file.network, "publish_file", by=by, now=now, file=file.pk, public=is_public)


def remove_file(file: NetworkFile, *, root: Path, by: User, now: datetime) -> None:
    """Remove a file with all its versions: whoever uploaded all of them, editors, coordinators."""
    role = need(file.network, MEMBER, by)
    versions = list(file.versions.all())
    is_own = all(version.uploaded_by_id == by.pk for version in versions) and not file.is_public
    if not is_own and not reaches(role, EDITOR):
        raise NetworkForbidden("Only editors, coordinators and whoever uploaded it remove a file.")
    with transaction.atomic():
        note(file.network, "remove_file", by=by, now=now, file=file.pk, title=file.title)
        file.delete()
    for version in versions:
        shutil.rmtree(root / version.folder, ignore_errors=True)


def make_feed(network: Network, *, by: User, now: datetime) -> str:
    """A new secret for the calendar address of ``by``; an older one stops.  It is shown once and kept nowhere."""
    need(network, OBSERVER, by)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        NetworkFeed.objects.update_or_create(
            network=network, user=by, defaults={"digest": digest_of(token), "created_at": now}
        )
        note(network, "make_feed", by=by, now=now)
    return token


def revoke_feed(network: Network, *, by: User, now: datetime) -> bool:
    """Make the calendar address of ``by`` useless at once; say whether there was one."""
    with transaction.atomic():
        gone, _ = NetworkFeed.objects.filter(network=network, user=by).delete()
        if gone:
            note(network, "revoke_feed", by=by, now=now)
    return bool(gone)
