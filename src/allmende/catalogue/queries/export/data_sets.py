"""What there is to take: a data set for each kind, and one for what each source gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count, Max, Min

from allmende.catalogue.models import ITEM_MODELS, Occurrence, Source
from allmende.catalogue.values import KINDS, Kind
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication


@dataclass(frozen=True, slots=True)
class DataSetNote:
    """A data set: what it holds, from whom, under which terms."""

    counts: dict[Kind, int]
    """Records of each kind; kinds without any are left out."""
    created: datetime
    modified: datetime
    source: str = ""
    """Short name of the source; empty for all of one kind."""
    title: str = ""
    """The source's title."""
    licence: str = ""
    licence_url: str = ""
    credit: str = ""
    organisation: str = ""
    organisation_url: str = ""
    language: str = ""
    is_demo: bool = False
    shift_days: int = 0
    first_day: date | None = None
    last_day: date | None = None
    """Days of the events' occurrences."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self.counts)


def data_sets() -> tuple[list[DataSetNote], list[DataSetNote]]:
    """The data sets of each kind, and those of each source; empty ones are left out."""
    return _data_sets(recent_content_stamp())


@lru_cache(maxsize=2)
def _data_sets(stamp: int) -> tuple[list[DataSetNote], list[DataSetNote]]:
    found: dict[tuple[Kind, int | None], tuple[int, datetime, datetime]] = {}
    for kind in KINDS:
        rows = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        facts = (Count("pk"), Min("created_at"), Max("updated_at"))
        for source, number, created, modified in rows.values_list("source_id").annotate(*facts).order_by("source_id"):
            found[kind, source] = (number, created, modified)
    span = Occurrence.objects.aggregate(first=Min("day"), last=Max("day"))
    return [note for kind in KINDS if (note := _of_kind(kind, found, span))], _of_sources(found)


def _of_kind(
    kind: Kind, found: dict[tuple[Kind, int | None], tuple[int, datetime, datetime]], span: dict[str, date | None]
) -> DataSetNote | None:
    parts = [facts for (of, _), facts in found.items() if of == kind]
    if not parts:
        return None
    return DataSetNote(
        {kind: sum(part[0] for part in parts)},
        min(part[1] for part in parts),
        max(part[2] for part in parts),
        first_day=span["first"] if kind == "event" else None,
        last_day=span["last"] if kind == "event" else None,
    )


def _of_sources(found: dict[tuple[Kind, int | None], tuple[int, datetime, datetime]]) -> list[DataSetNote]:
    notes = []
    for source in Source.objects.select_related("organisation").order_by("title", "pk"):
        parts = {kind: found[kind, source.pk] for kind in KINDS if (kind, source.pk) in found}
        if not parts:
            continue
        notes.append(
            DataSetNote(
                {kind: part[0] for kind, part in parts.items()},
                min(part[1] for part in parts.values()),
                max(part[2] for part in parts.values()),
                source=source.slug,
                title=source.title,
                licence=source.licence,
                licence_url=source.licence_url,
                credit=source.credit,
                organisation=source.organisation.name,
                organisation_url=source.organisation.url,
                language=source.language,
                is_demo=source.is_demo,
                shift_days=source.shift_days,
            )
        )
    return notes
