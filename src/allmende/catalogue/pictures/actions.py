"""Changes to the library, and which record shows what."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext

from allmende.catalogue.actions.library_files import bring_in_line, original_of, public_name
from allmende.catalogue.actions.media import main_picture
from allmende.catalogue.models import ITEM_MODELS, Media, Picture
from allmende.catalogue.pictures.licences import LICENCES
from allmende.catalogue.rules import EditForbidden, may_edit
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.images import put_file, read_upload, size_of
from allmende.core.models import User
from allmende.core.slugs import fold
from allmende.core.text import original_text
from allmende.core.uploads import shown_name
from allmende.partners.rules import may_edit_for

FACTS = ("licence", "permission", "credit", "alt", "rights_until", "focal_x", "focal_y")


class PictureLacks(Exception):
    """The picture cannot be shown yet; ``lacks`` says what for: field -> sentence."""

    def __init__(self, lacks: Mapping[str, str]) -> None:
        super().__init__(" ".join(lacks.values()))
        self.lacks = dict(lacks)


def lacks_of(picture: Picture, *, today: date) -> dict[str, str]:
    """What a picture needs before a record may show it: field -> sentence."""
    found: dict[str, str] = {}
    licence = LICENCES.get(picture.licence)
    if licence is None:
        found["licence"] = gettext("Say under which licence the picture is.")
    elif licence.needs_credit and not picture.credit:
        found["credit"] = gettext("This licence asks for the author’s name.")
    if licence and licence.needs_permission and not picture.permission:
        found["permission"] = gettext("Say who permits the use of the picture.")
    if not original_text(picture.alt):
        found["alt"] = gettext("Say in a few words what is to be seen, for people who do not see it.")
    if picture.rights_until and picture.rights_until < today:
        found["rights_until"] = gettext("The rights to this picture have run out.")
    return found


def _allowed(picture: Picture, by: User | None) -> None:
    if not may_edit_for(by, picture.organisation_id):
        raise EditForbidden("Only editors of the organisation may change its pictures.")


def add_picture(stream: BinaryIO, name: str, organisation_id: int, *, by: User | None, now: datetime) -> Picture:
    """Take an upload into the library.  Raises ``PictureRefused`` or :class:`EditForbidden`; nothing is public yet."""
    if not may_edit_for(by, organisation_id):
        raise EditForbidden("Only editors of the organisation may add pictures.")
    data = read_upload(stream)
    width, height = size_of(data)
    token = secrets.token_hex(16)
    put_file(original_of(token), data)
    with transaction.atomic():
        picture = Picture.objects.create(
            organisation_id=organisation_id,
            token=token,
            name=shown_name(name),
            words=fold(shown_name(name)),
            width=width,
            height=height,
            uploaded_by=by,
            uploaded_at=now,
            updated_at=now,
        )
        record("catalogue.picture_added", ("picture", picture.pk), by=by, now=now)
    return picture


def describe_picture(identifier: int, facts: Mapping[str, Any], *, by: User | None, now: datetime) -> list[str]:
    """Set facts (names as in ``FACTS``) of a picture; return those that changed.  Records that show it follow."""
    with transaction.atomic():
        picture = Picture.objects.select_for_update().get(pk=identifier)
        _allowed(picture, by)
        changed = [name for name in FACTS if name in facts and getattr(picture, name) != facts[name]]
        if not changed:
            return []
        for name in changed:
            setattr(picture, name, facts[name])
        if "rights_until" in changed:
            picture.warned = 0
        told = [picture.name, picture.credit, *picture.alt.get("texts", {}).values()]
        picture.words = fold(" ".join(told))[:1000]
        picture.updated_at = now
        picture.save()
        record("catalogue.picture_described", ("picture", identifier), by=by, now=now, fields=changed)
        stand(picture, now=now)
    bring_in_line([identifier], anew=True)
    return changed


def replace_picture(identifier: int, stream: BinaryIO, name: str, *, by: User | None, now: datetime) -> None:
    """Put another file in the place of a picture, under names of its own; what records say about it stays."""
    _allowed(Picture.objects.get(pk=identifier), by)
    data = read_upload(stream)
    token = secrets.token_hex(16)
    put_file(original_of(token), data)
    with transaction.atomic():
        picture = Picture.objects.select_for_update().get(pk=identifier)
        _allowed(picture, by)
        before = picture.token
        picture.token, picture.name, picture.updated_at = token, shown_name(name), now
        picture.width, picture.height = size_of(data)
        picture.focal_x = picture.focal_y = 50
        picture.save()
        stand(picture, now=now)
        record("catalogue.picture_replaced", ("picture", identifier), by=by, now=now)
    bring_in_line([identifier])
    forget_files(before)


def forget_files(token: str) -> None:
    """Delete all files of a token."""
    name = public_name(token)
    for path in (original_of(token), settings.MEDIA_ROOT / name, settings.MEDIA_ROOT / name.replace("-1600", "-640")):
        path.unlink(missing_ok=True)


def set_removed(identifier: int, is_removed: bool, *, by: User | None, now: datetime) -> None:
    """Take a picture out of the library and off every page, or bring it back as it was."""
    with transaction.atomic():
        picture = Picture.objects.select_for_update().get(pk=identifier)
        _allowed(picture, by)
        picture.removed_at, picture.updated_at = now if is_removed else None, now
        picture.save(update_fields=["removed_at", "updated_at"])
        stand(picture, now=now)
        action = "catalogue.picture_removed" if is_removed else "catalogue.picture_restored"
        record(action, ("picture", identifier), by=by, now=now)
    bring_in_line([identifier])


def stand(picture: Picture, *, now: datetime) -> None:
    """Bring the records that show a picture in line with it, in the running transaction."""
    is_shown = picture.removed_at is None and not lacks_of(picture, today=now.date())
    expired = bool(picture.rights_until and picture.rights_until < now.date())
    picture.withdrawn_at = (picture.withdrawn_at or now) if expired else None
    Picture.objects.filter(pk=picture.pk).update(withdrawn_at=picture.withdrawn_at)
    licence = LICENCES.get(picture.licence)
    rows = Media.objects.filter(library=picture)
    rows.update(
        file=public_name(picture.token) if is_shown else "",
        licence=licence.short if licence else "",
        credit=picture.credit,
        alt=picture.alt,
        width=picture.width,
        height=picture.height,
    )
    for kind, item_id in set(rows.values_list("kind", "item_id")):
        _refresh(kind, item_id, now=now)


def _refresh(kind: str, item_id: int, *, now: datetime) -> None:
    """The record's picture for cards follows its pictures; whoever asks for changes hears of it."""
    items = ITEM_MODELS[kind].objects.filter(pk=item_id)  # type: ignore[attr-defined]
    items.update(picture=main_picture(Media.objects.filter(kind=kind, item_id=item_id)), updated_at=now)
    touch_content()


