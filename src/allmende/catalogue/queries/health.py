"""How the feeds are doing, for the people who keep them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber

from allmende.catalogue.feeds import FeedState, figures_of, is_scheduled, needs_somebody, state_of
from allmende.catalogue.models import ImportRun, Source, SourceRecord
from allmende.catalogue.queries.editing import managed_sources
from allmende.partners.rules import Someone

TREND_RUNS: Final = 30
SHOWN_PROBLEMS: Final = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One good run of the trend."""

    at: datetime
    size: int
    """Good records."""


@dataclass(frozen=True, slots=True)
class Health:
    """One feed at a glance."""

    source: Source
    state: FeedState
    records: int
    """Records in the guide that are in the feed now."""
    last: ImportRun | None = None
    """The newest run, whatever became of it."""
    last_good_at: datetime | None = None
    trend: list[Point] = field(default_factory=list)
    """Good runs among the last thirty, oldest first."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """The first errors of the newest run: {where, message, …}."""
    lost: int = 0
    """Records fewer than at best in the week before, where that is many."""

    @property
    def needs_somebody(self) -> bool:
        """Whether a person should look."""
        return needs_somebody(self.source, self.state)


class TroubledFeed(NamedTuple):
    """A feed that needs somebody, and why."""

    source: Source
    state: FeedState


def feeds_health(user: Someone, *, now: datetime) -> list[Health]:
    """The feeds of the organisations that ``user`` coordinates, those in trouble first; a fixed number of queries."""
    sources = managed_sources(user)
    ids = [source.pk for source in sources]
    if not ids:
        return []
    runs = _last_runs(ids)
    figures = figures_of(ids, now=now)
    counts = _current_records(ids)
    last_good = _last_good(ids)
    newest = [found[0].pk for found in runs.values() if found]
    problems = dict(ImportRun.objects.filter(pk__in=newest, failed__gt=0).values_list("source_id", "problems"))
    rows = [
        Health(
            source=source,
            state=state_of(source, figures[source.pk], now=now),
            records=counts.get(source.pk, 0),
            last=runs[source.pk][0] if runs[source.pk] else None,
            last_good_at=last_good.get(source.pk),
            trend=_trend(runs[source.pk]),
            problems=_errors(problems.get(source.pk, [])),
            lost=figures[source.pk].lost,
        )
        for source in sources
    ]
    return sorted(rows, key=lambda row: (not row.needs_somebody, row.source.title.casefold(), row.source.pk))


def troubled_feeds(user: Someone, *, now: datetime) -> list[TroubledFeed]:
    """Feeds on a schedule for which somebody should do something."""
    feeds = [source for source in managed_sources(user) if is_scheduled(source)]
    if not feeds:
        return []
    figures = figures_of([source.pk for source in feeds], now=now)
    found = [TroubledFeed(source, state_of(source, figures[source.pk], now=now)) for source in feeds]
    return [feed for feed in found if needs_somebody(feed.source, feed.state)]


def _last_runs(ids: list[int]) -> dict[int, list[ImportRun]]:
    """The last runs of each source, newest first, without their problems."""
    order = [F("started_at").desc(), F("id").desc()]
    runs = (
        ImportRun.objects.filter(source__in=ids)
        .exclude(state=ImportRun.State.PREVIEWED)
        .annotate(place=Window(RowNumber(), partition_by=F("source_id"), order_by=order))
        .filter(place__lte=TREND_RUNS)
        .defer("problems")
        .order_by("-started_at", "-id")
    )
    found: dict[int, list[ImportRun]] = defaultdict(list)
    for run in runs:
        found[run.source_id].append(run)
    return found


def _current_records(ids: list[int]) -> dict[int, int]:
    records = SourceRecord.objects.filter(source__in=ids, state=SourceRecord.State.CURRENT)
    return dict(records.values_list("source_id").annotate(n=Count("pk")))


def _last_good(ids: list[int]) -> dict[int, datetime]:
    runs = ImportRun.objects.filter(source__in=ids, state=ImportRun.State.APPLIED).order_by()
    return dict(runs.values_list("source_id").annotate(at=Max("started_at")))


def _trend(runs: list[ImportRun]) -> list[Point]:
    good = (run for run in runs if run.state == ImportRun.State.APPLIED)
    return [Point(run.started_at, max(0, run.read - run.failed)) for run in good][::-1]


def _errors(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [problem for problem in problems if problem.get("severity") == "error"][:SHOWN_PROBLEMS]
