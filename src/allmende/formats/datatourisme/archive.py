"""Archives of DATAtourisme: measured before they are opened, read object by object, nothing written to disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.objects import LeftOut, load, short_key
from allmende.formats.records import Problem, RawRecord, UnusableInput
from allmende.formats.schema_org.keys import fallback_key, identity
from allmende.formats.schema_org.nodes import deeper_than, types_of
from allmende.formats.schema_org.types import kind_of, local_name

MAX_MEMBERS: Final = 600_000
"""The whole of France has about 500,000 objects."""
MAX_OBJECT: Final = 4 * 1024 * 1024
MAX_TOTAL: Final = 100 * 1024**3
MAX_RATIO: Final = 250
_MAX_DEPTH: Final = 100
_MAX_PROBLEMS: Final = 1000
_BESIDE: Final = ("index.json", "context.json", "context.jsonld", "metadata.json")
_REMEDY: Final = "Download it again from the page of the flux."


def objects_in(stream: BinaryIO) -> Iterator[RawRecord | Problem]:
    """A raw record for each object of the archive; members that cannot be read cost only themselves."""
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise UnusableInput(f"The archive is damaged. {_REMEDY}") from error
    with archive:
        members = _members(archive)
        others = LeftOut()
        problems = 0
        for member in members:
            for item in _object(archive, member, others):
                problems += isinstance(item, Problem)
                yield item
            if problems > _MAX_PROBLEMS:
                yield Problem(
                    "file", f"More than {_MAX_PROBLEMS} objects are damaged; the rest was not read.", "truncated"
                )
                return
        if others.counts and not others.taken:
            raise UnusableInput(
                "There is no event, place or tour of DATAtourisme in the archive. Choose the JSON format for the flux."
            )
        yield from others.problems("other-types", "no events, places or tours")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    listed = archive.infolist()
    members = [
        member
        for member in listed
        if member.filename.lower().endswith((".json", ".jsonld"))
        and member.filename.rpartition("/")[2].lower() not in _BESIDE
        and not member.filename.startswith("__MACOSX/")
    ]
    if not members:
        raise UnusableInput(
            "The archive holds no objects in JSON. Choose the JSON format for the flux at DATAtourisme; RDF and CSV are "
            "not read."
        )
    if len(listed) > MAX_MEMBERS:
        raise UnusableInput(f"The archive has more than {MAX_MEMBERS} files. Order a flux for one region.")
    if any(member.flag_bits & 1 for member in members):
        raise UnusableInput("The archive is protected by a password. Deliver it without.")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > MAX_TOTAL or unpacked / packed > MAX_RATIO:
        raise UnusableInput(f"The archive would unpack to {unpacked // 2**20} MiB, far more than objects do. {_REMEDY}")
    return members


def _object(archive: zipfile.ZipFile, member: zipfile.ZipInfo, others: LeftOut) -> Iterator[RawRecord | Problem]:
    where = f"file {member.filename[-80:]}"
    if member.file_size > MAX_OBJECT:
        yield Problem(where, "The object is larger than 4 MiB; it was left out.", "too-large")
        return
    try:
        with archive.open(member) as file:
            data = file.read(MAX_OBJECT + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
        yield Problem(where, f"This file of the archive is damaged. {_REMEDY}", "damaged")
        return
    if len(data) > MAX_OBJECT:
        yield Problem(where, "The object is larger than 4 MiB; it was left out.", "too-large")
        return
    try:
        node = load(data)
    except (ValueError, RecursionError):
        yield Problem(where, f"This is not valid JSON. {_REMEDY}", "bad-json")
        return
    if not isinstance(node, dict) or deeper_than(node, _MAX_DEPTH):
        yield Problem(where, "This is no object of DATAtourisme; it was left out.", "not-an-object")
        return
    types = types_of(node)
    if kind_of(types) is None:
        others.add(local_name(types[0]) if types else "no type")
        return
    others.taken += 1
    key = short_key(identity(node) or fallback_key(node))
    yield RawRecord(key, data.removeprefix(b"\xef\xbb\xbf"), where)
