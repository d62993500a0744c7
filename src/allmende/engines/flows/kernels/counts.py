"""Counting different devices per area, period, class and origin; and the moves between areas.

Sums are of whole numbers, so they agree in any order and on any engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.stays import DAY, local

CLASSES = 8


@compiled
def presence_spans(
    starts: Any,
    o: Any,
    area: Any,
    day_starts: Any,
    dd_day: Any,
    dd_class: Any,
    dd_origin: Any,
    weights: Any,
    offsets: Any,
    hour0: int,
    seconds: int,
    in_local: bool,
    first: int,
    periods: int,
    origins: int,
    by_class: bool,
    last: Any,
    o_group: Any,
    o_first: Any,
    o_last: Any,
    o_weight: Any,
) -> int:
    """Spans of periods in which a device is in an area; each period of a device, area, class and origin in one span only.

    Args:
        starts: int64 [devices + 1] into the stays ``o``, which follow each other in time; ``area`` int64 [stays], -1 is
            nowhere.
        day_starts, dd_*: the rows of device_days per device; ``dd_origin`` are positions from 0 to ``origins`` - 1.
        weights: int64 [devices].
        seconds, in_local, first, periods: length of a period, whether it is counted in local time, number of the first
            period since 1970 and how many there are; what lies outside is left out.
        last: int64 [areas], filled with -1.
        o_group: int64, written: the area; by class (area x ``CLASSES`` + class) x ``origins`` + origin.
        o_first, o_last: int32, written: periods counted from ``first``.  o_weight: int64, written.

    Returns:
        How many spans there are: at most one for each stay, and by class one more for each midnight in it.
    """
    k = 0
    for d in range(len(starts) - 1):
        k0 = k
        a, b = day_starts[d], day_starts[d + 1]
        if by_class and a == b:
            continue
        row = a
        for i in range(starts[d], starts[d + 1]):
            if area[i] < 0:
                continue
            s, e = o[i, 0], o[i, 1]
            if in_local:
                s, e = local(s, offsets, hour0), local(e, offsets, hour0)
            p = s // seconds
            until = min(max((e - 1) // seconds, p), first + periods - 1)
            p = max(p, first)
            while p <= until:
                q, group = until, area[i]
                if by_class:
                    at = max(p * seconds, s)
                    day = (at if in_local else local(at, offsets, hour0)) // DAY
                    while row > a and dd_day[row] > day:
                        row -= 1
                    while row < b - 1 and dd_day[row] < day:
                        row += 1
                    if dd_day[row] != day:
                        p += 1
                        continue
                    group = (group * CLASSES + dd_class[row]) * origins + dd_origin[row]
                    q = p
                    while q < until:
                        at = (q + 1) * seconds
                        if (at if in_local else local(at, offsets, hour0)) // DAY != day:
                            break
                        q += 1
                # the device may have been there before in the same period
                r = last[area[i]]
                if r >= k0 and o_group[r] == group and p - first <= o_last[r] + 1:
                    o_last[r] = max(o_last[r], q - first)
                else:
                    o_group[k], o_first[k], o_last[k], o_weight[k] = group, p - first, q - first, weights[d]
                    last[area[i]] = k
                    k += 1
                p = q + 1
    return k


@compiled
def presence_length(order: Any, group: Any, first: Any, last: Any) -> int:
    """How many rows ``presence_rows`` will write."""
    rows = 0
    here, reach = np.int64(-1), np.int64(-1)
    for at in order:
        if group[at] != here:
            here, reach = group[at], np.int64(-1)
        if last[at] > reach:
            rows += last[at] - max(first[at] - 1, reach)
            reach = np.int64(last[at])
    return rows


@compiled
def presence_rows(
    order: Any, group: Any, first: Any, last: Any, weight: Any, added: Any, o_group: Any, o_period: Any, o_sums: Any
) -> None:
    """Count the spans of each group period by period, from the beginnings and ends alone.

    Args:
        order: the spans in order of group and first period.
        group, first, last, weight: see ``presence_spans``.
        added: int64 [periods + 1, 3], zero; zero again afterwards.
        o_group: int64, o_period: int32 [rows], written, in order.
        o_sums: int64 [rows, 3], written: devices, their weights, and squared weights.
    """
    i, k, m = 0, 0, len(order)
    while i < m:
        at = order[i]
        here, begin, end = group[at], first[at], last[at]
        # spans that touch each other
        while i < m:
            at = order[i]
            if group[at] != here or first[at] > end + 1:
                break
            w = weight[at]
            f, u = first[at], last[at] + 1
            added[f, 0] += 1
            added[f, 1] += w
            added[f, 2] += w * w
            added[u, 0] -= 1
            added[u, 1] -= w
            added[u, 2] -= w * w
            end = max(end, last[at])
            i += 1
        n, people, squares = 0, 0, 0
        for p in range(begin, end + 1):
            n += added[p, 0]
            people += added[p, 1]
            squares += added[p, 2]
            added[p, 0], added[p, 1], added[p, 2] = 0, 0, 0
            o_group[k], o_period[k] = here, p
            o_sums[k, 0], o_sums[k, 1], o_sums[k, 2] = n, people, squares
            k += 1
        added[end + 1, 0], added[end + 1, 1], added[end + 1, 2] = 0, 0, 0


@compiled
def od_keys(
    starts: Any,
    o: Any,
    area: Any,
    day_starts: Any,
    dd_day: Any,
    dd_class: Any,
    weights: Any,
    offsets: Any,
    hour0: int,
    first_day: int,
    days: int,
    by_class: bool,
    o_day: Any,
    o_from: Any,
    o_to: Any,
    o_class: Any,
    o_device: Any,
    o_weight: Any,
) -> int:
    """One row for each move: two stays that follow each other in different areas; the day is that of the second."""
    k = 0
    for d in range(len(starts) - 1):
        row = day_starts[d]
        b = day_starts[d + 1]
        for i in range(starts[d] + 1, starts[d + 1]):
            if area[i] == area[i - 1] or area[i] < 0 or area[i - 1] < 0:
                continue
            day = local(o[i, 0], offsets, hour0) // DAY
            if day < first_day or day >= first_day + days:
                continue
            code = 0
            if by_class:
                while row < b and dd_day[row] < day:
                    row += 1
                if row < b and dd_day[row] == day:
                    code = dd_class[row]
                else:
                    continue
            o_day[k], o_from[k], o_to[k], o_class[k], o_device[k], o_weight[k] = (
                day,
                area[i - 1],
                area[i],
                code,
                d,
                weights[d],
            )
            k += 1
    return k
