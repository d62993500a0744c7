"""What a day's events tell about how they came: delivered again, or seen by a neighbouring cell for a moment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.pieces import DEGREE, METRES_NORTH

MOST = 32
"""Events looked at on either side of one."""


@compiled
def deal_files(index: Any, offsets: Any, file: int, o_file: Any) -> None:
    """Like ``group.deal``, for the number of the delivery; ``offsets`` is moved on."""
    for i in range(len(index)):
        d = index[i]
        o_file[offsets[d]] = file
        offsets[d] += 1


@compiled
def newest(starts: Any, t: Any, lon: Any, lat: Any, file: Any, o_starts: Any) -> int:
    """Of the sightings of a device in one second those of the newest delivery stay; others go.

    Args:
        starts: int64 [devices + 1]; t, lon, lat, file: [events], put in order of time and closed up in place.
        o_starts: int64 [devices + 1], written.

    Returns:
        How many went.
    """
    k = 0
    o_starts[0] = 0
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        for i in range(a + 1, b):
            ti, fi = t[i], file[i]
            if ti > t[i - 1] or (ti == t[i - 1] and fi >= file[i - 1]):
                continue
            loni, lati = lon[i], lat[i]
            j = i - 1
            while j >= a and (t[j] > ti or (t[j] == ti and file[j] > fi)):
                t[j + 1], lon[j + 1], lat[j + 1], file[j + 1] = t[j], lon[j], lat[j], file[j]
                j -= 1
            t[j + 1], lon[j + 1], lat[j + 1], file[j + 1] = ti, loni, lati, fi
        i = a
        while i < b:
            j = i
            while j + 1 < b and t[j + 1] == t[i]:
                j += 1
            for c in range(i, j + 1):
                if file[c] == file[j]:
                    t[k], lon[k], lat[k] = t[c], lon[c], lat[c]
                    k += 1
            i = j + 1
        o_starts[d + 1] = k
    return len(t) - k


@compiled
def settle(starts: Any, t: Any, lon: Any, lat: Any, window: int, reach: float) -> int:
    """Put each sighting by a cell to the cell that saw the device most around that time; returns how many were moved.

    A device at rest at the edge of two cells is seen by one of them, then the other (ping-pong).  The cell with the most
    sightings within ``window`` seconds before and after takes those of cells no farther than ``reach`` metres.  Of two
    with as many, one that saw the device twice in a row keeps it; else the one with more sightings that day has it.

    Args:
        starts: int64 [devices + 1]; t, lon, lat: int32 [events] seconds and 1e-7 degrees.  The position says which cell it
            is.  Events are put in order of time, positions are written.
    """
    longest = 0
    for d in range(len(starts) - 1):
        longest = max(longest, starts[d + 1] - starts[d])
    which = np.empty(longest, np.int64)
    c_lon, c_lat = np.empty(longest, np.int32), np.empty(longest, np.int32)
    total, count = np.empty(longest, np.int64), np.zeros(longest, np.int64)
    moved = 0
    reach2 = reach * reach
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        cells = 0
        for i in range(a, b):
            ti, loni, lati = t[i], lon[i], lat[i]
            j = i - 1
            while j >= a and (t[j] > ti or (t[j] == ti and (lon[j] > loni or (lon[j] == loni and lat[j] > lati)))):
                t[j + 1], lon[j + 1], lat[j + 1] = t[j], lon[j], lat[j]
                j -= 1
            t[j + 1], lon[j + 1], lat[j + 1] = ti, loni, lati
        for i in range(a, b):
            c = 0
            while c < cells and (c_lon[c] != lon[i] or c_lat[c] != lat[i]):
                c += 1
            if c == cells:
                c_lon[c], c_lat[c], total[c], count[c] = lon[i], lat[i], 0, 0
                cells += 1
            total[c] += 1
            which[i - a] = c
        if cells < 2:
            continue
        ky = METRES_NORTH
        kx = ky * math.cos(lat[a] / DEGREE * math.pi / 180)
        lo, hi = a, a
        for i in range(a, b):
            while hi < b and t[hi] - t[i] <= window and hi - i <= MOST:
                count[which[hi - a]] += 1
                hi += 1
            while t[i] - t[lo] > window or i - lo > MOST:
                count[which[lo - a]] -= 1
                lo += 1
            own = which[i - a]
            twice = (i > a and which[i - 1 - a] == own) or (i + 1 < b and which[i + 1 - a] == own)
            best = own
            for j in range(lo, hi):
                c = which[j - a]
                if c == best:
                    continue
                more = count[c] > count[best]
                if not more and count[c] == count[best] and not (twice and best == own):
                    more = total[c] > total[best] or (total[c] == total[best] and c < best)
                if more:
                    dx, dy = (c_lon[c] - c_lon[own]) * kx, (c_lat[c] - c_lat[own]) * ky
                    if dx * dx + dy * dy <= reach2:
                        best = c
            if best != own:
                lon[i], lat[i] = c_lon[best], c_lat[best]
                moved += 1
        for c in range(cells):
            count[c] = 0
    return moved
