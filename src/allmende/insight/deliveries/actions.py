"""Deliveries of figures: kept, matched, previewed, applied, taken back.  The file that was previewed is the one applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.uploads import shown_name
from allmende.insight.bridges.operators import NOT_OURS, is_release, read_operator, read_published, shape_of
from allmende.insight.bridges.tables import Columns, UnusableInput, read_columns
from allmende.insight.deliveries import conditions, keeping
from allmende.insight.deliveries.areas import AreasUnderstood, understand_areas
from allmende.insight.deliveries.comparing import preview_of
from allmende.insight.deliveries.figures import Understood, known_words, understand
from allmende.insight.deliveries.foreign import refusal
from allmende.insight.deliveries.matching import Match, faults_of, match_from, propose
from allmende.insight.deliveries.saying import Said
from allmende.insight.deliveries.values import KnownSite, Progress, untold
from allmende.insight.deliveries.writing import Written, write_all
from allmende.insight.models import Delivery, DeliveryWork, Site, Use
from allmende.insight.rules import may_edit_for, spaces_of
from allmende.insight.values import Measure, Quality
from allmende.partners.rules import is_operator

FIGURES: Final = "figures"
"""Shape of a table of figures of places; others are the declared schemas of operators, and ``release``."""
RELEASE: Final = "release"
KEPT_DAYS: Final = 30
EXPANDED: Final = (Delivery.Origin.OPERATOR, Delivery.Origin.FLOWS)
"""Their figures are estimated from a part of the people."""
OPEN: Final = (Delivery.State.READ, Delivery.State.MATCHED, Delivery.State.PREVIEWED)
COUNTS: Final = ("read", "failed", "created", "changed", "unchanged", "suppressed")
USUAL: Final[Mapping[str, str]] = {
    Delivery.Origin.TICKETS: Measure.TICKETS,
    Delivery.Origin.LODGING: Measure.NIGHTS,
    Delivery.Origin.SURVEY: Measure.SURVEY,
}


class DeliveryForbidden(PermissionError):
    """This person may not take figures in for this organisation."""


class DeliveryRefused(ValueError):
    """It cannot be done; the message says why and what would help, in the language of whoever reads it."""

    def __init__(self, *said: Said | str) -> None:
        self.said = [one if isinstance(one, Said) else Said(one) for one in said]
        super().__init__(*self.said)

    def __str__(self) -> str:
        return " ".join(map(str, self.said))


@dataclass(frozen=True, slots=True)
class Supply:
    """From whom figures come, and under which agreement."""

    origin: str
    supplier: str = ""
    agreement: str = ""
    network_id: int | None = None


def keep_delivery(
    organisation_id: int,
    name: str,
    pieces: Iterable[bytes],
    supply: Supply,
    *,
    site: str = "",
    by: User | None,
    now: datetime,
    trusted: bool = False,
    is_large: Callable[[Delivery], bool] = lambda _delivery: False,
) -> Delivery:
    """Keep a file and propose how it is read.  Raises ``UploadRefused`` for what is no data file, :class:`DeliveryRefused`
    for what holds no table.

    What ``is_large`` is only kept: it has no columns yet, and ``propose_columns`` is called outside of the request.
    """
    _may(organisation_id, by, trusted)
    _may_share(supply, by, trusted)
    sweep(now)
    kept, checksum = keeping.keep(name, pieces)
    return _begin(organisation_id, name, kept, checksum, supply, site=site, by=by, now=now, is_large=is_large)


def keep_path(
    organisation_id: int,
    path: Path,
    supply: Supply,
    *,
    site: str = "",
    by: User | None,
    now: datetime,
    trusted: bool = False,
) -> Delivery:
    """The same with a file of this machine, of any size and also packed with gzip, or with the folder of a release."""
    _may(organisation_id, by, trusted)
    _may_share(supply, by, trusted)
    sweep(now)
    if path.is_dir() and not is_release(path):
        raise DeliveryRefused(gettext_noop("The folder is no release of the flow engine: it has no manifest.json."))
    kept, checksum = keeping.keep_path(path)
    return _begin(organisation_id, path.name, kept, checksum, supply, site=site, by=by, now=now)


def _begin(
    organisation_id: int,
    name: str,
    kept: str,
    checksum: str,
    supply: Supply,
    *,
    site: str,
    by: User | None,
    now: datetime,
    is_large: Callable[[Delivery], bool] = lambda _delivery: False,
) -> Delivery:
    delivery = Delivery(
        organisation_id=organisation_id,
        network_id=supply.network_id,
        origin=supply.origin,
        supplier=supply.supplier[:200],
        agreement=supply.agreement[:300],
        name=shown_name(name),
        kept=kept,
        checksum=checksum,
        state=Delivery.State.READ,
        by=by,
        received_at=now,
    )
    try:
        if not is_large(delivery):
            delivery.columns = _proposed(delivery, site, untold)
    except UnusableInput as error:
        keeping.forget(delivery)
        raise DeliveryRefused(refusal(str(error))) from error
    before = Delivery.objects.filter(
        organisation_id=organisation_id, checksum=checksum, state=Delivery.State.APPLIED
    ).first()
    if before and before.applied_at:
        delivery.message = _("This very file was taken in on %(day)s already.") % {
            "day": f"{before.applied_at:%Y-%m-%d}"
        }
    delivery.save()
    return delivery


def propose_columns(
    delivery: Delivery, site: str = "", *, by: User | None, trusted: bool = False, progress: Progress = untold
) -> None:
    """Propose how a kept file is read; raises :class:`DeliveryRefused` for what holds no table."""
    _may(delivery.organisation_id, by, trusted)
    _is_open(delivery)
    try:
        delivery.columns = _proposed(delivery, site, progress)
    except UnusableInput as error:
        raise DeliveryRefused(refusal(str(error))) from error
    delivery.save(update_fields=["columns", "origin"])


def known_sites(organisation_id: int) -> list[KnownSite]:
    """The sites that figures delivered to an organisation may be for: its own."""
    rows = Site.objects.filter(organisation=organisation_id).order_by("pk")
    told = rows.values_list("pk", "slug", "name", "timezone", "kind", "territory__code")
    areas = (Site.Kind.AREA, Site.Kind.LODGING)
    return [
        KnownSite(pk, slug, name, zone, code if kind in areas and code else "")
        for pk, slug, name, zone, kind, code in told
    ]


def _proposed(delivery: Delivery, site: str, progress: Progress) -> dict[str, Any]:
    path = keeping.file_of(delivery)
    if path is None:
        raise UnusableInput("The file is gone. Send it again.")
    if path.is_dir():
        return {"shape": RELEASE}
    if (told := conditions.proposed(delivery, path, None)) is not None:
        return told
    columns = read_columns(path, progress)
    if (told := conditions.proposed(delivery, path, columns)) is not None:
        return told
    _keep_headers(delivery, columns)
    shape = shape_of(columns.headers, dict(zip(columns.headers, columns.words, strict=True)))
    if shape:
        return {"shape": shape}
    sites = known_sites(delivery.organisation_id)
    names = {word: sites[at].slug for word, at in known_words(sites).items()}
    match = propose(columns, names, site=site, measure=USUAL.get(delivery.origin, ""))
    if not site and len(sites) == 1 and not match.column_of("site") and not match.wide():
        match = Match(**{**match.as_json(), "suppressed": match.suppressed, "site": sites[0].slug})
    return {"shape": FIGURES, **match.as_json()}


def _keep_headers(delivery: Delivery, columns: Columns) -> None:
    """For the page that matches columns: it need not read the file again."""
    told = [{"name": name, "samples": columns.samples(at)} for at, name in enumerate(columns.headers)]
    keeping.write(delivery, "headers.json", told)


def choose_match(delivery: Delivery, match: Match, *, by: User | None, trusted: bool = False) -> None:
    """Read the file so from now on; raises :class:`DeliveryRefused` for what makes no sense."""
    _may(delivery.organisation_id, by, trusted)
    _is_open(delivery)
    _is_idle(delivery)
    headers = [one["name"] for one in keeping.read(delivery, "headers.json") or []]
    slugs = [site.slug for site in known_sites(delivery.organisation_id)]
    if faults := faults_of(match, headers, slugs):
        raise DeliveryRefused(*faults)
    delivery.columns = {"shape": FIGURES, **match.as_json()}
    delivery.state = Delivery.State.MATCHED
    delivery.save(update_fields=["columns", "state"])


def choose_options(delivery: Delivery, told: Mapping[str, Any], *, by: User | None, trusted: bool = False) -> None:
    """What a file of weather or holidays does not say itself; raises :class:`DeliveryRefused` for what makes no sense."""
    _may(delivery.organisation_id, by, trusted)
    _is_open(delivery)
    _is_idle(delivery)
    steps = conditions.steps_of(delivery)
    if steps is None:
        raise DeliveryRefused(gettext_noop("This delivery holds figures."))
    kept, faults = steps.choose(delivery, told)
    if kept["use"] == Use.EVERYONE and not trusted and not is_operator(by):
        faults.append(gettext_noop("Only who runs this installation makes it count for all places."))
    if faults:
        raise DeliveryRefused(*faults)
    delivery.columns, delivery.state = kept, Delivery.State.MATCHED
    delivery.save(update_fields=["columns", "state"])


def preview_delivery(
    delivery: Delivery, *, by: User | None, trusted: bool = False, progress: Progress = untold
) -> dict[str, Any]:
    """Say what applying would do, and note it with the delivery; nothing of the figures is changed."""
    _may(delivery.organisation_id, by, trusted)
    _is_open(delivery)
    if (steps := conditions.steps_of(delivery)) is not None:
        return _preview_conditions(delivery, steps)
    sites = known_sites(delivery.organisation_id)
    found = _understood(delivery, sites, progress)
    preview = preview_of(found.understood, sites, progress)
    preview |= {"flows": len(found.flows), "cells": len(found.cells)}
    _note(delivery, found.understood, preview)
    _keep_preview(delivery, preview)
    return preview


def _preview_conditions(delivery: Delivery, steps: conditions.Steps) -> dict[str, Any]:
    told = steps.preview(delivery, _read_conditions(delivery, steps))
    conditions.note(delivery, told)
    _keep_preview(delivery, told[0])
    return {**told[0], "flows": 0, "cells": 0}


def _keep_preview(delivery: Delivery, preview: dict[str, Any]) -> None:
    """Keep it, unless the delivery was applied, thrown away or matched anew while the file was read."""
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
        if locked is None or locked.state not in OPEN or not _is_read_alike(locked, delivery):
            raise DeliveryRefused(
                gettext_noop("It was applied or thrown away meanwhile, or never looked at. Please look again.")
            )
        keeping.write(delivery, "preview.json", preview)
        delivery.state = Delivery.State.PREVIEWED
        delivery.save(update_fields=["state", "problems", *COUNTS])


def _is_read_alike(one: Delivery, other: Delivery) -> bool:
    """Whether both are read with the same columns; as they are kept, where a tuple is a list."""
    plain = [orjson.dumps(delivery.columns, option=orjson.OPT_SORT_KEYS) for delivery in (one, other)]
    return plain[0] == plain[1]


def _read_conditions(delivery: Delivery, steps: conditions.Steps) -> Any:
    try:
        return steps.read(delivery, _file(delivery))
    except UnusableInput as error:
        raise DeliveryRefused(refusal(str(error))) from error


def _file(delivery: Delivery) -> Path:
    path = keeping.file_of(delivery)
    if path is None:
        raise DeliveryRefused(gettext_noop("The file is kept no longer. Please send it again."))
    return path


def _understood(delivery: Delivery, sites: list[KnownSite], progress: Progress) -> AreasUnderstood:
    found = understand_file(_file(delivery), delivery.columns, sites, progress)
    if delivery.origin in EXPANDED:
        for one in found.understood.series:
            one.quality[one.quality == Quality.MEASURED] = Quality.ESTIMATED
    return found


def understand_file(
    path: Path, told: Mapping[str, Any], sites: list[KnownSite], progress: Progress = untold
) -> AreasUnderstood:
    """Read a file, or the folder of a release, as ``told``; raises :class:`DeliveryRefused`."""
    try:
        if path.is_dir():
            return understand_areas(read_published(path), sites)
        shape = told.get("shape", FIGURES)
        if shape != FIGURES:
            return understand_areas(read_operator(path, shape), sites)
        columns = read_columns(path, progress)
        match = match_from(told)
        if faults := faults_of(match, columns.headers, [site.slug for site in sites]):
            raise DeliveryRefused(*faults)
        progress("understanding", 0, 0)
        return AreasUnderstood(understand(columns, match, sites))
    except (UnusableInput, *NOT_OURS) as error:
        raise DeliveryRefused(refusal(str(error))) from error


def _note(delivery: Delivery, understood: Understood, told: Mapping[str, Any]) -> None:
    for name in COUNTS:
        setattr(delivery, name, told[name])
    delivery.created += told.get("flows", 0) + told.get("cells", 0)
    delivery.problems = understood.problems.found


def apply_delivery(
    delivery: Delivery, *, by: User | None, now: datetime, trusted: bool = False, progress: Progress = untold
) -> Written:
    """Take the good figures in; the others stay out and are named."""
    _may(delivery.organisation_id, by, trusted)
    steps = conditions.steps_of(delivery)
    sites = known_sites(delivery.organisation_id)
    found = _read_conditions(delivery, steps) if steps else _understood(delivery, sites, progress)
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        # Read with the columns of before while somebody matched them anew: nobody looked at these figures.
        if locked.state != Delivery.State.PREVIEWED or locked.columns != delivery.columns:
            raise DeliveryRefused(
                gettext_noop("It was applied or thrown away meanwhile, or never looked at. Please look again.")
            )
        if steps:
            conditions.hold(locked.organisation_id)
            written = _write_conditions(locked, steps, found, now)
        else:
            written = write_all(locked, found, sites, now=now, progress=progress)
        record(
            "insight.apply_delivery",
            ("organisation", locked.organisation_id),
            by=by,
            now=now,
            delivery=locked.pk,
            file=locked.name,
            created=written.created,
            changed=written.changed,
        )
    delivery.refresh_from_db()
    keeping.forget_file(delivery)  # what it held is in the figures; what was there before is kept, to be put back
    return written


def _write_conditions(delivery: Delivery, steps: conditions.Steps, found: Any, now: datetime) -> Written:
    conditions.note(delivery, steps.write(delivery, found, now=now))
    delivery.state, delivery.applied_at, delivery.message = Delivery.State.APPLIED, now, ""
    delivery.save()
    return Written(delivery.created, delivery.changed, delivery.unchanged, 0, delivery.failed, 0, 0)


def discard_delivery(delivery: Delivery, *, by: User | None, now: datetime, trusted: bool = False) -> None:
    """Throw a delivery away that was not applied."""
    _may(delivery.organisation_id, by, trusted)
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        _is_open(locked)
        _is_idle(locked)
        owner = ("organisation", locked.organisation_id)
        record("insight.discard_delivery", owner, by=by, now=now, delivery=locked.pk, file=locked.name)
        locked.delete()
    keeping.forget(delivery)


def sweep(now: datetime) -> None:
    """Throw away what nobody came back to."""
    old = Delivery.objects.filter(state__in=OPEN, received_at__lt=now - timedelta(days=KEPT_DAYS))
    for delivery in old[:20]:
        keeping.forget(delivery)
        delivery.delete()


def _may(organisation_id: int, by: User | None, trusted: bool) -> None:
    if not trusted and not may_edit_for(by, organisation_id):
        raise DeliveryForbidden("Only editors of an organisation take figures in for it.")


def _may_share(supply: Supply, by: User | None, trusted: bool) -> None:
    """Flows and squares are seen by the whole space: only who is in it may put some there."""
    if not trusted and supply.network_id is not None and not spaces_of(by).filter(pk=supply.network_id).exists():
        raise DeliveryForbidden("Only who is in an insight space shares figures in it.")


def _is_open(delivery: Delivery) -> None:
    if delivery.state not in OPEN:
        raise DeliveryRefused(gettext_noop("It was applied or thrown away meanwhile."))


def _is_idle(delivery: Delivery) -> None:
    if DeliveryWork.objects.filter(delivery=delivery.pk, failure__isnull=True).exists():
        raise DeliveryRefused(gettext_noop("This file is being worked on. Please wait, or stop the work first."))


__all__ = [
    "DeliveryForbidden",
    "DeliveryRefused",
    "Supply",
    "apply_delivery",
    "choose_match",
    "choose_options",
    "discard_delivery",
    "is_release",
    "keep_delivery",
    "keep_path",
    "preview_delivery",
    "propose_columns",
]
