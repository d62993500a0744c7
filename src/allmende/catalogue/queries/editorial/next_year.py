"""Events that are to come again: where they belong in another year, and what to look at before that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.bridges.next_year import Way, first_day, move
from allmende.catalogue.models import Event
from allmende.catalogue.queries.editing.records import editable
from allmende.core.publication import Publication
from allmende.core.text import Picked, original_text, pick
from allmende.partners.rules import Someone

__all__ = ["MOST_COPIES", "Check", "NextYear", "Way", "events_for_another_year"]

MOST_COPIES: Final = 200
"""Events that are copied at once."""
NEAR: Final = timedelta(days=21)
"""An event of the same name that begins so close to the new day is taken for the same."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a person should look at: ``what`` is holiday, past, weekday, by_date, endless, exceptions, status, venue,
    prices or there."""

    what: str
    days: tuple[date, ...] = ()
    text: str = ""
    n: int = 0
    record: int | None = None
    """Another event that it is about."""


@dataclass(frozen=True, slots=True)
class NextYear:
    """One event, and where it would go."""

    id: int
    name: Picked
    before: Mapping[str, Any]
    """Its schedule, in stored form."""
    timezone: str
    first: date
    schedule: Mapping[str, Any] | None
    """The new one; None: its rule cannot be followed."""
    checks: tuple[Check, ...] = ()
    fault: str = ""

    @property
    def is_there(self) -> bool:
        return any(check.what == "there" for check in self.checks)


def events_for_another_year(
    user: Someone,
    identifiers: Sequence[int],
    *,
    year: int | None,
    way: Way,
    chosen: Mapping[int, date],
    today: date,
    language: str,
) -> list[NextYear]:
    """The events of ``identifiers`` that ``user`` may edit, in their order, each moved to ``year`` (None: the next time).

    ``chosen``: event -> another first day that a person wants.
    """
    mine = editable(user, "event").filter(pk__in=identifiers[:MOST_COPIES])
    facts = {
        pk: (place_country or "", place_name or "", place_state or "")
        for pk, place_country, place_name, place_state in mine.values_list(
            "pk", "municipality__country", "place__sort_name", "place__state"
        )
    }
    columns = stored_columns("event", [pk for pk in identifiers if pk in facts])
    found = []
    for pk in dict.fromkeys(identifiers):
        if pk in columns:
            found.append(_moved(columns[pk], facts[pk], year, way, chosen.get(pk), today, language))
    there = _there(columns, found)
    return [_with(one, there[one.id]) if one.id in there else one for one in found]


def _with(one: NextYear, record: int) -> NextYear:
    checks = (Check("there", record=record), *one.checks)
    return NextYear(one.id, one.name, one.before, one.timezone, one.first, one.schedule, checks)


def _moved(
    columns: dict[str, Any],
    facts: tuple[str, str, str],
    year: int | None,
    way: Way,
    chosen: date | None,
    today: date,
    language: str,
) -> NextYear:
    schedule, zone = columns["schedule"], columns["timezone"]
    name = pick(columns["name"], language)
    old = date.fromisoformat(schedule["start"][:10])
    first = old
    try:
        first = chosen or first_day(schedule, zone, year=year, way=way, today=today)
        country = columns["country"] if len(columns["country"]) == 2 else facts[0]
        moved = move(schedule, zone, first, country)
    except (ValueError, OverflowError) as error:
        return NextYear(columns["id"], name, schedule, zone, first, None, fault=str(error))
    checks = []
    if first < today:
        checks.append(Check("past"))
    if moved.holidays:
        checks.append(Check("holiday", days=tuple(moved.holidays[:4]), n=len(moved.holidays)))
    if moved.is_by_date:
        checks.append(Check("by_date"))
    elif first.weekday() != old.weekday():
        checks.append(Check("weekday", days=(old, first)))
    if moved.is_endless:
        checks.append(Check("endless"))
    if moved.exceptions:
        checks.append(Check("exceptions", n=moved.exceptions))
    if columns["status"] != Event.Status.SCHEDULED:
        checks.append(Check("status", text=columns["status"]))
    if facts[2] == Publication.WITHDRAWN:
        checks.append(Check("venue", text=columns["place_name"] or facts[1]))
    if columns["prices"] or columns["price_text"]:
        checks.append(Check("prices", text=_prices(columns)))
    return NextYear(columns["id"], name, schedule, zone, first, moved.schedule, tuple(checks))


def _prices(columns: Mapping[str, Any]) -> str:
    amounts = []
    for price in columns["prices"]:
        low, high = price.get("min"), price.get("max")
        if low is not None or high is not None:
            told = dict.fromkeys(str(amount) for amount in (low, high) if amount is not None)
            amounts.append(f"{' – '.join(told)} {price.get('currency') or 'EUR'}")
    return ", ".join(amounts) or original_text(columns["price_text"])[:120]


def _there(columns: Mapping[int, Mapping[str, Any]], found: Sequence[NextYear]) -> dict[int, int]:
    """Event -> one of the same owner and name that begins about when its copy would."""
    if not found:
        return {}
    names = {told["sort_name"] for told in columns.values()}
    first, last = min(one.first for one in found) - NEAR, max(one.first for one in found) + NEAR
    rows = Event.objects.filter(sort_name__in=names, starts_at__date__range=(first, last), is_union=False)
    likes: dict[tuple[str, Any], list[tuple[int, date]]] = {}
    for pk, name, owner, start in rows.order_by("pk").values_list("pk", "sort_name", "organisation_id", "starts_at"):
        likes.setdefault((name, owner), []).append((pk, start.date()))
    there = {}
    for one in found:
        told = columns[one.id]
        near = [
            pk
            for pk, day in likes.get((told["sort_name"], told["organisation_id"]), ())
            if pk != one.id and abs(day - one.first) <= NEAR
        ]
        if near:
            there[one.id] = near[0]
    return there
