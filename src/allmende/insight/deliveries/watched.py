"""Watched folders: ``<data>/incoming/<name>/``.  Each finished file is taken once, then moved to ``done`` or ``failed``
with a report beside it."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.uploads import UploadRefused, shown_name
from allmende.insight.deliveries import keeping
from allmende.insight.deliveries.actions import (
    FIGURES,
    DeliveryForbidden,
    DeliveryRefused,
    Supply,
    apply_delivery,
    choose_match,
    choose_options,
    keep_path,
    preview_delivery,
)
from allmende.insight.deliveries.conditions import STEPS
from allmende.insight.deliveries.matching import match_from
from allmende.insight.models import Delivery, WatchedFolder
from allmende.insight.rules import may_edit_for
from allmende.partners.models import Membership

log = logging.getLogger("allmende.insight")

STILL_SECONDS: Final = 30
"""A file that was written to later than this is not finished."""
LEFT_BEHIND_SECONDS: Final = 3600
TAKING: Final = ".taking"
AT_ONCE: Final = 20
"""Files of one folder in one round."""
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
PARTIAL: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")


class FolderRefused(ValueError):
    """The folder cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """What a person tells of a watched folder."""

    name: str
    organisation_id: int
    origin: str
    supplier: str = ""
    agreement: str = ""
    applies_itself: bool = False


def place_of(folder: WatchedFolder) -> Path:
    """Where its files are laid."""
    return Path(settings.ALLMENDE_DATA) / "incoming" / folder.name


def save_folder(facts: FolderFacts, folder: WatchedFolder | None, *, by: User, now: datetime) -> WatchedFolder:
    """Make a watched folder, or change one (its name stays)."""
    owner = folder.organisation_id if folder else facts.organisation_id
    if not may_edit_for(by, owner):
        raise DeliveryForbidden("Only editors of an organisation set up its watched folders.")
    if folder is None:
        if not NAME.fullmatch(facts.name):
            raise FolderRefused(_("Write a short name of small letters, digits and hyphens, such as car-park."))
        if WatchedFolder.objects.filter(name=facts.name).exists():
            raise FolderRefused(_("There is a folder of this name already. Choose another."))
    if facts.origin not in Delivery.Origin.values:
        raise FolderRefused(_("Choose one of those in the list."))
    with transaction.atomic():
        kept = folder or WatchedFolder(name=facts.name, organisation_id=owner)
        kept.origin, kept.supplier, kept.agreement = facts.origin, facts.supplier[:200], facts.agreement[:300]
        kept.applies_itself = facts.applies_itself
        kept.save()
        record("insight.change_folder", ("organisation", owner), by=by, now=now, folder=kept.name)
    place_of(kept).mkdir(parents=True, exist_ok=True)
    return kept


def remember_match(folder: WatchedFolder, delivery: Delivery, *, by: User) -> None:
    """Read the next files of the folder as ``delivery`` was read."""
    if not may_edit_for(by, folder.organisation_id) or delivery.organisation_id != folder.organisation_id:
        raise DeliveryForbidden("Only editors of an organisation set up its watched folders.")
    folder.columns = delivery.columns
    folder.save(update_fields=["columns"])


def look_into_folders(now: datetime) -> int:
    """Take in what is finished in every watched folder; return how many files."""
    taken = 0
    for folder in WatchedFolder.objects.order_by("pk"):
        place = place_of(folder)
        (place / TAKING).mkdir(parents=True, exist_ok=True)
        _put_left_behind_back(place, now)
        waiting = [path for path in sorted(place.iterdir()) if _is_finished(path, now)][:AT_ONCE]
        for path in waiting:
            mine = place / TAKING / path.name
            try:
                path.rename(mine)  # whoever moves it has it: two processes never take one file
            except OSError:
                continue
            _take(folder, mine, now)
            taken += 1
        WatchedFolder.objects.filter(pk=folder.pk).update(looked_at=now)
    return taken


def _put_left_behind_back(place: Path, now: datetime) -> None:
    """Files that a process was at when it was killed are taken again."""
    for path in (place / TAKING).iterdir():
        if now.timestamp() - path.stat().st_ctime > LEFT_BEHIND_SECONDS:
            path.rename(place / path.name)


def _is_finished(path: Path, now: datetime) -> bool:
    if path.is_symlink() or not path.is_file() or path.name.startswith(".") or path.name.endswith(PARTIAL):
        return False
    try:
        written = path.stat().st_mtime
    except OSError:  # taken away in this moment
        return False
    return bool(now.timestamp() - written >= STILL_SECONDS)


