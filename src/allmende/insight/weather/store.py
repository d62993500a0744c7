"""Hours of weather as arrays: read a stretch of time, write some hours of it, all in whole blocks.

Only this file reads and writes ``WeatherBlock``.  Hours are numbers of hours since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.insight.models import DeliveredWeather, Delivery, WeatherBlock, WeatherStation

COLUMNS: Final = 5
TEMPERATURE, PRECIPITATION, SUNSHINE, CLOUD, WIND = range(COLUMNS)
Hours = NDArray[np.int64]
Values = NDArray[np.float32]
"""(hours, 5); NaN where not known."""


@dataclass(frozen=True, slots=True)
class Change:
    """What writing changed, in hours."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Change) -> Change:
        return Change(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Issue:
    """One forecast."""

    issued_at: datetime
    first: int
    values: Values


def hour_of(moment: datetime) -> int:
    """The number of the hour in which ``moment`` lies."""
    return int(moment.timestamp() // 3600)


def at(hour: int) -> datetime:
    """The begin of an hour."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def empty(hours: int) -> Values:
    """Nothing is known."""
    return np.full((hours, COLUMNS), np.nan, np.float32)


def values_in(raw: bytes | memoryview) -> Values:
    """What a block holds."""
    return np.frombuffer(bytes(raw), "<f4").reshape(-1, COLUMNS).astype(np.float32)


def read_observed(station_id: int, first: int, until: int) -> Values:
    """Observed hours of a station from ``first`` to before ``until``."""
    out = empty(max(0, until - first))
    month = at(first).replace(day=1, hour=0)
    rows = WeatherBlock.objects.filter(
        station=station_id, issued_at__isnull=True, start__gte=month, start__lt=at(until)
    )
    for start, raw in rows.values_list("start", "values"):
        _lay(out, first, hour_of(start), values_in(raw))
    return out


def newest_forecast(station_id: int, *, now: datetime) -> Issue | None:
    """The forecast of a station that was issued last, and not after ``now``."""
    rows = WeatherBlock.objects.filter(station=station_id, issued_at__lte=now).order_by("-issued_at")
    row = rows.values_list("issued_at", "start", "values").first()
    return Issue(row[0], hour_of(row[1]), values_in(row[2])) if row and row[0] else None


def issues(station_id: int, first: datetime, until: datetime) -> dict[date, Issue]:
    """The last forecast of each day (UTC) from ``first`` to before ``until``, as it was issued."""
    rows = WeatherBlock.objects.filter(station=station_id, issued_at__gte=first, issued_at__lt=until)
    newest: dict[date, tuple[datetime, int]] = {}
    for pk, issued in rows.order_by("issued_at").values_list("pk", "issued_at"):
        if issued is not None:
            newest[issued.date()] = issued, pk
    found = WeatherBlock.objects.in_bulk([pk for _, pk in newest.values()])
    return {
        day: Issue(issued, hour_of(found[pk].start), values_in(found[pk].values))
        for day, (issued, pk) in newest.items()
    }


def _lay(out: Values, first: int, begin: int, values: Values) -> None:
    low, high = max(first, begin), min(first + len(out), begin + len(values))
    if low < high:
        out[low - first : high - first] = values[low - begin : high - begin]


def compared(station: WeatherStation | None, issued_at: datetime | None, hours: Hours, values: Values) -> Change:
    """What writing these hours would change; nothing is written."""
    total = Change()
    for block, inside, place in _parts(station, issued_at, hours):
        was, _ = _as_block(block, hours[inside], issued_at)
        total += _difference(was[place], values[inside])
    return total


def write(
    station: WeatherStation, issued_at: datetime | None, hours: Hours, values: Values, *, delivery: Delivery | None
) -> Change:
    """Write what is known of these hours (ascending, each once); a value that is not told leaves the one that is there.

    Runs in the caller's transaction, and keeps what was there for ``delivery`` to be taken back.
    """
    total, before = Change(), []
    for block, inside, place in _parts(station, issued_at, hours):
        was, start = _as_block(block, hours[inside], issued_at)
        change = _difference(was[place], values[inside])
        total += change
        if not change.created and not change.changed:
            continue
        if delivery is not None:
            before.append(
                DeliveredWeather(
                    delivery=delivery,
                    station=station,
                    issued_at=issued_at,
                    start=start,
                    start_before=block.start if block else None,
                    values_before=bytes(block.values) if block else b"",
                )
            )
        told = values[inside]
        was[place] = np.where(np.isnan(told), was[place], told)
        row = block or WeatherBlock(station=station, issued_at=issued_at)
        row.start, row.values = start, was.astype("<f4").tobytes()
        row.save()
    DeliveredWeather.objects.bulk_create(before)
    return total


Part = tuple[WeatherBlock | None, Hours, Hours]


def _parts(station: WeatherStation | None, issued_at: datetime | None, hours: Hours) -> Iterable[Part]:
    """For each block: the row that is there, which of ``hours`` lie in it, and their places in the block."""
    if not len(hours):
        return
    known = station.pk if station and station.pk else 0
    rows = WeatherBlock.objects.filter(station=known, issued_at=issued_at)
    if issued_at is not None:
        row = rows.first()
        begin = min(int(hours[0]), hour_of(row.start)) if row else int(hours[0])
        yield row, np.arange(len(hours)), hours - begin
        return
    months = (hours * 3600).astype("datetime64[s]").astype("datetime64[M]")
    firsts = months.astype("datetime64[h]").astype(np.int64)
    there = {row.start: row for row in rows.filter(start__in=[at(int(one)) for one in np.unique(firsts)])}
    for first in np.unique(firsts).tolist():
        inside = np.flatnonzero(firsts == first)
        yield there.get(at(first)), inside, hours[inside] - first


def _as_block(block: WeatherBlock | None, hours: Hours, issued_at: datetime | None) -> tuple[Values, datetime]:
    """The block as it is, as long as it has to be, and its begin."""
    if issued_at is None:
        start = at(int(hours[0])).replace(day=1, hour=0)
        length = hour_of((start + timedelta(days=32)).replace(day=1)) - hour_of(start)
        return (values_in(block.values) if block else empty(length)), start
    kept = values_in(block.values) if block else empty(0)
    begin = hour_of(block.start) if block else int(hours[0])
    low, high = min(begin, int(hours[0])), max(begin + len(kept), int(hours[-1]) + 1)
    out = empty(high - low)
    _lay(out, low, begin, kept)
    return out, at(low)


def _difference(was: Values, told: Values) -> Change:
    known = ~np.isnan(told)
    other = (known & ~np.isnan(was) & (was != told)).any(axis=1)
    new = (known & np.isnan(was)).any(axis=1) & ~other
    n = len(told)
    return Change(int(new.sum()), int(other.sum()), n - int(new.sum()) - int(other.sum()))


def put_back(rows: Sequence[DeliveredWeather]) -> None:
    """Blocks as they were before a delivery."""
    for one in rows:
        found = WeatherBlock.objects.filter(station=one.station_id, issued_at=one.issued_at)
        if one.issued_at is None:
            found = found.filter(start=one.start)
        if one.start_before is None:
            found.delete()
        else:
            found.update(start=one.start_before, values=bytes(one.values_before))


def note_span(station: WeatherStation, *, now: datetime) -> bool:
    """Write down from when to when a station has weather; whether there is any."""
    blocks = WeatherBlock.objects.filter(station=station)
    observed = blocks.filter(issued_at__isnull=True).order_by("start")
    first, last = observed.first(), observed.last()
    station.observed_first = _edge(first, 0) if first else None
    station.observed_last = _edge(last, -1) if last else None
    station.issued_at = blocks.filter(issued_at__isnull=False).order_by("issued_at").values_list("issued_at", flat=True).last()  # fmt: skip
    station.updated_at = now
    station.save(update_fields=["observed_first", "observed_last", "issued_at", "updated_at"])
    return first is not None or station.issued_at is not None


def _edge(block: WeatherBlock, which: int) -> datetime | None:
    known = np.flatnonzero(~np.isnan(values_in(block.values)).all(axis=1))
    return block.start + timedelta(hours=int(known[which])) if len(known) else None
