"""Figures of series as arrays: read a stretch of time, write some periods of it, all in whole blocks.

A block is a month of hours (UTC), a year of days, or ten years of months.  A place with five years of hours is sixty short
rows rather than 43,824: one site is read in a millisecond, and a thousand in a second (docs/decisions/0030).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import BinaryField, F, Func, QuerySet, Value
from numpy.typing import NDArray

from allmende.insight.models import Block, Series
from allmende.insight.values import USABLE, Quality, Resolution

Figures = NDArray[np.float32]
Qualities = NDArray[np.uint8]
Periods = NDArray[np.int64]
"""Numbers of periods: hours, days or months since 1970-01-01T00:00Z."""

EPOCH: Final = date(1970, 1, 1)
_USABLE: Final = np.array([number in USABLE for number in range(256)])


@dataclass(frozen=True, slots=True)
class Stretch:
    """Figures of consecutive periods."""

    resolution: Resolution
    first: int
    """Number of the first period."""
    figures: Figures
    """NaN where there is none."""
    quality: Qualities

    def __len__(self) -> int:
        return len(self.figures)

    @property
    def usable(self) -> Figures:
        """The figures that may be computed with, NaN elsewhere."""
        return np.where(_USABLE[self.quality], self.figures, np.float32(np.nan))

    @property
    def start(self) -> datetime:
        """Begin of the first period (days and months: midnight UTC of their first day)."""
        return begin_of(self.resolution, self.first)


@dataclass(frozen=True, slots=True)
class Change:
    """What writing changed, in periods."""

    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class BlockBefore:
    """A block as it was before it was written; empty bytes: it was not there."""

    series_id: int
    start: date
    figures: bytes
    quality: bytes


def number_of(resolution: str, moment: datetime | date) -> int:
    """The number of the period in which ``moment`` lies.  Hours want a datetime with a zone; days and months a local date."""
    if resolution == Resolution.HOUR:
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise ValueError("an hour is found by a datetime with a zone")
        return int(moment.timestamp() // 3600)
    day = moment.date() if isinstance(moment, datetime) else moment
    if resolution == Resolution.DAY:
        return (day - EPOCH).days
    return (day.year - 1970) * 12 + day.month - 1


def begin_of(resolution: str, number: int) -> datetime:
    """Begin of the period with this number (days and months: midnight UTC of their first day)."""
    if resolution == Resolution.HOUR:
        return datetime.fromtimestamp(number * 3600, UTC)
    if resolution == Resolution.DAY:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return datetime(1970 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def block_start(resolution: str, number: int) -> date:
    """First day of the block in which the period with this number lies."""
    begin = begin_of(resolution, number)
    if resolution == Resolution.HOUR:
        return date(begin.year, begin.month, 1)
    if resolution == Resolution.DAY:
        return date(begin.year, 1, 1)
    return date(begin.year // 10 * 10, 1, 1)


def block_length(resolution: str, start: date) -> int:
    """How many periods the block has."""
    if resolution == Resolution.HOUR:
        return monthrange(start.year, start.month)[1] * 24
    if resolution == Resolution.DAY:
        return (date(start.year + 1, 1, 1) - start).days
    return 120


def _first_number(resolution: str, start: date) -> int:
    return number_of(resolution, datetime(start.year, start.month, start.day, tzinfo=UTC))


def read_stretch(series: Series, first: datetime | date, until: datetime | date) -> Stretch:
    """The figures of ``series`` from the period of ``first`` to before that of ``until``."""
    return read_many([series], first, until)[series.pk]


def read_many(series: Sequence[Series], first: datetime | date, until: datetime | date) -> dict[int, Stretch]:
    """The same of several series of one resolution, in one query: series -> figures."""
    if not series:
        return {}
    resolution = Resolution(series[0].resolution)
    if any(one.resolution != resolution for one in series):
        raise ValueError("series that are read together have one resolution")
    begin, end = number_of(resolution, first), number_of(resolution, until)
    length = max(0, end - begin)
    found = {one.pk: _empty(resolution, begin, length) for one in series}
    blocks = Block.objects.filter(
        series_id__in=list(found),
        start__gte=block_start(resolution, begin),
        start__lte=block_start(resolution, max(begin, end - 1)),
    )
    for series_id, start, figures, quality in blocks.values_list("series_id", "start", "figures", "quality"):
        at = _first_number(resolution, start) - begin
        values, kinds = np.frombuffer(figures, "<f4"), np.frombuffer(quality, np.uint8)
        low, high = max(0, at), min(length, at + len(values))
        if low < high:
            stretch = found[series_id]
            stretch.figures[low:high] = values[low - at : high - at]
            stretch.quality[low:high] = kinds[low - at : high - at]
    return found


def read_hours(series: QuerySet[Series, Any], first: int, length: int) -> tuple[list[int], Figures, Qualities]:
    """The same hours of many series: their ids, and figures and quality as series × ``length``.

    The database cuts the hours out of its blocks, in one question for each month that they touch: for a thousand series
    that is a tenth of what reading whole blocks costs.  A series without a block of that time is not among them.
    """
    pieces: list[tuple[int, int, list[tuple[int, bytes, bytes]]]] = []
    at, end = first, first + length
    while at < end:
        start = block_start(Resolution.HOUR, at)
        begin = _first_number(Resolution.HOUR, start)
        until = min(end, begin + block_length(Resolution.HOUR, start))
        blocks = Block.objects.filter(series__in=series, start=start)
        cut = (_cut("figures", 4 * (at - begin), 4 * (until - at)), _cut("quality", at - begin, until - at))
        pieces.append((at - first, until - at, list(blocks.values_list("series_id", *cut))))
        at = until
    ids = sorted({row[0] for _, _, rows in pieces for row in rows})
    place = {pk: at for at, pk in enumerate(ids)}
    figures = np.full((len(ids), length), np.nan, "<f4")
    quality = np.zeros((len(ids), length), np.uint8)
    for offset, width, rows in pieces:
        if rows:
            those = np.array([place[row[0]] for row in rows])
            part = slice(offset, offset + width)
            figures[those, part] = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(-1, width)
            quality[those, part] = np.frombuffer(b"".join(row[2] for row in rows), np.uint8).reshape(-1, width)
    return ids, figures, quality


def _cut(column: str, begin: int, length: int) -> Func:
    return Func(F(column), Value(begin + 1), Value(length), function="SUBSTR", output_field=BinaryField())


def read_all(series: Series) -> Stretch:
    """All figures of ``series``."""
    if series.first is None or series.last is None:
        return _empty(Resolution(series.resolution), 0, 0)
    begin = series.first
    first: datetime | date = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    end = begin_of(series.resolution, number_of(series.resolution, series.last) + 1)
    return read_stretch(series, first, end)


def _empty(resolution: Resolution, first: int, length: int) -> Stretch:
    return Stretch(resolution, first, np.full(length, np.nan, "<f4"), np.zeros(length, np.uint8))


def write_figures(
    series: Series, periods: Periods, figures: Figures, quality: Qualities, *, now: datetime
) -> tuple[Change, list[BlockBefore]]:
    """Write one figure for each of ``periods`` (each at most once), and say what changed and what was there before.

    A missing figure (quality ``MISSING``) takes an old one away.  Runs in the caller's transaction, or in one of its own.
    """
    order = np.argsort(periods, kind="stable")
    periods, figures, quality = periods[order], figures[order].astype("<f4"), quality[order].astype(np.uint8)
    if len(periods) and (np.diff(periods) == 0).any():
        raise ValueError("a period stands twice among those to be written")
    before: list[BlockBefore] = []
    created = changed = unchanged = 0
    with transaction.atomic():
        # Locked, so that two deliveries to one series wait for each other rather than undo each other.
        locked = Series.objects.select_for_update().get(pk=series.pk)
        for start, part in _by_block(series.resolution, periods):
            offset = periods[part] - _first_number(series.resolution, start)
            block = Block.objects.filter(series=series, start=start).first()
            length = block_length(series.resolution, start)
            values = np.frombuffer(block.figures, "<f4").copy() if block else np.full(length, np.nan, "<f4")
            kinds = np.frombuffer(block.quality, np.uint8).copy() if block else np.zeros(length, np.uint8)
            was, was_kind = values[offset], kinds[offset]
            same = (was_kind == quality[part]) & ((was == figures[part]) | (np.isnan(was) & np.isnan(figures[part])))
            is_new = (was_kind == Quality.MISSING) & ~same
            created += int(is_new.sum())
            unchanged += int(same.sum())
            changed += int((~same & ~is_new).sum())
            if same.all():
                continue
            before.append(
                BlockBefore(
                    series.pk, start, bytes(block.figures) if block else b"", bytes(block.quality) if block else b""
                )
            )
            values[offset], kinds[offset] = figures[part], quality[part]
            Block.objects.update_or_create(
                series=series, start=start, defaults={"figures": values.tobytes(), "quality": kinds.tobytes()}
            )
        if before:
            _note_reach(locked, periods, now)
            series.first, series.last, series.changed_at = locked.first, locked.last, locked.changed_at
    return Change(created, changed, unchanged), before


def fill(stretches: Sequence[tuple[Series, Stretch]], *, now: datetime) -> None:
    """Write the first figures of series that have none, all at once: for simulated figures and benches."""
    blocks = []
    for series, stretch in stretches:
        periods = np.arange(stretch.first, stretch.first + len(stretch), dtype=np.int64)
        for start, part in _by_block(series.resolution, periods):
            first, length = _first_number(series.resolution, start), block_length(series.resolution, start)
            values, kinds = np.full(length, np.nan, "<f4"), np.zeros(length, np.uint8)
            values[periods[part] - first], kinds[periods[part] - first] = stretch.figures[part], stretch.quality[part]
            blocks.append(Block(series=series, start=start, figures=values.tobytes(), quality=kinds.tobytes()))
        series.first = begin_of(series.resolution, stretch.first).date()
        series.last = begin_of(series.resolution, stretch.first + len(stretch) - 1)
        series.changed_at = now
    with transaction.atomic():
        Block.objects.bulk_create(blocks, batch_size=400)
        Series.objects.bulk_update([series for series, _ in stretches], ["first", "last", "changed_at"], batch_size=200)


def _by_block(resolution: str, periods: Periods) -> Iterator[tuple[date, slice]]:
    at = 0
    while at < len(periods):
        start = block_start(resolution, int(periods[at]))
        end = _first_number(resolution, start) + block_length(resolution, start)
        upto = int(np.searchsorted(periods, end))
        yield start, slice(at, upto)
        at = upto


def _note_reach(series: Series, periods: Periods, now: datetime) -> None:
    first, last = (begin_of(series.resolution, int(number)) for number in (periods[0], periods[-1]))
    series.first = min(series.first or first.date(), first.date())
    series.last = max(series.last or last, last)
    series.changed_at = now
    series.save(update_fields=["first", "last", "changed_at"])


def put_back(blocks: Iterable[BlockBefore], *, now: datetime) -> None:
    """Undo a write: every block as it was before."""
    blocks = list(blocks)
    with transaction.atomic():
        # Locked like a write, in one order: neither writes a block that the other has read.
        wanted = {block.series_id for block in blocks}
        changed = list(Series.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        for block in blocks:
            if block.figures:
                Block.objects.update_or_create(
                    series_id=block.series_id,
                    start=block.start,
                    defaults={"figures": block.figures, "quality": block.quality},
                )
            else:
                Block.objects.filter(series_id=block.series_id, start=block.start).delete()
        for series in changed:
            recount_reach(series, now=now)


def recount_reach(series: Series, *, now: datetime) -> None:
    """Note anew from when to when the series has figures."""
    found: list[int] = []
    for start, quality in Block.objects.filter(series=series).order_by("start").values_list("start", "quality"):
        there = np.flatnonzero(np.frombuffer(quality, np.uint8))
        if len(there):
            begin = _first_number(series.resolution, start)
            found += [begin + int(there[0]), begin + int(there[-1])]
    series.first = begin_of(series.resolution, min(found)).date() if found else None
    series.last = begin_of(series.resolution, max(found)) if found else None
    series.changed_at = now
    series.save(update_fields=["first", "last", "changed_at"])


def hours_of(stretches: Mapping[int, Stretch]) -> Periods:
    """Numbers of the periods that all of ``stretches`` have in common, as read together by ``read_many``."""
    one = next(iter(stretches.values()))
    return np.arange(one.first, one.first + len(one), dtype=np.int64)
