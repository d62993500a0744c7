"""Rights that end: warned of in time, and then the picture is off the pages without anybody's doing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_noop

from allmende.catalogue.actions.library_files import bring_all_in_line, bring_in_line
from allmende.catalogue.models import Media, Picture
from allmende.catalogue.pictures.actions import stand
from allmende.core.audit import record
from allmende.core.notices import tell
from allmende.partners.policy.queries import editors_of

WARNINGS: Final = (7, 30)
"""Days before the end, the last warning first."""
AT_ONCE: Final = 200
SOON: Final = gettext_noop("The rights to the picture “%(name)s” end on %(day)s. After that it is taken off the pages.")
ENDED: Final = gettext_noop("The rights to the picture “%(name)s” ended on %(day)s. It was taken off the pages.")


def watch_rights(*, now: datetime) -> int:
    """Warn of rights that end soon, and withdraw pictures whose rights have ended; return how many were withdrawn."""
    today = now.date()
    kept = Picture.objects.filter(removed_at=None, rights_until__isnull=False, withdrawn_at=None)
    ended = list(kept.filter(rights_until__lt=today)[:AT_ONCE])
    for picture in ended:
        with transaction.atomic():
            stand(picture, now=now)
            record("catalogue.picture_withdrawn", ("picture", picture.pk), by=None, now=now)
            _tell(picture, ENDED, now=now)
        bring_in_line([picture.pk])
    for picture in kept.filter(rights_until__gte=today, rights_until__lte=today + timedelta(days=WARNINGS[-1]))[
        :AT_ONCE
    ]:
        left = (picture.rights_until - today).days if picture.rights_until else 0
        due = next(days for days in WARNINGS if left <= days)
        if picture.warned and picture.warned <= due:
            continue
        if Media.objects.filter(library=picture).exists():
            with transaction.atomic():
                Picture.objects.filter(pk=picture.pk).update(warned=due)
                _tell(picture, SOON, now=now)
    bring_all_in_line()
    return len(ended)


def _tell(picture: Picture, message: str, *, now: datetime) -> None:
    tell(
        editors_of(picture.organisation_id),
        "catalogue.picture_rights",
        message,
        subject=("picture", picture.pk),
        path=f"/workspace/media/{picture.pk}/",
        now=now,
        facts={"name": picture.name, "day": picture.rights_until.isoformat() if picture.rights_until else ""},
    )
