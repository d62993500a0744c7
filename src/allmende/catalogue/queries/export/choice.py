"""What is to be given away, and the rows of it: a block at a time, by id, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import BinaryField, Exists, Func, Max, OuterRef, QuerySet

from allmende.catalogue.bridges.export import COMMON, OF_KIND, Around, Published, in_language, to_published
from allmende.catalogue.models import ITEM_MODELS, Event, Media, Occurrence, Source
from allmende.catalogue.values import KINDS, Kind
from allmende.core.publication import Publication
from allmende.partners.models import Territory

BLOCK: Final = 1000
"""Rows read at a time.  A block is its own short question: a slow reader holds no transaction open."""
MEDIA: Final = ("item_id", "url", "licence", "credit", "alt", "width", "height")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which published records; empty fields do not choose."""

    kinds: tuple[Kind, ...] = KINDS
    source: int | None = None
    """Id of a source."""
    since: date | None = None
    until: date | None = None
    """Events that take place on these days, both included, within the horizon of the occurrences.  Others pass."""
    language: str = ""
    """Texts in this language only, where there is a translation; else all languages."""


def rows_of(kind: str, choice: Choice) -> QuerySet[Any]:
    """The published rows of one kind."""
    return _chosen(kind, choice).filter(state=Publication.PUBLISHED)


class AsBytes(Func):
    """A text column as the bytes that lie in the database: what goes out as it is need not be decoded first."""

    arity = 1
    output_field = BinaryField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="CAST(%(expressions)s AS BLOB)", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="convert_to(%(expressions)s, 'UTF8')", **more)


def _chosen(kind: str, choice: Choice) -> QuerySet[Any]:
    rows: QuerySet[Any] = ITEM_MODELS[kind].objects.all()  # type: ignore[attr-defined]
    if choice.source is not None:
        rows = rows.filter(source_id=choice.source)
    if kind == "event" and (choice.since or choice.until):
        days = Occurrence.objects.filter(event_id=OuterRef("pk"))
        if choice.since:
            days = days.filter(day__gte=choice.since)
        if choice.until:
            days = days.filter(day__lte=choice.until)
        rows = rows.filter(Exists(days))
    return rows


def in_order(kind: str, choice: Choice, fields: Sequence[str | Func]) -> Iterator[tuple[Any, ...]]:
    """Values of ``fields``, of which the first is ``pk``, of published rows, block after block in the order of the ids.

    Whether a row is published is looked at here: asked in the question, it makes SQLite walk the index of states and sort
    the whole table for each block.
    """
    rows = _chosen(kind, choice)
    last = 0
    while True:
        block = list(rows.filter(pk__gt=last).order_by("pk").values_list(*fields, "state")[:BLOCK])
        yield from (values[:-1] for values in block if values[-1] == Publication.PUBLISHED)
        if len(block) < BLOCK:
            return
        last = block[-1][0]


def around(origin: str) -> Around:
    """Sources and municipalities, read once for an export."""
    sources = Source.objects.values_list("pk", "title", "licence", "licence_url", "credit")
    towns = Territory.objects.filter(level="municipality").values_list("pk", "name", "code")
    return Around(origin, {row[0]: row[1:] for row in sources}, {row[0]: row[1:] for row in towns})


def published(choice: Choice, *, origin: str) -> Iterator[Published]:
    """The records of the choice, kind after kind: places first, so that what refers to them comes behind."""
    common = around(origin)
    for kind in ("place", "event", "offer"):
        if kind in choice.kinds:
            yield from _of_kind(kind, choice, common)


def _of_kind(kind: Kind, choice: Choice, common: Around) -> Iterator[Published]:
    fields = (*COMMON, *OF_KIND[kind])
    block: list[dict[str, Any]] = []
    for values in in_order(kind, choice, fields):
        block.append(dict(zip(fields, values, strict=True)))
        if len(block) == BLOCK:
            yield from _finished(kind, block, choice, common)
            block = []
    yield from _finished(kind, block, choice, common)


def _finished(kind: Kind, block: Sequence[dict[str, Any]], choice: Choice, common: Around) -> Iterator[Published]:
    if not block:
        return
    media: dict[int, list[dict[str, Any]]] = {}
    found = Media.objects.filter(kind=kind, item_id__gte=block[0]["pk"], item_id__lte=block[-1]["pk"])
    for values in found.exclude(url="").order_by("item_id", "position", "id").values_list(*MEDIA):
        media.setdefault(values[0], []).append(dict(zip(MEDIA, values, strict=True)))
    for row in block:
        entry = to_published(kind, row, media.get(row["pk"], ()), common)
        yield in_language(entry, choice.language) if choice.language else entry


def of_events(identifiers: Sequence[int], *, origin: str) -> list[Published]:
    """Published events in the order of their ids as given; what is not published is left out."""
    common = around(origin)
    fields = (*COMMON, *OF_KIND["event"])
    rows = Event.objects.filter(pk__in=identifiers, state=Publication.PUBLISHED).values_list(*fields)
    found = {values[0]: dict(zip(fields, values, strict=True)) for values in rows}
    return [to_published("event", found[pk], (), common) for pk in identifiers if pk in found]


def count(choice: Choice) -> dict[Kind, int]:
    """How many records of each kind are in the choice."""
    return {kind: rows_of(kind, choice).count() for kind in choice.kinds}


def last_change(choice: Choice) -> datetime | None:
    """When one of them changed last."""
    times = [rows_of(kind, choice).aggregate(last=Max("updated_at"))["last"] for kind in choice.kinds]
    return max((time for time in times if time), default=None)


def source_id(slug: str) -> int | None:
    """Number of the source of that short name; None if there is none that gives anything published."""
    source = Source.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if source is None or not any(rows_of(kind, Choice(source=source)).exists() for kind in KINDS):
        return None
    return source
