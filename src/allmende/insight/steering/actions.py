"""Changes: a trial is begun and ended, lots are drawn, suggestions are counted.  Counts only, never people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from allmende.catalogue.queries.brief import brief_places
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.insight.models import Intervention, InterventionSite, Site, SteeringCount, SteeringDay
from allmende.insight.rules import may_edit_for, may_edit_site
from allmende.insight.steering.lots import draw_days
from allmende.insight.steering.sites import sites_by_id

__all__ = [
    "NotAllowed",
    "NotPossible",
    "TrialWish",
    "count_shown",
    "count_taken",
    "draw_days",
    "start_trial",
    "stop_trial",
]

LOWEST_SHARE: Final = 0.1
HIGHEST_SHARE: Final = 0.9
MOST_AT_ONCE: Final = 5
LEAST_DAYS: Final = 14
MOST_DAYS: Final = 10 * 366
"""A trial that ends later is a slip of the pen, and it is locked."""
LOCK_VERSION: Final = 1
"""Of the words that are locked with every intervention; a trial adds its share."""


class NotAllowed(Exception):
    """Somebody may not do this; for them it is not there."""


class NotPossible(Exception):
    """It cannot be done like this; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class TrialWish:
    """What an owner writes down before a trial."""

    title: str
    site_ids: tuple[int, ...]
    share: float
    """Share of days with suggestions."""
    starts_on: date
    ends_on: date
    hypothesis: str
    expected_percent: float | None
    """Expected change of visitors at the crowded hours, in per cent with its sign."""


def start_trial(wish: TrialWish, *, organisation_id: int, by: User, now: datetime) -> Intervention:
    """Write down and lock a trial of the guide's suggestions at own sites, and draw its first lots.

    Raises ``NotAllowed`` for who may not edit for the organisation or one of the sites, and ``NotPossible`` with a sentence.
    """
    sites = list(Site.objects.filter(pk__in=wish.site_ids).order_by("pk"))
    if not may_edit_for(by, organisation_id) or len(sites) != len(set(wish.site_ids)):
        raise NotAllowed
    if not all(may_edit_site(by, site) for site in sites):
        raise NotAllowed
    if any(site.organisation_id != organisation_id for site in sites):
        raise NotPossible(gettext("The places of one trial belong to one organisation; begin one trial for each."))
    _check(wish, sites, now)
    with transaction.atomic():
        # Locked, so that two people cannot put one site into two trials at once.
        list(Site.objects.select_for_update().filter(pk__in=wish.site_ids).order_by("pk"))
        _check_free(wish)
        trial = Intervention.objects.create(
            organisation_id=organisation_id,
            title=wish.title,
            slug=_free_slug(wish.title),
            kind=Intervention.Kind.GUIDE,
            what=gettext("The guide suggests quieter places and hours on days that are drawn by lot."),
            starts_on=wish.starts_on,
            ends_on=wish.ends_on,
            hypothesis=wish.hypothesis,
            direction=Intervention.Direction.FEWER,
            expected_percent=wish.expected_percent,
            is_public=True,
            is_demo=all(site.is_demo for site in sites),
            created_by=by,
            created_at=now,
            updated_at=now,
        )
        InterventionSite.objects.bulk_create(
            InterventionSite(intervention=trial, site=site, part=InterventionSite.Part.TREATED) for site in sites
        )
        _lock(trial, wish, sites, by, now)
        about = ("organisation", organisation_id)
        record("insight.steering_started", about, by=by, now=now, intervention=trial.slug, share=wish.share)
        draw_days(now=now)
    return trial


def _check(wish: TrialWish, sites: Sequence[Site], now: datetime) -> None:
    if not sites:
        raise NotPossible(gettext("Choose at least one measured place."))
    if not wish.title.strip() or not wish.hypothesis.strip():
        raise NotPossible(gettext("Say what the trial is called, and what you expect of it."))
    if not LOWEST_SHARE <= wish.share <= HIGHEST_SHARE:
        raise NotPossible(
            gettext(
                "The share must lie between 10 and 90 per cent: without days of both kinds nothing can be compared."
            )
        )
    if (wish.ends_on - wish.starts_on).days < LEAST_DAYS - 1:
        raise NotPossible(gettext("A trial takes at least two weeks; the last day must be later."))
    if (wish.ends_on - now.date()).days > MOST_DAYS:
        raise NotPossible(gettext("Write the day as year-month-day, such as 2026-12-05."))
    for site in sites:
        today = now.astimezone(ZoneInfo(site.timezone)).date()
        if wish.starts_on <= today:
            raise NotPossible(
                gettext(
                    "It begins tomorrow at the earliest: what is running already cannot be written down beforehand."
                )
            )
        if site.shown == Site.Shown.NOTHING:
            raise NotPossible(
                gettext(
                    "“%(name)s” shows nothing in the guide, so nothing can be suggested instead. Change what is shown first."
                )
                % {"name": site.name}
            )