def _take(folder: WatchedFolder, path: Path, now: datetime) -> None:
    report: dict[str, Any] = {"file": path.name, "at": now.isoformat()}
    try:
        report |= _taken_in(folder, path, now)
    except (UploadRefused, DeliveryRefused) as error:
        report |= {"state": "failed", "message": str(error)}
        _note_unusable(folder, path, str(error), now)
    except Exception:  # the next file must not wait for this one
        log.exception("A file in the watched folder %s could not be taken in", folder.name)
        report |= {"state": "failed", "message": "Something went wrong here; the log of the server says what."}
    _put_away(path, "failed" if report["state"] == "failed" else "done", report, now)


def _taken_in(folder: WatchedFolder, path: Path, now: datetime) -> dict[str, Any]:
    checksum = keeping.sha256_of(path)
    same = Delivery.objects.filter(
        organisation=folder.organisation_id, checksum=checksum, state=Delivery.State.APPLIED
    ).first()
    if same is not None:
        return {
            "state": "known",
            "delivery": same.pk,
            "message": "This very file was taken in before; nothing was done.",
        }
    supply = Supply(folder.origin, folder.supplier, folder.agreement, folder.network_id)
    delivery = keep_path(folder.organisation_id, path, supply, by=None, now=now, trusted=True)
    try:
        if folder.columns.get("shape") == FIGURES == delivery.columns.get("shape"):
            choose_match(delivery, match_from(folder.columns), by=None, trusted=True)
        elif delivery.origin in STEPS and folder.columns.get("shape") == delivery.columns.get("shape"):
            # When the first forecast was issued says nothing of the next one.
            always = {name: value for name, value in folder.columns.items() if name != "issued_at"}
            choose_options(delivery, always, by=None, trusted=True)
        preview = preview_delivery(delivery, by=None, trusted=True)
    except DeliveryRefused as error:
        keeping.forget(delivery)
        delivery.state, delivery.message, delivery.kept = Delivery.State.UNUSABLE, str(error), ""
        delivery.save()
        return {"state": "failed", "delivery": delivery.pk, "message": str(error)}
    told = {
        "delivery": delivery.pk,
        "read": preview["read"],
        "failed": preview["failed"],
        "problems": delivery.problems,
    }
    if folder.applies_itself and not preview["failed"]:
        written = apply_delivery(delivery, by=None, now=now, trusted=True)
        if written.doubtful:
            _tell(
                folder,
                delivery,
                gettext_noop("“%(file)s” has %(n)s figures that cannot be right."),
                written.doubtful,
                now,
            )
        return {**told, "state": "applied", "created": written.created, "changed": written.changed}
    _tell(
        folder,
        delivery,
        gettext_noop("“%(file)s” waits: %(n)s figures of it stay out. Please look at it."),
        preview["failed"],
        now,
    )
    return {**told, "state": "waiting", "message": "It waits for a person to look at it and apply it."}


def _tell(folder: WatchedFolder, delivery: Delivery, message: str, n: int, now: datetime) -> None:
    roles = (Membership.Role.EDITOR, Membership.Role.MANAGER)
    people = Membership.objects.filter(organisation=folder.organisation_id, role__in=roles).values_list(
        "user_id", flat=True
    )
    tell(
        list(people),
        "insight.doubtful",
        message,
        subject=("organisation", folder.organisation_id),
        path=f"/workspace/insight/deliveries/{delivery.pk}/",
        now=now,
        facts={"file": delivery.name, "n": n},
    )


def _note_unusable(folder: WatchedFolder, path: Path, message: str, now: datetime) -> None:
    Delivery.objects.create(
        organisation_id=folder.organisation_id,
        network_id=folder.network_id,
        origin=folder.origin,
        supplier=folder.supplier,
        agreement=folder.agreement,
        name=shown_name(path.name),
        state=Delivery.State.UNUSABLE,
        received_at=now,
        message=message,
    )


def _put_away(path: Path, where: str, report: dict[str, Any], now: datetime) -> None:
    place = path.parent.parent / where
    place.mkdir(exist_ok=True)
    target = place / path.name
    if target.exists():
        target = place / f"{path.stem}.{now:%Y%m%dT%H%M%S}{path.suffix}"
    path.replace(target)
    target.with_name(f"{target.name}.report.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


__all__ = ["FolderFacts", "FolderRefused", "look_into_folders", "place_of", "remember_match", "save_folder"]
