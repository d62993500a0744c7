"""A delivery written to the figures, with what was there before; and put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from allmende.core.audit import record
from allmende.core.models import User
from allmende.insight import store
from allmende.insight.bridges.tables import UnusableInput
from allmende.insight.deliveries import conditions, keeping
from allmende.insight.deliveries.areas import AreasUnderstood, CellRow, FlowRow
from allmende.insight.deliveries.comparing import judge, series_there
from allmende.insight.deliveries.matching import UNITS
from allmende.insight.deliveries.values import KnownSite, Progress, SeriesFigures, SeriesKey, untold
from allmende.insight.models import Block, Counter, DeliveredBlock, Delivery, FlowBetween, PresenceCell, Reading, Series
from allmende.insight.rules import may_edit_for
from allmende.insight.values import READINGS_KEPT, READINGS_LATE, Measure, Quality, Resolution, VisitorClass

AT_ONCE: Final = 2000
BEFORE: Final = "before.json"
"""Flows and squares as they were before, beside the file."""
MAIN: Final = (Measure.PRESENCE, Measure.ENTRIES, Measure.PASSAGES, Measure.TICKETS, Measure.PARKED)
"""Which series says how full a place is, where nobody chose one."""


@dataclass(frozen=True, slots=True)
class Written:
    """What applying changed."""

    created: int
    changed: int
    unchanged: int
    suppressed: int
    failed: int
    doubtful: int
    sites: int


def write_all(
    delivery: Delivery,
    found: AreasUnderstood,
    sites: Sequence[KnownSite],
    *,
    now: datetime,
    progress: Progress = untold,
) -> Written:
    """Write what was understood; runs in the caller's transaction."""
    understood = found.understood
    there = series_there({one.key.site_id for one in understood.series})
    doubtful, _gaps = judge(understood, there, sites)
    created = changed = unchanged = suppressed = 0
    before: list[store.BlockBefore] = []
    for number, one in enumerate(understood.series):
        progress("writing", number, len(understood.series))
        series = _series(one, there, understood.below, delivery)
        change, blocks = store.write_figures(series, one.periods, one.figures, one.quality, now=now)
        created, changed, unchanged = created + change.created, changed + change.changed, unchanged + change.unchanged
        suppressed += int((one.quality == Quality.SUPPRESSED).sum())
        before += blocks
    DeliveredBlock.objects.bulk_create(
        [
            DeliveredBlock(
                delivery=delivery,
                series_id=block.series_id,
                start=block.start,
                figures_before=block.figures,
                quality_before=block.quality,
            )
            for block in before
        ],
        batch_size=AT_ONCE,
    )
    _choose_main({one.key.site_id for one in understood.series})
    new, other = _write_areas(delivery, found)
    delivery.read, delivery.failed = understood.read, understood.failed
    delivery.created, delivery.changed, delivery.unchanged = created + new, changed + other, unchanged
    delivery.suppressed, delivery.problems = suppressed, understood.problems.found
    delivery.state, delivery.applied_at, delivery.message = Delivery.State.APPLIED, now, ""
    delivery.save()
    places = len({one.key.site_id for one in understood.series})
    return Written(created + new, changed + other, unchanged, suppressed, understood.failed, doubtful, places)


def _series(one: SeriesFigures, there: dict[SeriesKey, Series], below: float | None, delivery: Delivery) -> Series:
    series = there.get(one.key)
    if series is None:
        unit = str(delivery.columns.get("unit") or UNITS.get(one.key.measure, "people"))[:20]
        series = Series.objects.create(**one.key._asdict(), unit=unit, suppressed_below=below)
        there[one.key] = series
    elif below is not None and series.suppressed_below != below:
        series.suppressed_below = below
        series.save(update_fields=["suppressed_below"])
    return series


def _choose_main(site_ids: set[int]) -> None:
    """A place without a main series gets the one that says best how full it is."""
    with_main = set(Series.objects.filter(site__in=site_ids, is_main=True).values_list("site", flat=True))
    hourly = Series.objects.filter(
        site__in=site_ids - with_main, resolution=Resolution.HOUR, visitor_class=VisitorClass.ALL, origin=""
    )
    best: dict[int, Series] = {}
    for series in hourly.filter(measure__in=MAIN):
        known = best.get(series.site_id)
        if known is None or MAIN.index(Measure(series.measure)) < MAIN.index(Measure(known.measure)):
            best[series.site_id] = series
    Series.objects.filter(pk__in=[series.pk for series in best.values()]).update(is_main=True)


