"""What competes with a planned event, and which published events compete with one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from allmende.catalogue.bridges import alignment as engine
from allmende.catalogue.bridges.alignment import Assessment, Draft, Happening, Pair, Rival
from allmende.catalogue.expressions import DAY, MINUTES, MINUTES_OR_NOT, START
from allmende.catalogue.models import Event, Occurrence
from allmende.catalogue.queries.cards import EVENT_FIELDS, OCCURRENCE_FIELDS, event_card, event_cards
from allmende.catalogue.queries.shapes import Card
from allmende.catalogue.values import cells_around
from allmende.core.bulk import in_blocks
from allmende.core.publication import Publication
from allmende.core.slugs import fold
from allmende.partners.rules import Someone, organisations_to_edit

__all__ = ["Assessment", "Clash", "ClashCheck", "Draft", "assess_plan", "check_plan", "draft_of", "list_clashes"]

WEEKS = 4
"""How far before and after the planned day is looked."""
SHOWN_RIVALS = 40
ELSEWHERE = (Event.Status.CANCELLED, Event.Status.POSTPONED, Event.Status.MOVED_ONLINE)
"""What takes no guests away from here."""
SHORT_MINUTES = 4 * 1440
"""What lasts longer can be visited on another day; only shorter events are held against one another."""
LEAST_POINTS = engine.Weights().notable
"""What is worth a warning when it is planned is a clash once it stands."""
MOST_PAIRS = 5000
MOST_IN_ONE = 5000
"""Events that one query names; databases take more, but not endlessly."""


@dataclass(frozen=True, slots=True)
class ClashCheck:
    """The answer for a planned event."""

    draft: Draft
    assessment: Assessment
    cards: Mapping[int, Card]
    """Event id -> card, for the rivals."""
    own_drafts: frozenset[int]
    """Rivals that are not published yet; only who may edit them sees them."""
    reach_km: float


@dataclass(frozen=True, slots=True)
class Clash:
    """Two published events that compete, with their cards."""

    pair: Pair
    left: Card
    right: Card


def check_plan(
    draft: Draft,
    *,
    user: Someone,
    language: str,
    today: date,
    zone: ZoneInfo,
    country: str = "",
    ignore: int | None = None,
    weeks: int = WEEKS,
    shown: int = SHOWN_RIVALS,
) -> ClashCheck:
    """Hold a planned event against what is published around it, and against the drafts that ``user`` may edit.

    ``ignore``: the planned event itself, if it has a record.  Better dates lie after ``today``.
    """
    assessment, drafts = assess_plan(
        draft, user=user, today=today, zone=zone, country=country, ignore=ignore, weeks=weeks, shown=shown
    )
    wanted = [(rivalry.id, rivalry.on) for rivalry in assessment.rivals]
    published = _cards_on((key for key in wanted if key[0] not in drafts), language)
    cards = {pk: card for (pk, _), card in published.items()}
    cards |= _draft_cards([pk for pk, _ in wanted if pk in drafts], language, zone)
    shown_drafts = frozenset(drafts & {pk for pk, _ in wanted})
    return ClashCheck(draft, assessment, cards, shown_drafts, engine.reach_km(draft))


def assess_plan(
    draft: Draft,
    *,
    user: Someone,
    today: date,
    zone: ZoneInfo,
    country: str = "",
    ignore: int | None = None,
    weeks: int = WEEKS,
    shown: int = SHOWN_RIVALS,
) -> tuple[Assessment, set[int]]:
    """The same without cards: the assessment, and the ids of the drafts that were looked at."""
    cells = cells_around(draft.lon, draft.lat, engine.reach_km(draft))
    first = draft.day - timedelta(days=7 * weeks + 2)
    last = draft.day + timedelta(days=7 * weeks + 2 + draft.days)
    rows = Occurrence.objects.filter(cell__in=cells, day__range=(first, last), cancelled=False)
    rows = rows.exclude(event_id=ignore) if ignore else rows
    showings = list(rows.order_by().values_list("event_id", DAY, START, MINUTES_OR_NOT))
    events = Event.objects.filter(
        cell__in=cells, last_day__gte=first, starts_at__lt=_midnight(last + timedelta(days=2))
    )
    rivals = _rivals(events.filter(state=Publication.PUBLISHED).exclude(status__in=ELSEWHERE), ignore)
    mine, their_showings = _drafts(events, user, zone, ignore)
    found = engine.assess(
        draft,
        [*rivals, *mine],
        engine.to_showings([*showings, *their_showings]),
        weeks=weeks,
        earliest=today + timedelta(days=1),
        kin=engine.KIN,
        is_holiday=engine.holidays_of(country),
        most_rivals=shown,
    )
    return found, {rival.id for rival in mine}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _rivals(events: Any, ignore: int | None) -> list[Rival]:
    rows = events.order_by().values_list("pk", "lon", "lat", "category", "flags")
    return [Rival(pk, lon, lat, category, engine.audience_of(f)) for pk, lon, lat, category, f in rows if pk != ignore]


def _drafts(
    events: Any, user: Someone, zone: ZoneInfo, ignore: int | None
) -> tuple[list[Rival], list[tuple[int, int, int, int]]]:
    """The drafts that ``user`` may edit, with their first dates: they have no occurrences yet."""
    allowed = organisations_to_edit(user)
    if allowed == []:
        return [], []
    waiting = events.filter(state__in=(Publication.DRAFT, Publication.SUBMITTED))
    if allowed is not None:
        waiting = waiting.filter(organisation_id__in=allowed)
    rivals, showings = [], []
    rows = waiting.order_by().values_list(
        "pk", "lon", "lat", "category", "flags", "starts_at", "all_day", MINUTES_OR_NOT
    )
    for pk, lon, lat, category, flags, starts_at, all_day, minutes in rows:
        if pk != ignore:
            local = starts_at.astimezone(zone)
            start = -1 if all_day else local.hour * 60 + local.minute
            rivals.append(Rival(pk, lon, lat, category, engine.audience_of(flags)))
            showings.append((pk, local.date().toordinal(), start, minutes))
    return rivals, showings


def _draft_cards(identifiers: Sequence[int], language: str, zone: ZoneInfo) -> dict[int, Card]:
    if not identifiers:
        return {}
    found = {}
    for values in Event.objects.filter(pk__in=identifiers).values_list(
        *EVENT_FIELDS, "starts_at", "ends_at", "all_day"
    ):
        row = dict(zip((*EVENT_FIELDS, "starts_at", "ends_at", "all_day"), values, strict=True))
        shown = {name: row[name] for name in ("starts_at", "ends_at", "all_day")}
        shown["day"] = row["starts_at"].astimezone(zone).date()
        found[row["pk"]] = event_card(row, shown, language)
    return found


def draft_of(columns: Mapping[str, Any], *, now: datetime, zone: ZoneInfo, pk: int) -> Draft | None:
    """A stored event as a plan, on its next date; None where it has no point, or no date to come."""
    if columns["lon"] is None or columns["lat"] is None:
        return None
    today = now.astimezone(zone).date()
    coming = Occurrence.objects.filter(event_id=pk, day__gte=today, rank__lt=engine.ONGOING_RANK).order_by(
        "day", "rank"
    )
    row = coming.values_list("day", START, MINUTES).first()
    if row:
        day, start, minutes = row[0], row[1] if row[1] >= 0 else None, row[2]
    else:
        local = columns["starts_at"].astimezone(zone)
        end = columns["ends_at"]
        day, start = local.date(), None if columns["all_day"] else local.hour * 60 + local.minute
        minutes = int((end - columns["starts_at"]).total_seconds() // 60) if end else None
    if day < today:
        return None
    days = max(1, (minutes or 0) // 1440) if start is None else 1
    return Draft(
        day=day,
        lon=columns["lon"],
        lat=columns["lat"],
        start=start,
        minutes=min(minutes or 120, 1440),
        days=days,
        categories=frozenset(columns["categories"]),
        audience=frozenset(columns["audience"]),
    )


def list_clashes(
    first: date,
    last: date,
    *,
    language: str,
    category: str = "",
    municipality: int | None = None,
    least: float = LEAST_POINTS,
    limit: int = 100,
) -> tuple[list[Clash], int]:
    """Pairs of published events of different hands that take guests from one another, strongest first, and how many.

    Looked at are short events of the same or related kinds that begin between the two days.  ``category`` and ``municipality``: at least one
    of the two events.  Who puts an event on is its organiser; where none is named, its municipality counts.
    """
    pairs = engine.find_pairs(_happenings(first, last), least=least, kin=engine.KIN, most=MOST_PAIRS, alike_only=True)
    if category or municipality:
        facts = Event.objects.filter(pk__in={pk for pair in pairs for pk in (pair.left, pair.right)})
        facts = facts.filter(category=category) if category else facts
        facts = facts.filter(municipality_id=municipality) if municipality else facts
        kept = set(facts.values_list("pk", flat=True))
        pairs = [pair for pair in pairs if pair.left in kept or pair.right in kept]
    shown = pairs[:limit]
    cards = _cards_on(((pk, pair.on) for pair in shown for pk in (pair.left, pair.right)), language)
    return [
        Clash(pair, cards[pair.left, pair.on], cards[pair.right, pair.on])
        for pair in shown
        if (pair.left, pair.on) in cards and (pair.right, pair.on) in cards
    ], len(pairs)


def _happenings(first: date, last: date) -> list[Happening]:
    events = Event.objects.filter(
        state=Publication.PUBLISHED,
        recurs=False,
        cell__isnull=False,
        # What is short ends soon after it began: the index by last day finds it without reading every series.
        last_day__range=(first, last + timedelta(minutes=SHORT_MINUTES)),
    ).exclude(status__in=ELSEWHERE)
    facts = {
        row[0]: row[1:]
        for row in events.order_by().values_list(
            "pk", "lon", "lat", "category", "flags", "organiser_id", "organiser_name", "municipality_id", "cell"
        )
    }
    days = {day: date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)}
    found = []
    for block in in_blocks(list(facts), MOST_IN_ONE):
        rows = Occurrence.objects.filter(event_id__in=block, day__range=(first, last), cancelled=False)
        rows = rows.filter(rank__lt=engine.ONGOING_RANK).order_by()
        for event, day, start, minutes in rows.values_list("event_id", DAY, START, MINUTES_OR_NOT):
            if minutes > SHORT_MINUTES:
                continue
            lon, lat, category, flags, organiser, name, municipality, cell = facts[event]
            found.append(
                Happening(
                    event,
                    days[day],
                    start if start >= 0 else None,
                    minutes if minutes >= 0 else None,
                    lon or 0.0,
                    lat or 0.0,
                    category,
                    engine.audience_of(flags),
                    _hand(organiser, name, municipality, cell),
                )
            )
    return found


def _hand(organiser: int | None, name: str, municipality: int | None, cell: int | None) -> str:
    if organiser:
        return f"organiser {organiser}"
    if name:
        return f"name {fold(name)}"
    return f"municipality {municipality}" if municipality else f"cell {cell}"


def _cards_on(wanted: Iterable[tuple[int, date]], language: str) -> dict[tuple[int, date], Card]:
    """Cards of events on given days."""
    keys = set(wanted)
    if not keys:
        return {}
    rows = Occurrence.objects.filter(event_id__in={pk for pk, _ in keys}, day__in={day for _, day in keys})
    shown: dict[tuple[int, date], dict[str, Any]] = {}
    for row in rows.order_by("day", "rank", "id").values_list(*OCCURRENCE_FIELDS):
        occurrence = dict(zip(OCCURRENCE_FIELDS, row, strict=True))
        key = (occurrence["event_id"], occurrence["day"])
        if key in keys:
            shown.setdefault(key, occurrence)
    return {(card.id, card.day): card for card in event_cards(list(shown.values()), language) if card.day}
