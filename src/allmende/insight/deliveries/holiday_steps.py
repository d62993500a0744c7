"""The steps of a delivery of holidays: proposed, previewed, written, taken back.  ``deliveries`` calls them in its transactions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allmende.insight.bridges.holidays import (
    HolidayFile,
    UnusableInput,
    is_calendar_or_json,
    read_holidays,
    subdivision_in,
)
from allmende.insight.bridges.tables import Columns, Problem
from allmende.insight.deliveries import keeping
from allmende.insight.deliveries.foreign import add_foreign
from allmende.insight.deliveries.problems import Problems
from allmende.insight.models import Delivery, HolidayPeriod, Use
from allmende.partners.models import Network

SHAPE: Final = "holidays"
BEFORE: Final = "before.json"
"""Periods that it replaced, beside the file."""
SHOWN: Final = 100
MOVED: Final = timedelta(days=60)
"""A stretch of the same name that begins no further away is the same one, corrected."""
COUNTRY: Final = re.compile(r"[A-Z]{2}")
SUBDIVISION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(?:-[A-Z0-9]{1,3})?")
CREDITS: Final[Mapping[str, tuple[str, str]]] = {
    "education.gouv.fr": ("Ministère de l’Éducation nationale, data.education.gouv.fr", "Licence Ouverte 2.0"),
    "openholidays": ("OpenHolidays API", "ODbL 1.0"),
}
"""Whom to credit where nobody says it: what these services ask for."""


@dataclass(frozen=True, slots=True)
class HolidayOptions:
    """What a file of holidays does not say itself, and somebody says of it."""

    kind: str = HolidayPeriod.Kind.SCHOOL
    """Where the file does not say it."""
    country: str = ""
    subdivision: str = ""
    """Where the file says none.  Of a country without a subdivision they hold for all of it."""
    language: str = ""
    use: str = Use.OWNER

    def as_json(self) -> dict[str, Any]:
        """To be kept with a delivery."""
        return {"shape": SHAPE, **asdict(self)}


def options_from(told: Mapping[str, Any]) -> HolidayOptions:
    """From what is kept; what is unknown in it is left out."""
    known = {one.name for one in fields(HolidayOptions)}
    return HolidayOptions(**{name: value for name, value in told.items() if name in known})


class Wanted(NamedTuple):
    """One row as it is to be kept."""

    country: str
    subdivision: str
    kind: str
    first: date
    last: date


@dataclass(slots=True)
class Found:
    """What a file tells."""

    rows: dict[Wanted, dict[str, str]] = field(default_factory=dict)
    """With its names by language."""
    service: str = ""
    read: int = 0
    failed: int = 0
    left_out: int = 0
    problems: Problems = field(default_factory=Problems)

    def wrong(self, where: str, message: str, code: str, remedy: str = "") -> None:
        """One more stays out."""
        self.failed += 1
        add_foreign(self.problems, Problem(where, message, code), remedy)


def propose(delivery: Delivery, path: Path, columns: Columns | None) -> dict[str, Any] | None:
    """How the file is read; None where it holds no holidays.  Raises ``UnusableInput`` where somebody says that it does."""
    declared = delivery.origin == Delivery.Origin.HOLIDAYS
    if columns is None and not declared and not is_calendar_or_json(path):
        return None
    if read_holidays(path, declared=declared, columns=columns) is None:
        return None
    code = subdivision_in(delivery.name)
    use = Use.NETWORK if delivery.network_id else Use.OWNER
    return HolidayOptions(country=code[:2], subdivision=code, language="de" if code else "", use=use).as_json()


def choose(delivery: Delivery, told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The options as they will be kept, and what is wrong with them."""
    options = options_from({**delivery.columns, **told})
    faults = []
    if options.kind not in HolidayPeriod.Kind.values:
        faults.append(gettext_noop("Holidays are of schools or public."))
    if options.country and not COUNTRY.fullmatch(options.country):
        faults.append(gettext_noop("Write the country as two letters, such as FR."))
    if options.subdivision and not SUBDIVISION.fullmatch(options.subdivision):
        faults.append(gettext_noop("Write the part of the country by its ISO 3166-2 code, such as FR-OCC."))
    if options.subdivision and options.country and options.subdivision[:2] != options.country:
        faults.append(gettext_noop("The part does not lie in the country."))
    if options.use not in Use.values:
        faults.append(gettext_noop("Choose for whose places it counts."))
    if options.use == Use.NETWORK and delivery.network_id is None:
        faults.append(gettext_noop("It was delivered to no insight space."))
    return options.as_json(), faults