# ---------------------------------------------------------------------- areas


def _write_areas(delivery: Delivery, found: AreasUnderstood) -> tuple[int, int]:
    """Flows and squares: the new ones take the place of those with the same key, which are kept to be put back."""
    if not found.flows and not found.cells:
        return 0, 0
    owner = delivery.organisation_id
    flows = {(row.origin, row.destination, row.visitor_class, row.period): row for row in found.flows}
    cells = {(row.cell, row.visitor_class, row.period): row for row in found.cells}
    old_flows = [row for row in _old(FlowBetween, owner, found.flows) if _flow_key(row) in flows]
    old_cells = [row for row in _old(PresenceCell, owner, found.cells) if _cell_key(row) in cells]
    keeping.write(delivery, BEFORE, {"flows": _plain(old_flows, "trips"), "cells": _plain(old_cells, "people")})
    for model, old in ((FlowBetween, old_flows), (PresenceCell, old_cells)):
        ids = [row.pk for row in old]
        for begin in range(0, len(ids), AT_ONCE):
            model.objects.filter(pk__in=ids[begin : begin + AT_ONCE]).delete()
    told = {"delivery": delivery, "network_id": delivery.network_id, "organisation_id": owner}
    FlowBetween.objects.bulk_create(
        [FlowBetween(**told, **row._asdict()) for row in flows.values()], batch_size=AT_ONCE
    )
    PresenceCell.objects.bulk_create(
        [PresenceCell(**told, **row._asdict()) for row in cells.values()], batch_size=AT_ONCE
    )
    changed = len(old_flows) + len(old_cells)
    return len(flows) + len(cells) - changed, changed


def _old(model: Any, owner: int, rows: Sequence[FlowRow] | Sequence[CellRow]) -> list[Any]:
    return list(model.objects.filter(organisation_id=owner, period__in={row.period for row in rows}))


def _flow_key(row: FlowBetween) -> tuple[str, str, str, date]:
    return row.origin, row.destination, row.visitor_class, row.period


def _cell_key(row: PresenceCell) -> tuple[str, str, date]:
    return row.cell, row.visitor_class, row.period


def _plain(rows: Iterable[Any], measure: str) -> list[dict[str, Any]]:
    names = ("origin", "destination") if measure == "trips" else ("cell",)
    more = ("visitor_class", "period", "delivery_id", "network_id", measure)
    return [{name: getattr(row, name) for name in (*names, *more)} for row in rows]


# ---------------------------------------------------------------------- taken back


class UndoRefused(ValueError):
    """It cannot be taken back; the message says what to do first."""


def undo_delivery(delivery: Delivery, *, by: User | None, now: datetime, trusted: bool = False) -> None:
    """Put everything back as it was before the delivery.  Live readings of those months are added once more."""
    if not trusted and not may_edit_for(by, delivery.organisation_id):
        raise PermissionError("Only editors of an organisation take its deliveries back.")
    with transaction.atomic():
        locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if locked.state != Delivery.State.APPLIED or locked.applied_at is None:
            raise UndoRefused(_("Only what was applied can be taken back."))
        if (steps := conditions.steps_of(locked)) is not None:
            conditions.hold(locked.organisation_id)
            if names := steps.built_upon(locked):
                told = {"files": ", ".join(names[:5])}
                raise UndoRefused(_("Take back first what was applied after it: %(files)s") % told)
            try:
                steps.undo(locked, now=now)
            except UnusableInput as error:
                raise UndoRefused(str(error)) from error
        blocks = list(DeliveredBlock.objects.filter(delivery=locked))
        _refuse_if_built_upon(locked, blocks)
        _refuse_if_counted_since(locked, blocks, now)
        store.put_back(
            [store.BlockBefore(b.series_id, b.start, bytes(b.figures_before), bytes(b.quality_before)) for b in blocks],
            now=now,
        )
        _add_readings_again(blocks)
        series = {block.series_id for block in blocks}
        DeliveredBlock.objects.filter(delivery=locked).delete()
        _forget_empty(series)
        if steps is None:
            _put_areas_back(locked)
        locked.state = Delivery.State.UNDONE
        locked.save(update_fields=["state"])
        owner = ("organisation", locked.organisation_id)
        record("insight.undo_delivery", owner, by=by, now=now, delivery=locked.pk, file=locked.name)
    delivery.refresh_from_db()
    keeping.forget(delivery)


