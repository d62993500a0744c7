"""Records that are, or may be, about the same thing: for the people who decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from allmende.catalogue.actions.best import best_values
from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.actions.unions import members_of
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.models import ITEM_MODELS, Match, Source
from allmende.catalogue.queries.editing.records import editable, editable_for
from allmende.catalogue.rules import judged_organisations
from allmende.catalogue.values import KINDS, distance_km
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.core.text import Picked, pick
from allmende.partners.rules import Someone

PAGE = 20
COMPARED = tuple(group for group in GROUPS if group != "state")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records side by side."""

    id: int
    kind: str
    slug: str
    name: Picked
    source: str
    source_id: int | None
    organisation: str
    is_mine: bool
    """Whether the person may open it in the workspace."""
    lon: float | None
    lat: float | None
    picture: str


@dataclass(frozen=True, slots=True)
class FieldPair:
    """What two records say in one field, in words."""

    field: str
    left: str
    right: str
    columns: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    """The columns behind the words."""

    @property
    def is_same(self) -> bool:
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Question:
    """A pair that a person is to decide."""

    match: Match
    left: Side
    right: Side
    fields: list[FieldPair]
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A union in the list, with those it stands for."""

    id: int
    kind: str
    slug: str
    name: Picked
    members: list[Side]


@dataclass(frozen=True, slots=True)
class JoinedPage:
    """One page of unions."""

    rows: list[Joined]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Parallel:
    """Two sources that keep the same facts."""

    left: Source
    right: Source
    n: int
    """Things that both of them describe."""
    same: dict[str, int]
    """Field -> number of things for which both say the same."""
    differ: dict[str, int]
    """Field -> number of things for which they say different things: where somebody is wrong."""

    @property
    def kept_twice(self) -> int:
        """Values that were typed in twice with the same outcome."""
        return sum(self.same.values())


def _mine(user: Someone, kind: str) -> QuerySet[Any]:
    """Ids of the records of a kind about which ``user`` decides."""
    return editable_for(judged_organisations(user), kind)


def _matches(user: Someone, kinds: Iterable[str]) -> QuerySet[Match]:
    return _matches_of(judged_organisations(user), kinds)


def _matches_of(organisations: Sequence[int] | None, kinds: Iterable[str]) -> QuerySet[Match]:
    """Pairs of which one belongs to these organisations; None means all."""
    wanted = Q(pk__in=[])
    for kind in kinds:
        one = Q(kind=kind)
        if organisations is not None:
            mine = editable_for(organisations, kind).order_by().values("pk")
            one &= Q(left_id__in=mine) | Q(right_id__in=mine)
        wanted |= one
    return Match.objects.filter(wanted)


def _open(user: Someone, kind: str, now: datetime) -> QuerySet[Match]:
    return _open_among(_matches(user, [kind] if kind in KINDS else KINDS), now)


def _open_among(rows: QuerySet[Match], now: datetime) -> QuerySet[Match]:
    waiting = rows.filter(band=Match.Band.ASK, answer="")
    return waiting.filter(Q(put_off_until__isnull=True) | Q(put_off_until__lte=now))


def may_decide(user: Someone) -> bool:
    """Whether there may be anything for ``user`` to decide."""
    mine = judged_organisations(user)
    return mine is None or bool(mine)


def question_counts(user: Someone, *, now: datetime) -> dict[str, int]:
    """How many questions of each kind wait for ``user``."""
    mine = judged_organisations(user)
    return dict(_questions(mine, now)) if mine != [] else {}


@prepared
def _questions(mine: Sequence[int] | None, now: datetime) -> QuerySet[Match, tuple[str, int]]:
    rows = _open_among(_matches_of(mine, KINDS), now)
    return rows.order_by().values_list("kind").annotate(n=Count("pk"))


def _sides(kind: str, identifiers: Sequence[int], user: Someone, language: str) -> dict[int, Side]:
    items = ITEM_MODELS[kind].objects.filter(pk__in=identifiers)  # type: ignore[attr-defined]
    mine = set(editable(user, kind).filter(pk__in=identifiers).values_list("pk", flat=True))
    names = ("pk", "slug", "name", "source__title", "source_id", "organisation__name", "lon", "lat", "picture")
    return {
        row[0]: Side(
            row[0], kind, row[1], pick(row[2], language), row[3] or "", row[4], row[5] or "", row[0] in mine, *row[6:]
        )
        for row in items.values_list(*names)
    }


def _question(match: Match, user: Someone, language: str) -> Question | None:
    members = members_of(match.kind, (match.left_id, match.right_id))
    sides = _sides(match.kind, (match.left_id, match.right_id), user, language)
    if len(members) < 2 or len(sides) < 2:
        return None
    left, right = members[match.left_id].columns, members[match.right_id].columns
    pairs = [
        FieldPair(group, group_in_words(left, group), group_in_words(right, group), (left, right))
        for group in COMPARED
        if any(name in left for name in GROUPS[group])
    ]
    one, other = sides[match.left_id], sides[match.right_id]
    away = None
    if None not in (one.lon, one.lat, other.lon, other.lat):
        away = distance_km(one.lon, one.lat, other.lon, other.lat)  # type: ignore[arg-type]
    return Question(match, one, other, [pair for pair in pairs if pair.left or pair.right], away)


def next_question(user: Someone, *, kind: str, language: str, now: datetime) -> Question | None:
    """The question that is most likely to be a yes; None when nothing waits."""
    for match in _open(user, kind, now).order_by("-probability", "pk")[:PAGE]:
        question = _question(match, user, language)
        if question is not None:
            return question
    return None


def question_to_see(user: Someone, identifier: int, *, language: str) -> Question | None:
    """One pair, decided or not, if ``user`` decides about one of the records."""
    match = _matches(user, KINDS).filter(pk=identifier).first()
    return _question(match, user, language) if match else None


def answered(user: Someone, *, limit: int = PAGE) -> list[Match]:
    """The latest answers, by anybody, about records that ``user`` decides about."""
    rows = _matches(user, KINDS).exclude(answer="").filter(answered_at__isnull=False)
    return list(rows.select_related("answered_by").order_by("-answered_at", "-pk")[:limit])


def _members(kind: str, unions: Sequence[int], user: Someone, language: str) -> dict[int, list[Side]]:
    rows = ITEM_MODELS[kind].objects.filter(joined_into__in=unions, is_union=False).order_by("pk")  # type: ignore[attr-defined]
    pairs = list(rows.values_list("pk", "joined_into"))
    sides = _sides(kind, [pk for pk, _ in pairs], user, language)
    found: dict[int, list[Side]] = {}
    for pk, union in pairs:
        found.setdefault(union, []).append(sides[pk])
    return found


def joined_records(user: Someone, *, kind: str, page: int, language: str) -> JoinedPage:
    """The unions that stand for a record about which ``user`` decides."""
    model = ITEM_MODELS[kind]
    unions = model.objects.filter(is_union=True, state=Publication.PUBLISHED)  # type: ignore[attr-defined]
    if judged_organisations(user) is not None:
        mine = _mine(user, kind).filter(joined_into__isnull=False, is_union=False)
        unions = unions.filter(pk__in=mine.values("joined_into"))
    total = unions.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = list(unions.order_by("sort_name", "pk").values_list("pk", "slug", "name")[(page - 1) * PAGE : page * PAGE])
    members = _members(kind, [row[0] for row in rows], user, language)
    shown = [Joined(pk, kind, slug, pick(name, language), members.get(pk, [])) for pk, slug, name in rows]
    return JoinedPage(shown, total, page, pages)


def members_and_origins(kind: str, union: int, user: Someone, language: str) -> tuple[list[Side], dict[str, Side]]:
    """Those a union stands for, and for each of its fields the one that its value comes from."""
    sides = _members(kind, [union], user, language).get(union, [])
    members = members_of(kind, [side.id for side in sides])
    if not members:
        return [], {}
    _, origin = best_values(list(members.values()))
    by_id = {side.id: side for side in sides}
    return sides, {group: by_id[pk] for group, pk in origin.items()}


def parallel_work(user: Someone, *, limit: int = 40, sample: int = 2000) -> list[Parallel]:
    """Pairs of sources that describe the same things, those that share most first.

    ``sample``: at most so many unions of each kind are looked into, the latest first.
    """
    sees_all = judged_organisations(user) is None
    mine = set(judged_organisations(user) or ())
    counts: Counter[tuple[int, int]] = Counter()
    same: dict[tuple[int, int], Counter[str]] = {}
    differ: dict[tuple[int, int], Counter[str]] = {}
    for kind, model in ITEM_MODELS.items():
        unions = model.objects.filter(is_union=True, state=Publication.PUBLISHED).order_by("-pk")[:sample]  # type: ignore[attr-defined]
        rows = model.objects.filter(joined_into__in=list(unions.values_list("pk", flat=True)), is_union=False)  # type: ignore[attr-defined]
        groups: dict[int, list[int]] = {}
        for pk, union in rows.values_list("pk", "joined_into"):
            groups.setdefault(union, []).append(pk)
        members = members_of(kind, [pk for group in groups.values() for pk in group])
        for group in groups.values():
            told = sorted((members[pk].columns for pk in group if pk in members), key=lambda c: c["source_id"] or 0)
            for place, left in enumerate(told):
                for right in told[place + 1 :]:
                    if not left["source_id"] or not right["source_id"] or left["source_id"] == right["source_id"]:
                        continue
                    pair = (left["source_id"], right["source_id"])
                    counts[pair] += 1
                    for field in COMPARED:
                        a, b = group_in_words_or_none(left, field), group_in_words_or_none(right, field)
                        if a and b:
                            (same if a == b else differ).setdefault(pair, Counter())[field] += 1
    sources = Source.objects.select_related("organisation").in_bulk({pk for pair in counts for pk in pair})
    found = [
        Parallel(sources[a], sources[b], n, dict(same.get((a, b), {})), dict(differ.get((a, b), {})))
        for (a, b), n in counts.items()
        if sees_all or {sources[a].organisation_id, sources[b].organisation_id} & mine
    ]
    return sorted(found, key=lambda row: (-row.n, row.left.title, row.right.title))[:limit]


def group_in_words_or_none(columns: dict[str, Any], group: str) -> str:
    """A field in words; nothing where the kind has no such field."""
    return group_in_words(columns, group) if any(name in columns for name in GROUPS[group]) else ""


def record_to_separate(user: Someone, kind: str, identifier: int) -> int | None:
    """The record if it is part of a union and ``user`` decides about it."""
    if kind not in ITEM_MODELS:
        return None
    mine = _mine(user, kind).filter(pk=identifier, joined_into__isnull=False, is_union=False)
    return mine.values_list("pk", flat=True).first()
