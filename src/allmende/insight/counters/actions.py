"""Counters connected and changed, and word of those that have fallen silent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.insight.deliveries.matching import UNITS
from allmende.insight.models import Counter, Series, Site
from allmende.insight.rules import may_edit_for, may_edit_site
from allmende.insight.values import Measure, Resolution, VisitorClass
from allmende.partners.models import Membership

KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
MINUTES: Final = (60, 30, 20, 15, 10, 5, 1)


class CounterForbidden(PermissionError):
    """This person may not keep this counter."""


class CounterRefused(ValueError):
    """Something told of a counter makes no sense; ``faults`` says what, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """What a person tells of a counter."""

    key: str
    name: str = ""
    measure: str = Measure.PASSAGES
    minutes: int = 15
    factor: float = 1.0
    silent_after_minutes: int = 180
    is_paused: bool = False


def connect_counter(site: Site, facts: CounterFacts, *, by: User, now: datetime) -> Counter:
    """A new counter of a site; the series that it fills is made if it is not there."""
    if not may_edit_site(by, site):
        raise CounterForbidden("Only editors of the owner connect counters to a measured place.")
    faults = _faults(facts)
    if not KEY.fullmatch(facts.key):
        faults["key"] = _("Write a short name of letters, digits and . _ : -, such as door-1.")
    elif Counter.objects.filter(organisation=site.organisation_id, key=facts.key).exists():
        faults["key"] = _("A counter of this name is connected already. Choose another.")
    if facts.measure not in Measure.values:
        faults["measure"] = _("Choose one of those in the list.")
    if faults:
        raise CounterRefused(faults)
    with transaction.atomic():
        series, is_new = Series.objects.get_or_create(
            site=site,
            measure=facts.measure,
            visitor_class=VisitorClass.ALL,
            origin="",
            resolution=Resolution.HOUR,
            defaults={"unit": UNITS.get(facts.measure, "people")},
        )
        if is_new and not Series.objects.filter(site=site, is_main=True).exists():
            series.is_main = True
            series.save(update_fields=["is_main"])
        counter = Counter(series=series, organisation_id=site.organisation_id, key=facts.key, created_at=now)
        counter.minutes = facts.minutes
        _take(counter, facts)
        record(
            "insight.make_counter",
            ("organisation", site.organisation_id),
            by=by,
            now=now,
            site=site.slug,
            counter=facts.key,
        )
    return counter


def change_counter(counter: Counter, facts: CounterFacts, *, by: User, now: datetime) -> None:
    """Change a counter.  Its key, what it counts and the length of its readings stay as they are."""
    if not may_edit_for(by, counter.organisation_id):
        raise CounterForbidden("Only editors of the owner change its counters.")
    if faults := _faults(facts):
        raise CounterRefused(faults)
    with transaction.atomic():
        _take(counter, facts)
        owner = ("organisation", counter.organisation_id)
        record("insight.change_counter", owner, by=by, now=now, counter=counter.key, is_paused=facts.is_paused)


def _faults(facts: CounterFacts) -> dict[str, str]:
    faults: dict[str, str] = {}
    if facts.minutes not in MINUTES:
        faults["minutes"] = _("Choose one of those in the list.")
    if not 0 < facts.factor <= 1000:
        faults["factor"] = _("Write a number above 0, such as 0.5 for a door that counts both ways.")
    if not 5 <= facts.silent_after_minutes <= 60 * 24 * 60:
        faults["silent_after_minutes"] = _("Write minutes from 5 on.")
    return faults


def _take(counter: Counter, facts: CounterFacts) -> None:
    counter.name, counter.factor = facts.name.strip()[:200], facts.factor
    counter.silent_after_minutes, counter.is_paused = facts.silent_after_minutes, facts.is_paused
    counter.save()


def tell_of_silent(now: datetime) -> int:
    """Tell the editors of counters that have fallen silent, once for each silence; return how many counters."""
    counters = Counter.objects.filter(is_paused=False).filter(
        Q(told_silent_at__isnull=True) | Q(last_seen__gt=F("told_silent_at"))
    )
    silent = [one for one in counters.select_related("series__site") if is_silent(one, now)]
    roles = (Membership.Role.EDITOR, Membership.Role.MANAGER)
    owners = {one.organisation_id for one in silent}
    people: dict[int, list[int]] = {owner: [] for owner in owners}
    for owner, user in Membership.objects.filter(organisation__in=owners, role__in=roles).values_list(
        "organisation", "user"
    ):
        people[owner].append(user)
    for counter in silent:
        with transaction.atomic():
            Counter.objects.filter(pk=counter.pk).update(told_silent_at=now)
            tell(
                people[counter.organisation_id],
                "insight.silent",
                gettext_noop("The counter %(counter)s at %(site)s has fallen silent."),
                subject=("counter", counter.pk),
                path=f"/workspace/insight/counters/{counter.pk}/",
                now=now,
                facts={"counter": counter.name or counter.key, "site": counter.series.site.name},
            )
    return len(silent)


def is_silent(counter: Counter, now: datetime) -> bool:
    """Whether nothing has come from it for longer than it should."""
    return now - (counter.last_seen or counter.created_at) > timedelta(minutes=counter.silent_after_minutes)