def _check_free(wish: TrialWish) -> None:
    taken = (
        InterventionSite.objects.filter(
            site__in=wish.site_ids,
            part=InterventionSite.Part.TREATED,
            intervention__kind=Intervention.Kind.GUIDE,
            intervention__cancelled_at__isnull=True,
            intervention__starts_on__lte=wish.ends_on,
        )
        .filter(Q(intervention__ends_on__isnull=True) | Q(intervention__ends_on__gte=wish.starts_on))
        .values_list("site__name", "intervention__title")
        .first()
    )
    if taken:
        raise NotPossible(
            gettext("“%(name)s” is in the trial “%(trial)s” in these weeks.") % {"name": taken[0], "trial": taken[1]}
        )


def _free_slug(title: str) -> str:
    wanted = slugify(title)
    taken = set(Intervention.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    taken.add("new")  # an address of the workspace
    return next(slug for n in range(1, len(taken) + 2) if (slug := wanted if n == 1 else f"{wanted}-{n}") not in taken)


def _lock(trial: Intervention, wish: TrialWish, sites: Sequence[Site], by: User, now: datetime) -> None:
    locked: dict[str, Any] = {
        "version": LOCK_VERSION,
        "locked_at": now.isoformat(),
        "is_late": False,
        "title": trial.title,
        "kind": str(trial.kind),
        "what": trial.what,
        "organisation": trial.organisation.name,
        "sites": [{"site": site.pk, "name": site.name, "part": "treated", "starts_on": None} for site in sites],
        "starts_on": trial.starts_on.isoformat(),
        "ends_on": wish.ends_on.isoformat(),
        "hours": [],
        "weekdays": [],
        "hypothesis": trial.hypothesis,
        "direction": str(trial.direction),
        "expected_percent": trial.expected_percent,
        "cost": None,
        "currency": trial.currency,
        "amends": None,
        "share": wish.share,
    }
    told = json.dumps(locked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    trial.locked, trial.lock = locked, hashlib.sha256(told.encode()).hexdigest()
    trial.locked_at, trial.locked_by = now, by
    trial.save(update_fields=["locked", "lock", "locked_at", "locked_by"])


def stop_trial(intervention_id: int, *, by: User, now: datetime) -> Intervention:
    """End a trial today, or cancel it if it has not begun.  Raises ``NotAllowed``, and ``NotPossible`` if it is over."""
    with transaction.atomic():
        trials = Intervention.objects.select_for_update().filter(kind=Intervention.Kind.GUIDE)
        trial = trials.filter(pk=intervention_id, cancelled_at__isnull=True, locked_at__isnull=False).first()
        if trial is None or not may_edit_for(by, trial.organisation_id):
            raise NotAllowed
        zones = set(trial.sites.values_list("site__timezone", flat=True))
        today = max((now.astimezone(ZoneInfo(zone)).date() for zone in zones), default=now.date())
        if trial.ends_on and trial.ends_on <= today:
            raise NotPossible(gettext("This trial is over."))
        # What was planned stays as it is written down; the lots of today hold if it has begun.
        trial.cancelled_at = trial.updated_at = now
        trial.save(update_fields=["cancelled_at", "updated_at"])
        later = SteeringDay.objects.filter(intervention=trial)
        (later if trial.starts_on > today else later.filter(day__gt=today)).delete()
        record(
            "insight.steering_stopped", ("organisation", trial.organisation_id), by=by, now=now, intervention=trial.slug
        )
    return trial


# ---------------------------------------------------------------------- counts


def count_shown(site_id: int, instead: Sequence[int], *, now: datetime) -> int:
    """Count that a suggestion was seen, and once for each of the places in it; what is not known is left out.

    Returns how many rows were counted.
    """
    wanted = list(dict.fromkeys(instead))[:MOST_AT_ONCE]
    known = sites_by_id([site_id, *wanted], now=now)
    if site_id not in known:
        return 0
    day = now.astimezone(ZoneInfo(known[site_id].timezone)).date()
    there = [pk for pk in wanted if pk != site_id and pk in known and known[pk].may_be_suggested]
    counted: list[int | None] = [None, *there]
    for pk in counted:
        _add(site_id, pk, day, "shown")
    return len(counted)


def count_taken(site_id: int, other_id: int, *, language: str, now: datetime, is_counted: bool = True) -> str | None:
    """Count that a suggestion was followed; return the path of the place's page, None where there is no such suggestion."""
    known = sites_by_id([site_id, other_id], now=now)
    other = known.get(other_id)
    if site_id not in known or other is None or site_id == other_id or other.place_id is None:
        return None
    place = brief_places([other.place_id], language=language).get(other.place_id)
    if place is None or not other.may_be_suggested:
        return None
    if is_counted:
        day = now.astimezone(ZoneInfo(known[site_id].timezone)).date()
        _add(site_id, other_id, day, "taken")
    return f"/places/{place.slug}-{place.id}/"


def _add(site_id: int, instead_id: int | None, day: date, column: str) -> None:
    with transaction.atomic():
        row = SteeringCount.objects.filter(site_id=site_id, instead_id=instead_id, day=day)
        if not row.update(**{column: F(column) + 1}):
            SteeringCount.objects.get_or_create(site_id=site_id, instead_id=instead_id, day=day)
            row.update(**{column: F(column) + 1})