def show_picture(kind: str, item_id: int, identifier: int, *, by: User | None, now: datetime) -> None:
    """Let a record show a picture of the library, behind those it shows already.

    Raises :class:`PictureLacks`, :class:`EditForbidden`, or ``DoesNotExist``.
    """
    with transaction.atomic():
        item = ITEM_MODELS[kind].objects.select_for_update().get(pk=item_id)  # type: ignore[attr-defined]
        picture = Picture.objects.select_for_update().get(pk=identifier, removed_at=None)
        _allowed(picture, by)
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may change this record.")
        lacks = lacks_of(picture, today=now.date())
        if lacks:
            raise PictureLacks(lacks)
        mine = Media.objects.filter(kind=kind, item_id=item_id).exclude(library=None)
        if mine.filter(library=picture).exists():
            return
        last = mine.aggregate(last=Max("position"))["last"]
        Media.objects.create(kind=kind, item_id=item_id, library=picture, position=0 if last is None else last + 1)
        stand(picture, now=now)
        record("catalogue.picture_shown", (kind, item_id), by=by, now=now, picture=identifier)
    bring_in_line([identifier])


def hide_picture(kind: str, item_id: int, identifier: int, *, by: User | None, now: datetime) -> None:
    """Let a record show a picture of the library no more; it stays in the library."""
    with transaction.atomic():
        item = ITEM_MODELS[kind].objects.select_for_update().get(pk=item_id)  # type: ignore[attr-defined]
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may change this record.")
        gone, _ = Media.objects.filter(kind=kind, item_id=item_id, library_id=identifier).delete()
        if gone:
            _refresh(kind, item_id, now=now)
            record("catalogue.picture_hidden", (kind, item_id), by=by, now=now, picture=identifier)
    bring_in_line([identifier])
