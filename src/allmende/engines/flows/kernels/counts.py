"""Counting different devices per area, period, class and origin; and the moves between areas.

A figure's key packs area, period, class and origin into one number.  Sums are of whole numbers, so they agree in any order
and on any engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.group import mix
from allmende.engines.flows.kernels.stays import DAY, local

CLASSES = 8


@compiled
def presence_keys(
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
    look_back: int,
    o_key: Any,
    o_weight: Any,
) -> int:
    """One key for each device, area and period that a stay of the device touches; each only once.

    Args:
        starts: int64 [devices + 1] into the stays ``o``; ``area`` int64 [stays], -1 is nowhere.
        day_starts, dd_*: the rows of device_days per device; ``dd_origin`` are positions from 0 to ``origins`` - 1.
        weights: int64 [devices].
        seconds, in_local, first, periods: length of a period, whether it is counted in local time, number of the first
            period since 1970 and how many there are; what lies outside is left out.
        look_back: how many of the device's last keys may be the same.
        o_key: uint64, o_weight: int64, written; returns how many, or -1 - needed if they do not fit.
    """
    k = 0
    size = len(o_key)
    for d in range(len(starts) - 1):
        k0 = k
        a, b = day_starts[d], day_starts[d + 1]
        row = a
        for i in range(starts[d], starts[d + 1]):
            if area[i] < 0:
                continue
            s, e = o[i, 0], o[i, 1]
            if in_local:
                s, e = local(s, offsets, hour0), local(e, offsets, hour0)
            p0 = s // seconds
            p1 = max((e - 1) // seconds, p0)
            for p in range(max(p0, first), min(p1, first + periods - 1) + 1):
                code, origin = 0, 0
                if by_class:
                    at = max(p * seconds, s)
                    day = (at if in_local else local(at, offsets, hour0)) // DAY
                    while row > a and dd_day[row] > day:
                        row -= 1
                    while row < b and dd_day[row] < day:
                        row += 1
                    if row >= b or dd_day[row] != day:
                        row = min(row, b - 1)
                        continue
                    code, origin = dd_class[row], dd_origin[row]
                key = np.uint64(((area[i] * periods + (p - first)) * CLASSES + code) * origins + origin)
                known = False
                for j in range(max(k0, k - look_back), k):
                    if o_key[j] == key:
                        known = True
                        break
                if known:
                    continue
                if k >= size:
                    return -1
                o_key[k], o_weight[k] = key, weights[d]
                k += 1
    return k


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


@compiled
def add_up(keys: Any, weights: Any, n: int, t_key: Any, t_used: Any, t_n: Any, t_w: Any, t_w2: Any, used: int) -> int:
    """Add keys to an open-addressing table (length a power of two); returns how many places are used, or -1 if too full."""
    m = np.uint64(len(t_key) - 1)
    limit = len(t_key) * 6 // 10
    if used + n > limit:
        # not all of them are new, but room is made before anything is added, so that nothing is added twice
        return -1
    for i in range(n):
        key = keys[i]
        h = mix(key) & m
        while t_used[h] and t_key[h] != key:
            h = (h + np.uint64(1)) & m
        if not t_used[h]:
            t_used[h] = True
            t_key[h] = key
            used += 1
        w = weights[i]
        t_n[h] += 1
        t_w[h] += w
        t_w2[h] += w * w
    return used


@compiled
def regrow(
    t_key: Any, t_used: Any, t_n: Any, t_w: Any, t_w2: Any, n_key: Any, n_used: Any, n_n: Any, n_w: Any, n_w2: Any
) -> None:
    """Move a table into a longer one."""
    m = np.uint64(len(n_key) - 1)
    for i in range(len(t_key)):
        if t_used[i]:
            h = mix(t_key[i]) & m
            while n_used[h]:
                h = (h + np.uint64(1)) & m
            n_used[h], n_key[h], n_n[h], n_w[h], n_w2[h] = True, t_key[i], t_n[i], t_w[i], t_w2[i]