def _refuse_if_built_upon(delivery: Delivery, blocks: list[DeliveredBlock]) -> None:
    mine = {(block.series_id, block.start) for block in blocks}
    later = DeliveredBlock.objects.filter(
        series__in={block.series_id for block in blocks},
        delivery__state=Delivery.State.APPLIED,
        delivery__applied_at__gte=delivery.applied_at,
    ).exclude(delivery=delivery)
    names = sorted(
        {
            block.delivery.name
            for block in later.select_related("delivery").defer("figures_before", "quality_before")
            if (block.series_id, block.start) in mine
            and (block.delivery.applied_at, block.delivery_id) > (delivery.applied_at, delivery.pk)
        }
    )
    period = Q(delivery__applied_at__gt=delivery.applied_at) | Q(
        delivery__applied_at=delivery.applied_at, delivery_id__gt=delivery.pk
    )
    before = keeping.read(delivery, BEFORE)
    months = {*delivery.flows.values_list("period", flat=True), *delivery.cells.values_list("period", flat=True)}
    models: tuple[Any, ...] = (FlowBetween, PresenceCell)
    for model in models:
        same = model.objects.filter(organisation=delivery.organisation_id, period__in=months).filter(period)
        names += list(same.values_list("delivery__name", flat=True).distinct()[:5])
    if names:
        raise UndoRefused(_("Take back first what was applied after it: %(files)s") % {"files": ", ".join(names[:5])})
    if months and before is None:
        raise UndoRefused(_("What was there before is kept no longer, so it cannot be put back."))


def _refuse_if_counted_since(delivery: Delivery, blocks: list[DeliveredBlock], now: datetime) -> None:
    """Hours that a counter reported meanwhile cannot be added once more when their readings are forgotten."""
    if delivery.applied_at is None or now - delivery.applied_at < READINGS_KEPT:
        return
    # What can still have come after it lies in months that ended no longer before it than a reading may be late.
    reached = (delivery.applied_at - READINGS_LATE - timedelta(days=31)).date()
    series = {block.series_id for block in blocks if block.start >= reached}
    if Counter.objects.filter(series__in=series, last_seen__gte=delivery.applied_at).exists():
        raise UndoRefused(_("What was there before is kept no longer, so it cannot be put back."))


def _add_readings_again(blocks: list[DeliveredBlock]) -> None:
    """Hours that counters reported meanwhile are in those blocks, too: they are added once more."""
    for block in blocks:
        begin = datetime(block.start.year, block.start.month, 1, tzinfo=UTC)
        end = (begin + timedelta(days=32)).replace(day=1)
        Reading.objects.filter(
            counter__series=block.series_id,
            counter__series__resolution=Resolution.HOUR,
            start__gte=begin,
            start__lt=end,
        ).update(is_folded=False)


def _forget_empty(series: set[int]) -> None:
    """A series that the delivery made goes with it, unless something else hangs on it."""
    kept = set(Block.objects.filter(series__in=series).values_list("series", flat=True))
    empty = Series.objects.filter(pk__in=series - kept, counters__isnull=True)
    still = set(DeliveredBlock.objects.filter(series__in=empty).values_list("series", flat=True))
    empty.exclude(pk__in=still).delete()


def _put_areas_back(delivery: Delivery) -> None:
    FlowBetween.objects.filter(delivery=delivery).delete()
    PresenceCell.objects.filter(delivery=delivery).delete()
    before = keeping.read(delivery, BEFORE) or {"flows": [], "cells": []}
    owner = delivery.organisation_id
    both: tuple[tuple[Any, Any], ...] = ((FlowBetween, before["flows"]), (PresenceCell, before["cells"]))
    for model, rows in both:
        model.objects.bulk_create(
            [model(**{**row, "period": date.fromisoformat(row["period"])}, organisation_id=owner) for row in rows],
            batch_size=AT_ONCE,
        )
