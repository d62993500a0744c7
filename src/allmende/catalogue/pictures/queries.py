"""Reads of the library; each takes the person and answers only for what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from allmende.catalogue.actions.library_files import original_of
from allmende.catalogue.actions.media import in_order
from allmende.catalogue.models import ITEM_MODELS, Media, Picture
from allmende.core.images import cut_around
from allmende.core.slugs import fold
from allmende.core.text import Picked, pick
from allmende.partners.models import Organisation
from allmende.partners.rules import Someone, organisations_to_edit

PAGE: Final = 24
SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture in the library's view."""

    id: int
    name: str
    alt: Picked
    licence: str
    credit: str
    rights_until: date | None
    used: int
    is_removed: bool


@dataclass(frozen=True, slots=True)
class TilePage:
    """One page of it."""

    tiles: list[Tile]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Use:
    """A record that shows a picture."""

    kind: str
    id: int
    name: Picked
    state: str


def _mine(user: Someone) -> QuerySet[Picture]:
    allowed = organisations_to_edit(user)
    return Picture.objects.all() if allowed is None else Picture.objects.filter(organisation_id__in=allowed)


def library(
    user: Someone,
    *,
    text: str = "",
    show: str = "",
    organisation: int | None = None,
    page: int = 1,
    language: str,
    today: date,
) -> TilePage:
    """The pictures of the organisations that ``user`` edits for; ``show``: "", "ending", "unused" or "removed"."""
    pictures = _mine(user).filter(removed_at__isnull=show != "removed")
    if organisation is not None:
        pictures = pictures.filter(organisation_id=organisation)
    for word in fold(text).split()[:6]:
        pictures = pictures.filter(words__contains=word)
    if show == "ending":
        pictures = pictures.filter(rights_until__lte=today + SOON)
    elif show == "unused":
        pictures = pictures.exclude(pk__in=Media.objects.exclude(library=None).values("library_id"))
    total = pictures.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = list(pictures.order_by("-uploaded_at", "-pk")[(page - 1) * PAGE : page * PAGE])
    used: dict[int, int] = {}
    for pk in Media.objects.filter(library_id__in=[row.pk for row in rows]).values_list("library_id", flat=True):
        used[int(pk or 0)] = used.get(int(pk or 0), 0) + 1
    tiles = [
        Tile(
            row.pk,
            row.name,
            pick(row.alt, language),
            row.licence,
            row.credit,
            row.rights_until,
            used.get(row.pk, 0),
            row.removed_at is not None,
        )
        for row in rows
    ]
    return TilePage(tiles, total, page, pages)


def picture_to_edit(user: Someone, identifier: int) -> Picture | None:
    """The picture if ``user`` edits for its organisation."""
    return _mine(user).filter(pk=identifier).select_related("organisation").first()


def uses_of(identifier: int, *, language: str) -> list[Use]:
    """The records that show a picture."""
    found: list[Use] = []
    for kind, model in ITEM_MODELS.items():
        shown = Media.objects.filter(library_id=identifier, kind=kind).values("item_id")
        rows = model.objects.filter(pk__in=shown).order_by("sort_name")  # type: ignore[attr-defined]
        found += [Use(kind, pk, pick(name, language), state) for pk, name, state in rows.values_list("pk", "name", "state")[:50]]  # fmt: skip
    return found


def pictures_of_record(kind: str, identifier: int) -> list[Any]:
    """(library id or None, address of the rendition or "", credit) of the pictures of a record, in their order."""
    rows = sorted(Media.objects.filter(kind=kind, item_id=identifier), key=in_order)
    return [(row.library_id, row.file, row.credit, row.url) for row in rows]


def preview(picture: Picture, *, card: bool) -> bytes | None:
    """The file as it would be shown: for pages, or cut for cards."""
    path = original_of(picture.token)
    if not path.exists():
        return None
    data = path.read_bytes()
    return cut_around(data, picture.focal_x, picture.focal_y) if card else data


def organisations_for_upload(user: Someone) -> list[tuple[int, str]]:
    """(id, name) of the organisations that ``user`` may add pictures for."""
    allowed = organisations_to_edit(user)
    organisations = Organisation.objects.order_by("name")
    if allowed is not None:
        organisations = organisations.filter(pk__in=allowed)
    return list(organisations.values_list("pk", "name")[:300])
