"""From a device's events of one day to its pieces: runs at one spot, with single sightings in between."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled, inlined

DEGREE = 1e7
METRES_NORTH = 111_195.08 / DEGREE
"""Metres in one unit of latitude, on the sphere of EPSG:3035's authalic radius; good to 0.5 % for short distances."""

# What cleaning counts, in the order of the columns of ``quality``.
DUPLICATES, JUMPS, KEPT = 0, 1, 2


@inlined
def _sort_by_time(t: Any, lon: Any, lat: Any, n: int) -> None:
    """Insertion sort: linear where events are in order, as operators deliver; short slices otherwise.

    Sightings of one second are in order of their places, so that the order in which they were delivered makes no difference.
    """
    for i in range(1, n):
        ti = t[i]
        if ti > t[i - 1] or (
            ti == t[i - 1] and (lon[i] > lon[i - 1] or (lon[i] == lon[i - 1] and lat[i] >= lat[i - 1]))
        ):
            continue
        loni, lati = lon[i], lat[i]
        j = i - 1
        while j >= 0 and (t[j] > ti or (t[j] == ti and (lon[j] > loni or (lon[j] == loni and lat[j] > lati)))):
            t[j + 1], lon[j + 1], lat[j + 1] = t[j], lon[j], lat[j]
            j -= 1
        t[j + 1], lon[j + 1], lat[j + 1] = ti, loni, lati


@compiled
def _pieces_of_device(
    t: Any,
    lon: Any,
    lat: Any,
    n: int,
    clean: bool,
    radius: float,
    gap: int,
    speed: float,
    way_speed: float,
    min_stay: int,
    trim: float,
    skipped: Any,
    o_first: Any,
    o_last: Any,
    o_n: Any,
    o_lon: Any,
    o_lat: Any,
    k: int,
    quality: Any,
) -> int:
    m = n
    if not clean:
        _sort_by_time(t, lon, lat, n)
        # duplicates: the same time twice keeps the first sighting
        m = 0
        for i in range(n):
            if m > 0 and t[i] == t[m - 1] and lon[i] == lon[m - 1] and lat[i] == lat[m - 1]:
                continue
            t[m], lon[m], lat[m] = t[i], lon[i], lat[i]
            m += 1
        quality[0] += n - m
    if m == 0:
        return k
    ky = METRES_NORTH
    kx = ky * math.cos(lat[0] / DEGREE * math.pi / 180)
    r2 = radius * radius
    trim2 = trim * trim
    jumps = 0
    skipped[:m] = False
    i = 0
    while i < m:
        ax, ay = float(lon[i]), float(lat[i])
        sx, sy, c = np.int64(lon[i]), np.int64(lat[i]), 1
        last = i
        j = i + 1
        while j < m:
            if t[j] - t[last] > gap:
                break
            dx, dy = (lon[j] - ax) * kx, (lat[j] - ay) * ky
            d2 = dx * dx + dy * dy
            if d2 <= r2:
                c += 1
                sx += lon[j]
                sy += lat[j]
                ax, ay = sx / c, sy / c
                last = j
                j += 1
                continue
            # outside: one sighting that the person cannot have reached and left again is a jump of the data
            if j + 1 < m and t[j + 1] - t[last] <= gap:
                ex, ey = (lon[j + 1] - ax) * kx, (lat[j + 1] - ay) * ky
                if ex * ex + ey * ey <= r2:
                    d = math.sqrt(d2)
                    there = t[j + 1] - t[last]
                    if there - 2 * d / way_speed < min_stay or d > speed * min(t[j] - t[last], t[j + 1] - t[j]):
                        jumps += 1
                        skipped[j] = True
                        j += 1
                        continue
            break
        # a piece that begins with a jump of the data: too far to be reached from the one before and to go on from
        if c == 1 and i > 0 and i + 1 < m:
            dx, dy = (lon[i] - lon[i - 1]) * kx, (lat[i] - lat[i - 1]) * ky
            ex, ey = (lon[i + 1] - lon[i]) * kx, (lat[i + 1] - lat[i]) * ky
            if math.sqrt(dx * dx + dy * dy) > speed * max(t[i] - t[i - 1], 1) and math.sqrt(
                ex * ex + ey * ey
            ) > speed * max(t[i + 1] - t[i], 1):
                jumps += 1
                i += 1
                continue
        # the first and the last sighting may already be on the way: what lies far from the middle of the others goes
        reach = last
        while c >= 3:
            mx, my = (sx - lon[last]) / (c - 1), (sy - lat[last]) / (c - 1)
            dx, dy = (lon[last] - mx) * kx, (lat[last] - my) * ky
            if dx * dx + dy * dy <= trim2:
                break
            sx -= lon[last]
            sy -= lat[last]
            c -= 1
            back = last - 1
            while skipped[back]:
                back -= 1
            last = back
        for j in range(last + 1, reach):
            # what was passed over on the way to a sighting that went is looked at again
            if skipped[j]:
                skipped[j] = False
                jumps -= 1
        first = i
        while c >= 3:
            mx, my = (sx - lon[first]) / (c - 1), (sy - lat[first]) / (c - 1)
            dx, dy = (lon[first] - mx) * kx, (lat[first] - my) * ky
            if dx * dx + dy * dy <= trim2:
                break
            sx -= lon[first]
            sy -= lat[first]
            c -= 1
            o_first[k], o_last[k], o_n[k], o_lon[k], o_lat[k] = t[first], t[first], 1, lon[first], lat[first]
            k += 1
            first += 1
            while skipped[first]:
                first += 1
        i = first
        o_first[k], o_last[k], o_n[k] = t[i], t[last], c
        o_lon[k], o_lat[k] = sx // c, sy // c
        k += 1
        i = last + 1
        # sightings that were passed over as jumps lie before ``last``; what comes next begins anew
    quality[1] += jumps
    quality[2] += m - jumps
    return k