def read(delivery: Delivery, path: Path) -> Found:
    """Read the file as chosen; raises ``UnusableInput``."""
    told = read_holidays(path, declared=True)
    if told is None:
        raise UnusableInput("The file holds no holidays.")
    return _wanted(told, options_from(delivery.columns))


def _wanted(told: HolidayFile, options: HolidayOptions) -> Found:
    out = Found(service=told.service, read=told.read, left_out=told.left_out)
    for problem in told.problems:
        out.wrong(problem.where, problem.message, problem.code)
    given = (options.subdivision,) if options.subdivision else ()
    for period in told.periods:
        codes = period.subdivisions or (() if period.nationwide else given)
        country = period.country or options.country or options.subdivision[:2]
        codes = codes or ("",)
        if not COUNTRY.fullmatch(country):
            message, remedy = "Nothing says of which country it is.", "Write country and part above."
            out.wrong(period.where, message, "no-country", remedy)
            continue
        names = {language or options.language: name for language, name in period.names.items() if name}
        for code in codes:
            key = Wanted(country, code, period.kind or options.kind, period.first, period.last)
            # Two public holidays may fall on one day: both are named.
            known = out.rows.setdefault(key, {})
            for language, name in names.items():
                known[language] = f"{known[language]}, {name}" if known.get(language, name) != name else name
    return out


def preview(delivery: Delivery, found: Found) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What applying would do, and what is wrong; nothing is changed."""
    new, replaced, same = _against(delivery, found.rows)
    counts = {"created": len(new) - _corrected(new, replaced), "changed": len(replaced), "unchanged": len(same)}
    rows = [
        {**one._asdict(), "first": one.first.isoformat(), "last": one.last.isoformat(), "names": names,
         "is_new": one in new}
        for one, names in sorted(found.rows.items(), key=lambda pair: (pair[0].first, pair[0].subdivision))
    ]  # fmt: skip
    told = {**counts, "read": found.read, "failed": found.failed, "suppressed": 0, "doubtful": 0, "gaps": 0}
    return {**told, "service": found.service, "left_out": found.left_out, "periods": rows[:SHOWN],
            "periods_total": len(rows)}, found.problems.found  # fmt: skip


def _corrected(new: Mapping[Wanted, Any], replaced: Sequence[HolidayPeriod]) -> int:
    return min(len(new), len(replaced))


def _against(
    delivery: Delivery, rows: Mapping[Wanted, dict[str, str]]
) -> tuple[dict[Wanted, dict[str, str]], list[HolidayPeriod], list[Wanted]]:
    """What is new, which kept periods it takes the place of, and what is there already.

    A kept period of the same country, part and kind gives way to a delivered one that it overlaps, or that has its name and
    begins within two months of it: it is the same one, corrected.
    """
    kept: dict[tuple[str, str, str], list[HolidayPeriod]] = {}
    for one in _there(delivery, rows):
        kept.setdefault((one.country, one.subdivision, one.kind), []).append(one)
    options = options_from(delivery.columns)
    new, same = {}, []
    replaced: dict[int, HolidayPeriod] = {}
    by_day = {(row[:3], row.first, row.last) for row in rows}
    for row, names in rows.items():
        beside = kept.get(row[:3], [])
        equal = [one for one in beside if (one.first, one.last) == (row.first, row.last)]
        if any(one.names == names and one.use == options.use for one in equal):
            same.append(row)
            continue
        new[row] = names
        for one in beside:
            is_told = (row[:3], one.first, one.last) in by_day and one not in equal
            overlaps = one.first <= row.last and one.last >= row.first
            is_moved = bool(set(one.names.values()) & set(names.values())) and abs(one.first - row.first) <= MOVED
            if (one in equal or overlaps or is_moved) and not is_told:
                replaced[one.pk] = one
    return new, list(replaced.values()), same


def _there(delivery: Delivery, rows: Iterable[Wanted]) -> list[HolidayPeriod]:
    countries = {row.country for row in rows}
    if not countries:
        return []
    days = [row.first for row in rows]
    around = Q(last__gte=min(days) - MOVED, first__lte=max(row.last for row in rows) + MOVED)
    found = HolidayPeriod.objects.filter(around, organisation=delivery.organisation_id, country__in=countries)
    return list(found.order_by("pk"))


def write(delivery: Delivery, found: Found, *, now: datetime) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Write the good ones; runs in the caller's transaction."""
    options = options_from(delivery.columns)
    new, replaced, same = _against(delivery, found.rows)
    keeping.write(delivery, BEFORE, [_plain(one) for one in replaced])
    HolidayPeriod.objects.filter(pk__in=[one.pk for one in replaced]).delete()
    source, licence = CREDITS.get(found.service, ("", ""))
    HolidayPeriod.objects.bulk_create(
        [
            HolidayPeriod(
                organisation_id=delivery.organisation_id,
                network_id=delivery.network_id,
                use=options.use,
                delivery=delivery,
                names=names,
                source=delivery.supplier or source,
                licence=delivery.agreement or licence,
                is_demo=delivery.is_demo,
                **row._asdict(),
            )
            for row, names in new.items()
        ]
    )
    counts = {"created": len(new) - _corrected(new, replaced), "changed": len(replaced), "unchanged": len(same)}
    return {**counts, "read": found.read, "failed": found.failed}, found.problems.found


