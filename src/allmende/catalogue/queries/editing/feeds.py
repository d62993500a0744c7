"""Sources and their runs, for the people who import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from allmende.catalogue.models import ITEM_MODELS, ImportRun, Source, SourceRecord
from allmende.catalogue.rules import may_import
from allmende.catalogue.values import KINDS
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.models import Organisation
from allmende.partners.rules import Someone, is_operator, managed_ids

RUNS = 20
SHOWN_ITEMS = 60
TROUBLE = (ImportRun.State.REFUSED, ImportRun.State.UNUSABLE, ImportRun.State.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list."""

    source: Source
    records: int
    """Records that are in the feed now."""
    last: ImportRun | None


@dataclass(frozen=True, slots=True)
class AppliedItem:
    """A record that a run wrote."""

    kind: str
    id: int
    name: Picked
    state: str


def managed_organisations(user: Someone) -> list[Organisation]:
    """The organisations for which ``user`` may make sources: a few for most people, all for the operator."""
    if is_operator(user):
        return list(Organisation.objects.order_by("name")[:500])
    mine = managed_ids(user)
    return list(Organisation.objects.filter(pk__in=mine).order_by("name")) if mine else []


def managed_sources(user: Someone) -> list[Source]:
    """The sources that ``user`` may import for, by title; for most people a question that costs next to nothing."""
    return _sources(None if is_operator(user) else managed_ids(user))


@prepared
def _sources(managed: Sequence[int] | None) -> QuerySet[Source]:
    """With ``last_run``, the newest run that was more than a look."""
    last = (
        ImportRun.objects.filter(source=OuterRef("pk"))
        .exclude(state=ImportRun.State.PREVIEWED)
        .order_by("-started_at", "-id")
    )
    sources = Source.objects.select_related("organisation").order_by("title", "pk")
    sources = sources if managed is None else sources.filter(organisation_id__in=managed)
    return sources.annotate(last_run=Subquery(last.values("pk")[:1]))


def sources_to_manage(user: Someone) -> list[SourceRow]:
    """The sources that ``user`` may import for."""
    rows: list[Any] = managed_sources(user)
    if not rows:
        return []
    runs = ImportRun.objects.in_bulk([row.last_run for row in rows if row.last_run])
    counts = dict(
        SourceRecord.objects.filter(source__in=[row.pk for row in rows], state=SourceRecord.State.CURRENT)
        .values_list("source_id")
        .annotate(n=Count("pk"))
    )
    return [SourceRow(row, counts.get(row.pk, 0), runs.get(row.last_run)) for row in rows]


def source_to_manage(user: Someone, slug: str) -> Source | None:
    """The source of that short name if ``user`` may import for it."""
    source = Source.objects.select_related("organisation").filter(slug=slug).first()
    return source if source and may_import(user, source) else None


def runs_of(source: Source, limit: int = RUNS) -> list[ImportRun]:
    """The last runs of a source."""
    runs = source.runs.exclude(state=ImportRun.State.PREVIEWED).select_related("by")
    return list(runs.defer("problems")[:limit])


def waiting_deliveries(user: Someone, source: Source | None = None) -> list[ImportRun]:
    """Uploads that were previewed and neither applied nor thrown away."""
    if source:
        return list(_previewed(Source.objects.filter(pk=source.pk)))
    managed = None if is_operator(user) else managed_ids(user)
    return _deliveries(managed) if managed != [] else []


def _previewed(sources: QuerySet[Source]) -> QuerySet[ImportRun]:
    wanted = sources.order_by().values("pk")
    runs = ImportRun.objects.filter(state=ImportRun.State.PREVIEWED, source__in=wanted).exclude(delivery="")
    return runs.select_related("source", "by").defer("problems")[:RUNS]


@prepared
def _deliveries(managed: Sequence[int] | None) -> QuerySet[ImportRun]:
    return _previewed(Source.objects.all() if managed is None else Source.objects.filter(organisation_id__in=managed))


def troubled_sources(user: Someone) -> list[SourceRow]:
    """Sources whose last run had errors or did not go through."""
    return [row for row in sources_to_manage(user) if row.last and (row.last.failed or row.last.state in TROUBLE)]


def run_to_see(user: Someone, source: Source, identifier: int) -> ImportRun | None:
    """A finished run of ``source``."""
    if not may_import(user, source):
        return None
    runs = source.runs.exclude(state=ImportRun.State.PREVIEWED).select_related("by")
    return runs.filter(pk=identifier).first()


def delivery_to_manage(user: Someone, identifier: int) -> ImportRun | None:
    """An upload, applied or not, if ``user`` may import for its source."""
    run = (
        ImportRun.objects.select_related("source", "source__organisation", "by")
        .filter(pk=identifier, state=ImportRun.State.PREVIEWED)
        .first()
    )
    return run if run and may_import(user, run.source) else None


def result_of(delivery: ImportRun) -> ImportRun | None:
    """The run in which an upload was applied."""
    if delivery.delivery or not delivery.message.isdecimal():
        return None
    return ImportRun.objects.filter(pk=int(delivery.message), source_id=delivery.source_id).first()


def run_items(run: ImportRun, *, language: str, limit: int = SHOWN_ITEMS) -> list[AppliedItem]:
    """The first records that a run wrote."""
    records = SourceRecord.objects.filter(run=run, source_id=run.source_id).order_by("pk")
    pairs = list(records.values_list("kind", "item_id")[:limit])
    found = {}
    for kind in KINDS:
        ids = [item_id for here, item_id in pairs if here == kind]
        if ids:
            rows = ITEM_MODELS[kind].objects.filter(pk__in=ids).values_list("pk", "name", "state")  # type: ignore[attr-defined]
            found.update({(kind, pk): AppliedItem(kind, pk, pick(name, language), state) for pk, name, state in rows})
    return [found[pair] for pair in pairs if pair in found]