@compiled
def pieces(
    starts: Any,
    t: Any,
    lon: Any,
    lat: Any,
    radius: float,
    gap: int,
    speed: float,
    way_speed: float,
    min_stay: int,
    trim: float,
    o_device: Any,
    o_first: Any,
    o_last: Any,
    o_n: Any,
    o_lon: Any,
    o_lat: Any,
    quality: Any,
) -> int:
    """Pieces of all devices of one day.

    Args:
        starts: int64 [devices + 1], where each device's events begin in the arrays of events.
        t, lon, lat: int32 [events] seconds of the day and 1e-7 degrees; columns of one table are as good.
        radius, gap, speed, way_speed, min_stay: metres, seconds, metres a second, metres a second, seconds.
        o_*: where pieces are written, as long as the events.
        quality: int64 [3], counts of duplicates, jumps and kept events, added to.

    Returns:
        The number of pieces.
    """
    longest = 0
    for d in range(len(starts) - 1):
        longest = max(longest, starts[d + 1] - starts[d])
    w_t, w_lon, w_lat = np.empty(longest, np.int32), np.empty(longest, np.int32), np.empty(longest, np.int32)
    skipped = np.empty(longest + 1, np.bool_)
    k = 0
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        if b > a:
            # one device's day is small enough to be worked on in the nearest cache
            clean, before = True, np.int32(-1)
            for i in range(a, b):
                ti = t[i]
                w_t[i - a], w_lon[i - a], w_lat[i - a] = ti, lon[i], lat[i]
                clean = clean and ti > before
                before = ti
            k0 = k
            k = _pieces_of_device(
                w_t,
                w_lon,
                w_lat,
                b - a,
                clean,
                radius,
                gap,
                speed,
                way_speed,
                min_stay,
                trim,
                skipped,
                o_first,
                o_last,
                o_n,
                o_lon,
                o_lat,
                k,
                quality,
            )
            o_device[k0:k] = d
    return k
