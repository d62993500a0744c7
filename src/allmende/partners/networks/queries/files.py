"""Files and calendar addresses of networks, read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from allmende.core.models import User
from allmende.partners.models import Network, NetworkFeed, NetworkFile, NetworkFileVersion
from allmende.partners.rules import Someone, may_read_network

FOLDER = "network-files"
"""Folder of the data folder in which they lie."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version; ``size`` in bytes."""

    number: int
    name: str
    size: int
    by: str
    by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file with its versions, the newest first."""

    id: int
    title: str
    is_public: bool
    versions: list[FileVersion]


def digest_of(token: str) -> str:
    """What is stored of a calendar address.  It holds 192 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(f"network-feed:{token}".encode()).hexdigest()


def files_of(network_id: int, *, only_public: bool = False, limit: int = 500) -> list[FileRow]:
    """The files of a network; two queries."""
    files = NetworkFile.objects.filter(network_id=network_id)
    files = (files.filter(is_public=True) if only_public else files)[:limit]
    rows = {file.pk: FileRow(file.pk, file.title, file.is_public, []) for file in files}
    versions = NetworkFileVersion.objects.filter(file__in=list(rows)).select_related("uploaded_by")
    for one in versions:
        by = one.uploaded_by
        shown = (by.name or by.email.partition("@")[0]) if by else ""
        rows[one.file_id].versions.append(
            FileVersion(one.number, one.name, one.size, shown, one.uploaded_by_id, one.uploaded_at)
        )
    return list(rows.values())


def file_version(user: Someone, network: Network, file_id: int, number: int = 0) -> NetworkFileVersion | None:
    """A version (0: the newest) of a file that ``user`` may have; None for everything else.

    Older versions are for members, whatever the file is: what was replaced is not published.
    """
    versions = NetworkFileVersion.objects.select_related("file").filter(file_id=file_id, file__network=network)
    found = versions.filter(number=number).first() if number else versions.first()
    if found is None:
        return None
    is_open = found.file.is_public and not number and network.is_public and network.ended_at is None
    return found if is_open or may_read_network(user, network.pk) else None


def feed_of(network_id: int, user: User) -> datetime | None:
    """Since when a person has a calendar address for a network; None: they have none."""
    return NetworkFeed.objects.filter(network_id=network_id, user=user).values_list("created_at", flat=True).first()


def network_of_feed(token: str) -> Network | None:
    """The network whose calendar a secret opens; None when it was revoked, or its person has left the network."""
    feeds = NetworkFeed.objects.select_related("network", "user").filter(digest=digest_of(token))
    feed = feeds.first() if 20 <= len(token) <= 60 else None
    if feed is None or not feed.user.is_active or not may_read_network(feed.user, feed.network_id):
        return None
    return feed.network