PLAIN: Final = ("network_id", "use", "delivery_id", "country", "subdivision", "kind", "names", "source", "licence")


def _plain(one: HolidayPeriod) -> dict[str, Any]:
    days = {"first": one.first.isoformat(), "last": one.last.isoformat(), "is_demo": one.is_demo}
    return {**{name: getattr(one, name) for name in PLAIN}, **days}


def built_upon(delivery: Delivery) -> list[str]:
    """Names of deliveries that replaced what this one brought, or brought what stands where it replaced something."""
    before = keeping.read(delivery, BEFORE) or []
    later = Delivery.objects.filter(
        organisation=delivery.organisation_id,
        origin=Delivery.Origin.HOLIDAYS,
        state=Delivery.State.APPLIED,
        applied_at__gte=delivery.applied_at,
    ).exclude(pk=delivery.pk)
    names = set()
    for other in later:
        if (other.applied_at, other.pk) < (delivery.applied_at, delivery.pk):
            continue
        replaced = any(one["delivery_id"] == delivery.pk for one in keeping.read(other, BEFORE) or ())
        if replaced or any(_beside(one).filter(delivery=other).exists() for one in before):
            names.add(other.name)
    return sorted(names)


def _beside(one: Mapping[str, Any]) -> QuerySet[HolidayPeriod]:
    """Periods of the same part that overlap one that was replaced."""
    same = {name: one[name] for name in ("country", "subdivision", "kind")}
    return HolidayPeriod.objects.filter(**same, first__lte=one["last"], last__gte=one["first"])


def undo(delivery: Delivery, *, now: datetime) -> None:
    """Put back what it replaced; raises ``UnusableInput`` where that is kept no longer."""
    before = keeping.read(delivery, BEFORE)
    if before is None:
        raise UnusableInput(_("What was there before is kept no longer, so it cannot be put back."))
    HolidayPeriod.objects.filter(delivery=delivery).delete()
    there = set(Delivery.objects.filter(organisation=delivery.organisation_id).values_list("pk", flat=True))
    networks = set(Network.objects.filter(pk__in={one["network_id"] for one in before}).values_list("pk", flat=True))
    HolidayPeriod.objects.bulk_create(
        [
            HolidayPeriod(
                **{
                    **one,
                    "first": date.fromisoformat(one["first"]),
                    "last": date.fromisoformat(one["last"]),
                    # What is gone by now is not brought back.
                    "delivery_id": one["delivery_id"] if one["delivery_id"] in there else None,
                    "network_id": one["network_id"] if one["network_id"] in networks else None,
                },
                organisation_id=delivery.organisation_id,
            )
            for one in before
        ]
    )
