"""Where the files of the library are.

The picture itself lies in a folder that no server serves.  The public files are made of it, and are there only while a
published record shows the picture and its rights hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

from allmende.catalogue.models import ITEM_MODELS, Media, Picture
from allmende.core.images import PAGE_SIDE, card_rendition, cut_around, put_file
from allmende.core.publication import Publication

PUBLIC: Final = "library"
PRIVATE: Final = "library-originals"


def original_of(token: str) -> Path:
    """The picture itself."""
    return Path(settings.ALLMENDE_DATA) / PRIVATE / f"{token}.webp"


def public_name(token: str) -> str:
    """Path in the media folder of the rendition for pages."""
    return f"{PUBLIC}/{token}-{PAGE_SIDE}.webp"


def _public_paths(token: str) -> tuple[Path, Path]:
    media, name = Path(settings.MEDIA_ROOT), public_name(token)
    return media / name, media / card_rendition(name)


def shown_pictures(identifiers: Iterable[int]) -> set[int]:
    """Those pictures that a published record shows."""
    wanted = list(identifiers)
    found: set[int] = set()
    for kind, model in ITEM_MODELS.items():
        rows = Media.objects.filter(kind=kind, library_id__in=wanted).exclude(file="")
        public = model.objects.filter(state=Publication.PUBLISHED, pk__in=rows.values("item_id"))  # type: ignore[attr-defined]
        found |= set(rows.filter(item_id__in=public.values("pk")).values_list("library_id", flat=True))
    return found


def bring_in_line(identifiers: Iterable[int], *, anew: bool = False) -> None:
    """Make the public files of pictures, or remove them; ``anew``: also where they are there, for they look different."""
    pictures = Picture.objects.filter(pk__in=list(identifiers)).only("token", "focal_x", "focal_y")
    rows = list(pictures)
    shown = shown_pictures(picture.pk for picture in rows)
    for picture in rows:
        page, card = _public_paths(picture.token)
        if picture.pk not in shown:
            page.unlink(missing_ok=True)
            card.unlink(missing_ok=True)
        elif (anew or not (page.exists() and card.exists())) and original_of(picture.token).exists():
            data = original_of(picture.token).read_bytes()
            put_file(card, cut_around(data, picture.focal_x, picture.focal_y))
            put_file(page, data)


def bring_all_in_line() -> int:
    """Do so for every picture that a record names: imports publish and withdraw too.  Returns how many."""
    named = list(Media.objects.exclude(library=None).order_by().values_list("library_id", flat=True).distinct())
    shown = shown_pictures(named)
    wrong = [pk for pk, token in Picture.objects.filter(pk__in=named).values_list("pk", "token")
             if (pk in shown) != _public_paths(token)[0].exists()]  # fmt: skip
    bring_in_line(wrong)
    return len(wrong)
