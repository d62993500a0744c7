"""What is to translate, for whom, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS, Source, TranslationDay, TranslationOrder
from allmende.catalogue.queries.cards import municipality_names
from allmende.catalogue.rules import MODERATED_STATES
from allmende.catalogue.text_states import BITS, MASK, STATES, TEXTS, TO_DO, state_of_text, unpacked
from allmende.catalogue.values import KINDS
from allmende.core.languages import LANGUAGES
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.core.slugs import fold
from allmende.core.text import Picked, fingerprint, original_text, pick
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson
from allmende.partners.rules import (
    Someone,
    is_operator,
    organisation_ids,
    organisations_moderated,
    organisations_to_edit,
)

PAGE: Final = 30
LINE: Final = 1000
"""So far ahead is known which record comes next."""
SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What is looked at."""

    language: str
    kind: str = "event"
    state: str = ""
    municipality: str = ""
    network: int | None = None
    source: int | None = None
    soon: bool = False
    """Public within a month, or on the way to it."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind in one language."""

    counts: dict[str, int]
    """State -> records; ``original`` are those written in this language."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def n(self, *states: str) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def share(self) -> int:
        """Records with every text in this language, in per cent, rounded down."""
        return 100 * (self.total - self.n("missing", "partly")) // self.total if self.total else 100


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A record in the list."""

    kind: str
    id: int
    name: Picked
    state: str
    publication: str
    category: str
    municipality: str
    organisation: str
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page of the list."""

    rows: list[DeskRow]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class FieldToTranslate:
    """One text: what it is translated from, and what there is."""

    field: str
    original: str
    original_language: str
    text: str
    state: str
    print: str
    """Changes whenever the original or the translation does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record at the desk."""

    kind: str
    id: int
    language: str
    """Into which it is translated."""
    slug: str
    name: Picked
    category: str
    publication: str
    organisation: str
    fields: list[FieldToTranslate]
    states: dict[str, str]
    """Language -> state of the record."""


@dataclass(frozen=True, slots=True)
class ServiceStanding:
    """How the translation service is doing."""

    is_set: bool
    used: int = 0
    limit: int = 0
    waiting: int = 0
    failed: int = 0
    done: int = 0
    error: str = ""


def _mine(user: Someone, kind: str) -> QuerySet[Any]:
    """What ``user`` may translate."""
    edited = organisations_to_edit(user)
    if edited is None:
        return _of(None, (), kind)
    return _of(edited, sorted(set(organisations_moderated(user) or ()) - set(edited)), kind)


def _of(edited: Sequence[int] | None, moderated: Sequence[int], kind: str) -> QuerySet[Any]:
    """What these organisations have, and what those have published or handed in; None: all."""
    items: QuerySet[Any] = ITEM_MODELS[kind].objects.exclude(state=Publication.JOINED)  # type: ignore[attr-defined]
    if edited is None:
        return items
    allowed = Q(organisation_id__in=edited)
    if moderated:
        allowed |= Q(organisation_id__in=moderated, state__in=MODERATED_STATES)
    return items.filter(allowed)


class _Choice(NamedTuple):
    """What a filter asks for, as values of a query."""

    edited: Sequence[int] | None
    moderated: Sequence[int]
    places: Sequence[int] | None
    network: int | None
    source: int | None
    first: date | None
    until: datetime | None


def _choice(user: Someone, wanted: DeskFilter, kind: str, *, today: date) -> _Choice:
    edited = organisations_to_edit(user)
    moderated = [] if edited is None else sorted(set(organisations_moderated(user) or ()) - set(edited))
    places = None
    if wanted.municipality:
        start = fold(wanted.municipality)
        places = [pk for pk, name in municipality_names().items() if fold(name).startswith(start)]
    is_event = kind == "event"
    until = datetime.combine(today, time(), tzinfo=UTC) + SOON if wanted.soon and is_event else None
    return _Choice(
        edited, moderated, places, wanted.network or None, wanted.source or None, today if is_event else None, until
    )


def _chosen(choice: _Choice, kind: str, *, soon: bool) -> QuerySet[Any]:
    items = _of(choice.edited, choice.moderated, kind).exclude(state=Publication.WITHDRAWN)
    if choice.first:
        items = items.filter(last_day__gte=choice.first)
    if choice.places is not None:
        items = items.filter(municipality_id__in=choice.places)
    if choice.network:
        there = NetworkOrganisation.objects.filter(network_id=choice.network, state=NetworkOrganisation.State.MEMBER)
        items = items.filter(organisation_id__in=there.values("organisation_id"))
    if choice.source:
        items = items.filter(source_id=choice.source)
    if soon:
        items = items.filter(state__in=MODERATED_STATES)
    return items.filter(starts_at__lt=choice.until) if choice.until else items


def _filtered(user: Someone, wanted: DeskFilter, kind: str, *, today: date) -> QuerySet[Any]:
    return _chosen(_choice(user, wanted, kind, today=today), kind, soon=wanted.soon)


@prepared
def _states(*values: Any, kind: str, soon: bool) -> QuerySet[Any, Any]:
    items = _chosen(_Choice(*values), kind, soon=soon).order_by()
    counted: QuerySet[Any, Any] = items.values_list("text_states").annotate(n=Count("pk"))
    return counted


def matrix(user: Someone, wanted: DeskFilter, *, today: date) -> dict[str, dict[str, Cell]]:
    """Kind -> language -> how many records are in which state.  Events that are over are left out."""
    found: dict[str, dict[str, Cell]] = {}
    for kind in KINDS:
        counted = _states(*_choice(user, wanted, kind, today=today), kind=kind, soon=wanted.soon)
        cells: dict[str, dict[str, int]] = {language: {} for language in LANGUAGES}
        for number, n in counted:
            for language in LANGUAGES:
                state = unpacked(number, language)
                cells[language][state] = cells[language].get(state, 0) + n
        found[kind] = {language: Cell(counts) for language, counts in cells.items()}
    return found


def _lacking(items: QuerySet[Any], language: str, states: Sequence[str]) -> QuerySet[Any]:
    """Those in one of these states in a language; ``told`` is the number of the state."""
    items = items.annotate(told=F("text_states").bitrightshift(BITS * LANGUAGES.index(language)).bitand(MASK))
    return items.filter(told__in=[STATES.index(state) for state in states])


def _to_do(user: Someone, wanted: DeskFilter, *, today: date) -> QuerySet[Any]:
    """What is to do in a language, the next best first: what is public soon, then what is most urgent."""
    return _ordered(_choice(user, wanted, wanted.kind, today=today), _asked(wanted), soon=wanted.soon)


def _asked(wanted: DeskFilter) -> tuple[str, str, str]:
    """Kind, language, and the state where one is asked for."""
    return wanted.kind, wanted.language, wanted.state if wanted.state in TO_DO else ""


def _ordered(choice: _Choice, asked: tuple[str, str, str], *, soon: bool) -> QuerySet[Any]:
    kind, language, state = asked
    items = _lacking(_chosen(choice, kind, soon=soon), language, [state] if state else TO_DO)
    ordered: QuerySet[Any] = items.order_by(
        *(("last_day", "-told", "pk") if kind == "event" else ("-told", "sort_name", "pk"))
    )
    return ordered


def _columns(kind: str) -> list[str]:
    names = ["pk", "name", "text_states", "state", "category", "municipality__name", "organisation__name"]
    return [*names, "starts_at"] if kind == "event" else names


@prepared
def _page(*values: Any, asked: tuple[str, str, str], soon: bool, page: int) -> QuerySet[Any, Any]:
    items = _ordered(_Choice(*values), asked, soon=soon)
    return items.values_list(*_columns(asked[0]))[(page - 1) * PAGE : page * PAGE]


def to_do(user: Someone, wanted: DeskFilter, *, today: date, language: str) -> DeskPage:
    """A page of what is to translate into ``wanted.language``; names in ``language``."""
    choice, asked = _choice(user, wanted, wanted.kind, today=today), _asked(wanted)
    states = [asked[2]] if asked[2] else TO_DO
    counted = _states(*choice, kind=wanted.kind, soon=wanted.soon)
    total = sum(n for number, n in counted if unpacked(number, wanted.language) in states)
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages)
    found = _page(*choice, asked=asked, soon=wanted.soon, page=page)
    rows = [
        DeskRow(
            kind=wanted.kind,
            id=row["pk"],
            name=pick(row["name"], language),
            state=unpacked(row["text_states"], wanted.language),
            publication=row["state"],
            category=row["category"],
            municipality=row["municipality__name"] or "",
            organisation=row["organisation__name"] or "",
            starts_at=row.get("starts_at"),
        )
        for row in (dict(zip(_columns(wanted.kind), values, strict=True)) for values in found)
    ]
    return DeskPage(rows, total, page, pages)


def soon_count(user: Someone, language: str, *, today: date, limit: int) -> int:
    """How many events that are public within a month are not translated into ``language``, counted to ``limit``."""
    edited = organisations_to_edit(user)
    moderated = sorted(set(organisations_moderated(user) or ()) - set(edited or ()))
    until = datetime.combine(today, time(), tzinfo=UTC) + SOON
    return len(_soon(edited, moderated, today, until, language=language, limit=limit))


@prepared
def _soon(
    edited: Sequence[int] | None, moderated: Sequence[int], today: date, until: datetime, *, language: str, limit: int
) -> QuerySet[Any, int]:
    items = _of(edited, moderated, "event").exclude(state=Publication.WITHDRAWN)
    items = items.filter(last_day__gte=today, state__in=MODERATED_STATES, starts_at__lt=until)
    return _lacking(items, language, TO_DO).order_by().values_list("pk", flat=True)[:limit]


def identifiers_to_do(user: Someone, wanted: DeskFilter, *, today: date, limit: int = LINE) -> list[int]:
    """The ids of what is to do, in the order of the list."""
    return list(_to_do(user, wanted, today=today).values_list("pk", flat=True)[:limit])


def identifiers_for_service(user: Someone, wanted: DeskFilter, *, today: date) -> list[int]:
    """The ids of records in a selection for which the service has something to do: what is published.

    A draft goes to the service only text by text, where a person presses "suggest".  At most ``LINE`` at once.
    """
    shift = BITS * LANGUAGES.index(wanted.language)
    states = [STATES.index(state) for state in ("missing", "partly", "renew")]
    items = _filtered(user, wanted, wanted.kind, today=today).filter(state=Publication.PUBLISHED)
    items = items.annotate(told=F("text_states").bitrightshift(shift).bitand(MASK)).filter(told__in=states)
    order = ("last_day", "pk") if wanted.kind == "event" else ("sort_name", "pk")
    return list(items.order_by(*order).values_list("pk", flat=True)[:LINE])


def neighbours(user: Someone, wanted: DeskFilter, identifier: int, *, today: date) -> tuple[int | None, int | None]:
    """The records before and after one in the list; after one that is not in it comes the first."""
    line = identifiers_to_do(user, wanted, today=today)
    if identifier not in line:
        return None, line[0] if line else None
    place = line.index(identifier)
    return (line[place - 1] if place else None), (line[place + 1] if place + 1 < len(line) else None)


def entry_to_translate(user: Someone, kind: str, identifier: int, language: str, *, shown: str) -> Entry | None:
    """A record with its texts, if ``user`` may translate it; ``shown``: the language of its name."""
    if kind not in KINDS or language not in LANGUAGES:
        return None
    item = _mine(user, kind).filter(pk=identifier).values_list("organisation__name").first()
    if item is None:
        return None
    columns = stored_columns(kind, [identifier])[identifier]
    return Entry(
        kind=kind,
        id=identifier,
        language=language,
        slug=columns["slug"],
        name=pick(columns["name"], shown),
        category=columns["category"],
        publication=columns["state"],
        organisation=item[0] or "",
        fields=[_field(name, columns[name], language) for name in TEXTS if columns[name]],
        states={code: unpacked(columns["text_states"], code) for code in LANGUAGES},
    )


def _field(name: str, value: dict[str, Any], language: str) -> FieldToTranslate:
    text, original = str(value["texts"].get(language, "")), original_text(value)
    state = state_of_text(value, language)
    return FieldToTranslate(name, original, value["original"], text, state, fingerprint(f"{original}\0{text}\0{state}"))


def networks_to_filter(user: Someone) -> list[tuple[int, str]]:
    """(id, name) of the networks that ``user`` or an organisation of theirs is in; for the operator all."""
    person = (user.pk if user else None) or 0
    return _networks_of(*((None, None) if is_operator(user) else (person, organisation_ids(user))))


@prepared
def _networks_of(person: int | None, own: Sequence[int] | None) -> QuerySet[Network, tuple[int, str]]:
    networks = Network.objects.filter(ended_at=None)
    if person is not None and own is not None:
        through = NetworkOrganisation.objects.filter(organisation__in=own, state=NetworkOrganisation.State.MEMBER)
        mine = NetworkPerson.objects.filter(user_id=person)
        networks = networks.filter(Q(pk__in=through.values("network_id")) | Q(pk__in=mine.values("network_id")))
    return networks.order_by("name").values_list("pk", "name")[:300]


def sources_to_filter(user: Someone) -> list[tuple[int, str]]:
    """(id, title) of the sources of the organisations that ``user`` edits for or moderates."""
    edited, moderated = organisations_to_edit(user), organisations_moderated(user)
    return _sources_of(None if edited is None else sorted({*edited, *(moderated or ())}))


@prepared
def _sources_of(owners: Sequence[int] | None) -> QuerySet[Source, tuple[int, str]]:
    sources = Source.objects.order_by("title")
    if owners is not None:
        sources = sources.filter(organisation_id__in=owners)
    return sources.values_list("pk", "title")[:300]


def service_standing(*, now: datetime) -> ServiceStanding:
    """How much the service did today, and what waits for it."""
    if not settings.ALLMENDE_TRANSLATE_URL:
        return ServiceStanding(False)
    used = TranslationDay.objects.filter(day=now.date()).values_list("characters", flat=True).first() or 0
    since = Q(finished_at__gte=now - timedelta(days=1))
    told = TranslationOrder.objects.aggregate(
        waiting=Count("pk", filter=Q(state="waiting")),
        failed=Count("pk", filter=Q(state="failed") & since),
        done=Count("pk", filter=Q(state="done") & since),
    )
    error = TranslationOrder.objects.exclude(error="").order_by("-asked_at").values_list("error", flat=True).first()
    return ServiceStanding(True, used, settings.ALLMENDE_TRANSLATE_PER_DAY, error=error or "", **told)
