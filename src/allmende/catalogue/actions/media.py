"""Pictures that records name, written beside their items.  What is kept here stays while the source names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from allmende.catalogue.models import Media
from allmende.core.bulk import as_json, in_blocks, insert_rows

FIELDS = ("kind", "item_id", "position", "url", "licence", "credit", "alt", "width", "height", "file", "library")
FOLDER = "pictures"
"""Below the media folder, for pictures that were fetched."""


def write_media(kind: str, delivered: Mapping[int, list[dict[str, Any]]], *, known: Sequence[int]) -> dict[int, str]:
    """Bring the pictures of items in line with what was delivered; return the main picture of the ``known`` ones.

    ``delivered``: item -> its rows.  A row whose address stays keeps its file; one whose address vanished goes.
    Pictures that came from a person (they have no address) stay.
    """
    stored = _stored(kind, known)
    new: list[list[Any]] = []
    changed: list[Media] = []
    gone: list[int] = []
    main: dict[int, str] = {}
    for item_id, rows in delivered.items():
        before = stored.get(item_id, [])
        by_address: dict[str, list[Media]] = defaultdict(list)
        for media in before:
            by_address[media.url].append(media)
        kept = by_address.pop("", [])
        for told in rows:
            row = {**told, "url": told["url"][:1000], "licence": told["licence"][:200], "credit": told["credit"][:300]}
            if by_address.get(row["url"]):
                media = by_address[row["url"]].pop(0)
                kept.append(media)
                if _update(media, row):
                    changed.append(media)
            else:
                row |= {"kind": kind, "item_id": item_id, "alt": as_json(row["alt"]), "file": "", "library": None}
                new.append([row[name] for name in FIELDS])
        gone += [media.pk for left in by_address.values() for media in left]
        if before:
            main[item_id] = main_picture(kept)
    for block in in_blocks(gone):
        Media.objects.filter(pk__in=block).delete()
    Media.objects.bulk_update(changed, ["position", "licence", "credit", "alt", "width", "height"], batch_size=100)
    if new:
        insert_rows(Media, FIELDS, new)
    return main


def _stored(kind: str, known: Sequence[int]) -> dict[int, list[Media]]:
    found: dict[int, list[Media]] = defaultdict(list)
    for block in in_blocks(known):
        for media in Media.objects.filter(kind=kind, item_id__in=block).exclude(url="", file="", library=None):
            found[media.item_id].append(media)
        Media.objects.filter(kind=kind, item_id__in=block, url="", file="", library=None).delete()
    return found


def _update(media: Media, row: Mapping[str, Any]) -> bool:
    """Take over what the source says about a picture; its size is that of our own rendition once it is kept here."""
    names = ("position", "licence", "credit", "alt", *(() if media.file else ("width", "height")))
    different = [name for name in names if getattr(media, name) != row[name]]
    for name in different:
        setattr(media, name, row[name])
    return bool(different)


def main_picture(media: Iterable[Media]) -> str:
    """The picture for cards: the first that is kept here, those that people chose in front."""
    from allmende.core.images import card_rendition  # brings the picture library, which most imports do without

    kept = sorted((entry for entry in media if entry.file), key=in_order)
    return card_rendition(kept[0].file) if kept else ""


def in_order(media: Media) -> tuple[bool, int, int]:
    """Order of a record's pictures: what people chose, then what its source names."""
    return media.library_id is None, media.position, media.pk or 0
