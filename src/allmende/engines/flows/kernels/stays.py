"""From the pieces of a device over many days to its places and stays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled, inlined

DAY = 86_400


@inlined
def local(t: Any, offsets: Any, hour0: int) -> Any:
    """Local seconds of a time in UTC seconds; ``offsets`` are seconds east of UTC for each hour from ``hour0`` on."""
    i = min(max(t // 3600 - hour0, 0), len(offsets) - 1)
    return t + offsets[i]


@compiled
def night_overlap(start: int, end: int, night_from: int, night_until: int) -> int:
    """Seconds of [start, end), local, between ``night_from`` o'clock and ``night_until`` o'clock of the next day."""
    # the clock is put back so that the night begins at 0 o'clock
    a = start - night_from * 3600
    b = end - night_from * 3600
    length = (24 - night_from + night_until) * 3600
    total = 0
    day = a // DAY
    while day * DAY < b:
        lo, hi = max(a, day * DAY), min(b, day * DAY + length)
        if hi > lo:
            total += hi - lo
        day += 1
    return total


@compiled
def _stays_of_device(
    s: Any,
    e: Any,
    n: Any,
    x: Any,
    y: Any,
    m: int,
    p: Any,
    offsets: Any,
    hour0: int,
    lo_edge: int,
    hi_edge: int,
    w_s: Any,
    w_e: Any,
    w_n: Any,
    w_x: Any,
    w_y: Any,
    w_p: Any,
    w_stat: Any,
    w_lone: Any,
    order: Any,
    p_x: Any,
    p_y: Any,
    p_n: Any,
    p_b: Any,
    p_v: Any,
    p_m: Any,
    o: Any,
    of: Any,
    k: int,
) -> tuple[int, int]:
    radius, gap, bridge, speed, place_radius, min_stay = p[0], p[1], p[2], p[3], p[4], p[5]
    night_from, night_until = int(p[6]), int(p[7])
    overhead = p[8]
    noise = p[12]
    # A: pieces that follow each other at one spot are one block (midnight cut them, or a sighting elsewhere)
    b = 0
    for i in range(m):
        if b > 0 and s[i] - w_e[b - 1] <= gap and math.hypot(x[i] - w_x[b - 1], y[i] - w_y[b - 1]) <= radius:
            c = w_n[b - 1] + n[i]
            w_x[b - 1] += (x[i] - w_x[b - 1]) * n[i] / c
            w_y[b - 1] += (y[i] - w_y[b - 1]) * n[i] / c
            w_n[b - 1] = c
            w_e[b - 1] = max(w_e[b - 1], e[i])
        else:
            w_s[b], w_e[b], w_n[b], w_x[b], w_y[b] = s[i], e[i], n[i], x[i], y[i]
            b += 1
    # B: places: blocks with the most events lead, others join the nearest within reach
    for i in range(b):
        j = i
        while j > 0 and w_n[order[j - 1]] < w_n[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i
    q = 0
    for o_i in range(b):
        i = order[o_i]
        best, best_d = -1, place_radius
        for c in range(q):
            # most places lie farther off than that in one direction alone
            dx = w_x[i] - p_x[c]
            if not abs(dx) <= best_d:
                continue
            dy = w_y[i] - p_y[c]
            if not abs(dy) <= best_d:
                continue
            d = math.hypot(dx, dy)
            if d <= best_d:
                best, best_d = c, d
        if best < 0:
            p_x[q], p_y[q], p_n[q], p_b[q] = w_x[i], w_y[i], 0, 0
            best = q
            q += 1
        c = p_n[best] + w_n[i]
        p_x[best] += (w_x[i] - p_x[best]) * w_n[i] / c
        p_y[best] += (w_y[i] - p_y[best]) * w_n[i] / c
        p_n[best] = c
        if w_n[i] > 1 and w_e[i] - w_s[i] >= 300:
            p_b[best] += 1
        w_p[i] = best
    # how far a place's blocks scatter beyond the noise of their sightings: an analysis of variance, one place at a time
    for c in range(q):
        p_v[c], p_m[c] = 0.0, 0
    for i in range(b):
        c = w_p[i]
        p_v[c] += w_n[i] * ((w_x[i] - p_x[c]) ** 2 + (w_y[i] - p_y[c]) ** 2)
        p_m[c] += 1
    for c in range(q):
        if p_m[c] > 1:
            p_v[c] = max(0.0, p_v[c] / (2 * (p_m[c] - 1)) - noise * noise) * p_m[c] / p_n[c]
        else:
            p_v[c] = 0.0
    # C: drop lone sightings between two blocks of one place that leave no time to have been there; then join
    c = 0
    for i in range(b):
        lone = p_n[w_p[i]] == 1
        if lone and c > 0 and i + 1 < b and w_p[i + 1] == w_p[c - 1]:
            d = math.hypot(w_x[i] - w_x[c - 1], w_y[i] - w_y[c - 1])
            if w_s[i + 1] - w_e[c - 1] - 2 * (d / speed + overhead) < min_stay:
                continue
        if c > 0 and w_p[i] == w_p[c - 1]:
            between = w_s[i] - w_e[c - 1]
            if between <= gap or (
                between <= bridge
                and night_overlap(
                    local(w_e[c - 1], offsets, hour0), local(w_s[i], offsets, hour0), night_from, night_until
                )
                * 2
                >= between
            ):
                w_e[c - 1] = max(w_e[c - 1], w_e[i])
                w_n[c - 1] += w_n[i]
                w_x[c - 1] += (w_x[i] - w_x[c - 1]) * w_n[i] / w_n[c - 1]
                w_y[c - 1] += (w_y[i] - w_y[c - 1]) * w_n[i] / w_n[c - 1]
                continue
        w_s[c], w_e[c], w_n[c], w_p[c], w_x[c], w_y[c] = w_s[i], w_e[i], w_n[i], w_p[i], w_x[i], w_y[i]
        c += 1
    b = c
    # D: at rest, or on the way?
    for i in range(b):
        w_stat[i] = (w_n[i] > 1 and w_e[i] - w_s[i] >= 120) or p_b[w_p[i]] > 0
        w_lone[i] = False
    # a lone sighting off the way, with time to have been there, is a visit
    for i in range(1, b - 1):
        if w_stat[i] or w_s[i + 1] - w_e[i - 1] > gap:
            continue
        g1, g2 = float(w_s[i] - w_e[i - 1]), float(w_s[i + 1] - w_e[i])
        ax, ay, bx, by = w_x[i - 1], w_y[i - 1], w_x[i + 1], w_y[i + 1]
        if w_stat[i - 1]:
            ax, ay, g1 = p_x[w_p[i - 1]], p_y[w_p[i - 1]], g1 - overhead
        if w_stat[i + 1]:
            bx, by, g2 = p_x[w_p[i + 1]], p_y[w_p[i + 1]], g2 - overhead
        d1, d2 = math.hypot(w_x[i] - ax, w_y[i] - ay), math.hypot(w_x[i] - bx, w_y[i] - by)
        d3 = math.hypot(ax - bx, ay - by)
        g1, g2 = g1 - d1 / speed, g2 - d2 / speed
        # what is left of the time before and after is shared with a neighbour that may be a visit, too
        if not w_stat[i - 1] or w_lone[i - 1]:
            g1 /= 2
        if not w_stat[i + 1]:
            g2 /= 2
        if (
            min(g1, g2) >= overhead
            and g1 + g2 >= p[9]
            and d1 + d2 - d3 >= p[10]
            and (w_p[i - 1] != w_p[i + 1] or max(d1, d2) <= p[11])
        ):
            w_stat[i] = True
            w_lone[i] = True
    # E, F: split what lies between two stays by the way from one to the other; a night goes to the place of more nights
    for c in range(q):
        p_m[c] = 0
    for i in range(b):
        p_m[w_p[i]] += night_overlap(
            local(w_s[i], offsets, hour0), local(w_e[i], offsets, hour0), night_from, night_until
        )
    prev = -1
    first_move, last_move = -1, -1
    k0 = k
    for i in range(b):
        if not w_stat[i]:
            if first_move < 0:
                first_move = i
            last_move = i
            continue
        start = w_s[i]
        if prev < 0:
            if (
                start - lo_edge <= bridge // 2
                and p_b[w_p[i]] > 1
                and first_move < 0
                and (
                    night_overlap(local(lo_edge, offsets, hour0), local(start, offsets, hour0), night_from, night_until)
                    * 2
                    >= start - lo_edge
                )
            ):
                start = lo_edge
        else:
            between = w_s[i] - w_e[prev]
            ax, ay, bx, by = p_x[w_p[prev]], p_y[w_p[prev]], p_x[w_p[i]], p_y[w_p[i]]
            end = w_e[prev]
            by_night = (
                between <= bridge
                and w_p[i] != w_p[prev]
                and (
                    night_overlap(local(end, offsets, hour0), local(start, offsets, hour0), night_from, night_until) * 2
                    >= between
                )
            )
            sleeps_before = by_night and p_m[w_p[prev]] > 2 * p_m[w_p[i]]
            sleeps_after = by_night and p_m[w_p[i]] > 2 * p_m[w_p[prev]]
            if first_move >= 0:
                leave = w_s[first_move] - (math.hypot(w_x[first_move] - ax, w_y[first_move] - ay) / speed + overhead)
                if leave > end and (leave - end <= gap or sleeps_before):
                    end = np.int64(leave)
                arrive = w_e[last_move] + math.hypot(w_x[last_move] - bx, w_y[last_move] - by) / speed + overhead
                if arrive < start and (start - arrive <= gap or sleeps_after):
                    start = np.int64(math.ceil(arrive))
            elif between <= 2 * gap or sleeps_before or sleeps_after:
                way = math.hypot(ax - bx, ay - by) / speed + 2 * overhead
                if w_p[i] != w_p[prev] and between > way:
                    half = np.int64((between - way) / 2)
                    little = min(half, np.int64(p[5]))
                    if sleeps_before:
                        end, start = end + 2 * half - little, start - little
                    elif sleeps_after:
                        end, start = end + little, start - (2 * half - little)
                    else:
                        end, start = end + half, start - half
            if k > k0 and o[k - 1, 5] == prev:
                o[k - 1, 1] = end
        o[k, 0], o[k, 1], o[k, 2], o[k, 3], o[k, 4], o[k, 5] = start, w_e[i], w_s[i], w_e[i], w_p[i], i
        o[k, 6] = w_n[i]
        k += 1
        prev = i
        first_move, last_move = -1, -1
    if prev >= 0 and first_move < 0:
        end = o[k - 1, 1]
        if (
            hi_edge - end <= bridge // 2
            and p_b[w_p[prev]] > 1
            and (
                night_overlap(local(end, offsets, hour0), local(hi_edge, offsets, hour0), night_from, night_until) * 2
                >= hi_edge - end
            )
        ):
            o[k - 1, 1] = hi_edge
    # keep what lasts
    c = k0
    for i in range(k0, k):
        if o[i, 1] - o[i, 0] >= min_stay:
            for j in range(7):
                o[c, j] = o[i, j]
            j, g = o[i, 5], o[i, 4]
            own = p_v[g] / (p_v[g] + noise * noise / w_n[j])
            of[c, 0] = p_x[g] + own * (w_x[j] - p_x[g])
            of[c, 1] = p_y[g] + own * (w_y[j] - p_y[g])
            c += 1
    return c, q


@compiled
def stays(
    starts: Any,
    s: Any,
    e: Any,
    n: Any,
    x: Any,
    y: Any,
    p: Any,
    offsets: Any,
    hour0: int,
    lo_edge: int,
    hi_edge: int,
    o: Any,
    of: Any,
    o_device: Any,
) -> int:
    """Stays of all devices.

    Args:
        starts: int64 [devices + 1], where each device's pieces begin; its pieces are in order of time.
        s, e: int64 [pieces], first and last second of a piece.
        n: int32 [pieces], events in it.
        x, y: float64 [pieces], metres (EPSG:3035).
        p: float64 [13], see ``stays_parameters``.
        offsets, hour0: seconds east of UTC for each hour since 1970, from ``hour0`` on.
        lo_edge, hi_edge: seconds, between which there are data.
        o: int64 [pieces, 7], written: start, end, first seen, last seen, place, block, events.
        of: float64 [pieces, 2], written: x, y.
        o_device: int32 [pieces], written: number of the device.

    Returns:
        The number of stays.
    """
    longest = 0
    for d in range(len(starts) - 1):
        longest = max(longest, starts[d + 1] - starts[d])
    w_s, w_e, w_n = np.empty(longest, np.int64), np.empty(longest, np.int64), np.empty(longest, np.int64)
    w_x, w_y, w_p = np.empty(longest), np.empty(longest), np.empty(longest, np.int64)
    w_stat, w_lone = np.empty(longest, np.bool_), np.empty(longest, np.bool_)
    order = np.empty(longest, np.int64)
    p_x, p_y, p_n = np.empty(longest), np.empty(longest), np.empty(longest, np.int64)
    p_b, p_v, p_m = np.empty(longest, np.int64), np.empty(longest), np.empty(longest, np.int64)
    k = 0
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        if b == a:
            continue
        k0 = k
        k, _ = _stays_of_device(
            s[a:b],
            e[a:b],
            n[a:b],
            x[a:b],
            y[a:b],
            b - a,
            p,
            offsets,
            hour0,
            lo_edge,
            hi_edge,
            w_s,
            w_e,
            w_n,
            w_x,
            w_y,
            w_p,
            w_stat,
            w_lone,
            order,
            p_x,
            p_y,
            p_n,
            p_b,
            p_v,
            p_m,
            o,
            of,
            k,
        )
        o_device[k0:k] = d
    return k
