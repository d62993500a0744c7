"""When two events take place, compared at the level of the date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from allmende.engines.linkage.prepare import NO_TIME, Prepared, Slot
from allmende.engines.linkage.things import MAX_DATES, Relation

OFF_AN_HOUR: Final = 60
UNKNOWN, SAME_START, SAME_DAY, OFF, NEXT_DAY, WITHIN, OTHER_TIME, OTHER_DAY = (
    "", "same-start", "same-day", "start-off-an-hour", "next-day", "within-dates", "time-of-day-differs", "other-day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timing:
    """``code`` is one of the names above (and a reason's code); ``minutes`` between the starts where both are known."""

    code: str
    relation: Relation = "same"
    minutes: int | None = None


def _slots(a: Slot, b: Slot) -> Timing:
    """Two dates."""
    apart = abs(a.day - b.day)
    if apart:
        if a.day <= b.day <= a.last_day or b.day <= a.day <= b.last_day:
            both_long = a.last_day > a.day and b.last_day > b.day
            return Timing(NEXT_DAY if both_long and apart == 1 else WITHIN, "same" if both_long else "part")
        return Timing(NEXT_DAY if apart == 1 else OTHER_DAY)
    if a.minute == NO_TIME or b.minute == NO_TIME:
        return Timing(SAME_DAY)
    minutes = abs(a.minute - b.minute)
    code = SAME_START if minutes <= 5 else OFF if minutes <= OFF_AN_HOUR else OTHER_TIME
    return Timing(code, minutes=minutes)


_RANK: Final = {
    code: rank
    for rank, code in enumerate((SAME_START, SAME_DAY, OFF, OTHER_TIME, NEXT_DAY, WITHIN, OTHER_DAY, UNKNOWN))
}


def _series(one: Prepared, series: Prepared) -> Timing:
    """A single date against a series."""
    slot = one.slots[0]
    if slot.day not in series.days:
        near = any(other.day <= slot.day <= other.last_day for other in series.slots)
        beyond = len(series.slots) >= MAX_DATES and slot.day > series.slots[-1].day
        return Timing(WITHIN if near else UNKNOWN if beyond else OTHER_DAY, "occurrence")
    best = min((_slots(slot, other) for other in series.slots if other.day == slot.day), key=lambda t: _RANK[t.code])
    return Timing(best.code, "occurrence", best.minutes)


def meet(a: Prepared, b: Prepared) -> bool:
    """False where ``compare`` is sure to say ``other-day``: a quick look."""
    if not a.slots or not b.slots:
        return True
    many_a, many_b = len(a.slots) > 1, len(b.slots) > 1
    if many_a and many_b:
        return 2 * len(a.days & b.days) >= min(len(a.days), len(b.days))
    if many_a or many_b:
        one, series = (b, a) if many_a else (a, b)
        day = one.slots[0].day
        beyond = len(series.slots) >= MAX_DATES and day > series.slots[-1].day
        return day in series.days or series.has_spans or beyond
    first, second = a.slots[0], b.slots[0]
    return first.day <= second.last_day + 1 and second.day <= first.last_day + 1


def compare(a: Prepared, b: Prepared) -> Timing:
    """Symmetric.  A series against one date gives the relation ``occurrence``, a span that holds a date ``part``."""
    if not a.slots or not b.slots:
        return Timing(UNKNOWN)
    many_a, many_b = len(a.slots) > 1, len(b.slots) > 1
    if not many_a and not many_b:
        timing = _slots(a.slots[0], b.slots[0])
        if a.is_series != b.is_series and timing.code != OTHER_DAY:
            return Timing(timing.code, "occurrence", timing.minutes)
        return timing
    if many_a != many_b:
        return _series(b, a) if many_a else _series(a, b)
    shared = a.days & b.days
    if 2 * len(shared) < min(len(a.days), len(b.days)):
        return Timing(OTHER_DAY)
    starts_a = {slot.day: slot for slot in a.slots}
    starts_b = {slot.day: slot for slot in b.slots}
    # A weekly series in the afternoon and one in the evening share all their days: the most common answer counts.
    found = sorted((_slots(starts_a[day], starts_b[day]) for day in shared), key=lambda t: _RANK[t.code])
    return found[len(found) // 2]
