"""Pictures that feeds name are fetched once and kept here: no page asks other servers for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q, QuerySet

from allmende.catalogue.actions.media import FOLDER, main_picture
from allmende.catalogue.models import ITEM_MODELS, Media, Source
from allmende.core.bulk import in_blocks
from allmende.core.content import touch_content
from allmende.core.images import KeptPicture, PictureRefused, card_rendition, keep_renditions
from allmende.core.publication import Publication

SWEEP_SECONDS = 3600
"""A file that nobody names goes after this long: another process may be about to name a younger one."""


class PictureNotFetched(Exception):
    """The address gave nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class PictureError:
    """A picture that is not here.  The host alone is named: addresses may hold keys."""

    host: str
    reason: str
    kind: str
    item_id: int


@dataclass(slots=True)
class PictureReport:
    """What one run did."""

    kept: int = 0
    fetched: int = 0
    without_rights: int = 0
    """Left out: neither the picture nor its source names a licence or credit."""
    removed: int = 0
    """Files that no record names any more."""
    errors: list[PictureError] = field(default_factory=list)


class _Wanted(NamedTuple):
    pk: int
    kind: str
    item_id: int
    url: str


def _missing(kind: str, source: Source | None) -> tuple[QuerySet[Media], QuerySet[Media]]:
    """Pictures of published items that are not here yet: those with rights, and those without."""
    items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
    if source is not None:
        items = items.filter(source=source)
    licensed = Q(licence__gt="") | Q(credit__gt="") | Q(item_id__in=items.filter(source__licence__gt="").values("pk"))
    media = Media.objects.filter(
        Q(url__istartswith="http://") | Q(url__istartswith="https://"),
        kind=kind,
        file="",
        item_id__in=items.values("pk"),
    )
    return media.filter(licensed), media.exclude(licensed)


def _already_kept(addresses: list[str]) -> dict[str, KeptPicture]:
    """Several records often name one picture."""
    found: dict[str, KeptPicture] = {}
    for block in in_blocks(addresses):
        rows = Media.objects.filter(url__in=block, width__isnull=False, height__isnull=False).exclude(file="")
        for url, file, width, height in rows.values_list("url", "file", "width", "height"):
            found[url] = KeptPicture(file, int(width or 0), int(height or 0))
    return found


def fetch_pictures(
    get: Callable[[str], bytes],
    media: Path,
    *,
    source: Source | None = None,
    limit: int | None = None,
    progress: Callable[[int, str], None] = lambda done, text: None,
) -> PictureReport:
    """Fetch what published records name and is not here yet, and keep it below ``media``.

    ``get`` fetches one address or raises :class:`PictureNotFetched`.  ``limit``: keep at most so many; failures do not
    count, so that they never hold up the others.
    """
    report = PictureReport()
    wanted: list[_Wanted] = []
    for kind in ITEM_MODELS:
        ready, without_rights = _missing(kind, source)
        report.without_rights += without_rights.count()
        rows = ready.order_by("item_id", "position", "pk").values_list("pk", "kind", "item_id", "url")
        wanted += [_Wanted(*row) for row in rows]
    done: dict[str, KeptPicture | str] = dict(_already_kept(list({row.url for row in wanted})))
    for row in wanted:
        if limit is not None and report.kept >= limit:
            break
        if row.url not in done:
            done[row.url] = _obtain(get, row.url, media)
            report.fetched += isinstance(done[row.url], KeptPicture)
        result = done[row.url]
        if isinstance(result, str):
            report.errors.append(PictureError(host_of(row.url), result, row.kind, row.item_id))
        else:
            report.kept += _name(row, result)
        progress(report.kept, "pictures")
    report.removed = _sweep(media)
    return report


def host_of(address: str) -> str:
    """The host of an address, or what stands for it."""
    try:
        return urlsplit(address).hostname or "no host"
    except ValueError:
        return "no host"


def _obtain(get: Callable[[str], bytes], address: str, media: Path) -> KeptPicture | str:
    """The kept picture, or why there is none."""
    try:
        return keep_renditions(get(address), media, FOLDER)
    except (PictureNotFetched, PictureRefused) as error:
        return str(error)


def _name(row: _Wanted, picture: KeptPicture) -> bool:
    """Name the kept picture on its record, unless an import dropped it meanwhile."""
    with transaction.atomic():
        items = ITEM_MODELS[row.kind].objects.filter(pk=row.item_id)  # type: ignore[attr-defined]
        source_id = items.values_list("source_id", flat=True).first()
        Source.objects.select_for_update().filter(pk=source_id).first()  # an import writes the same columns
        there = items.select_for_update().values_list("pk", flat=True).first()
        named = Media.objects.filter(pk=row.pk, url=row.url, file="").update(
            file=picture.file, width=picture.width, height=picture.height
        )
        if there is None or not named:
            return False
        items.update(picture=main_picture(Media.objects.filter(kind=row.kind, item_id=row.item_id)))
        touch_content()
    return True


def _sweep(media: Path) -> int:
    """Remove files that no record names any more, and scratch files of killed runs."""
    old = time.time() - SWEEP_SECONDS
    folder = media / FOLDER
    files = [path for path in folder.iterdir() if path.stat().st_mtime < old] if folder.is_dir() else []
    if not files:
        return 0
    named = set(Media.objects.filter(file__startswith=f"{FOLDER}/").values_list("file", flat=True).distinct())
    named |= {card_rendition(file) for file in named}
    gone = [path for path in files if f"{FOLDER}/{path.name}" not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
