"""Tourism trips: runs of days on which a device is a visitor."""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.stays import DAY, local


@compiled
def trips(
    starts: Any,
    o: Any,
    cell: Any,
    inside: Any,
    day_starts: Any,
    d_day: Any,
    d_class: Any,
    d_night: Any,
    offsets: Any,
    hour0: int,
    o_device: Any,
    o_int: Any,
    o_cell: Any,
) -> int:
    """Trips of all devices (UN IRTS 2008, 2.29-2.33: visits between leaving the usual environment and coming back).

    Consecutive days as a visitor (classes 2 to 5) are one trip.  Written per trip: device; number, first day, last day,
    nights, stays, places, seconds; the cell with the longest time.  Returns how many.
    """
    k = 0
    spent_cell, spent = np.empty(4096, np.int64), np.empty(4096, np.int64)
    for d in range(len(starts) - 1):
        number = 0
        row = day_starts[d]
        b = day_starts[d + 1]
        i = starts[d]
        while row < b:
            if d_class[row] < 2 or d_class[row] > 5:
                row += 1
                continue
            first = d_day[row]
            last = first
            nights = 0
            while row < b and 2 <= d_class[row] <= 5 and d_day[row] - last <= 1:
                last = d_day[row]
                nights += d_night[row]
                row += 1
            stays, seconds, cells = 0, 0, 0
            while i < starts[d + 1] and local(o[i, 1] - 1, offsets, hour0) // DAY < first:
                i += 1
            j = i
            while j < starts[d + 1] and local(o[j, 0], offsets, hour0) // DAY <= last:
                if inside[j]:
                    stays += 1
                    seconds += o[j, 1] - o[j, 0]
                    at = -1
                    for c in range(cells):
                        if spent_cell[c] == cell[j]:
                            at = c
                            break
                    if at < 0 and cells < 4096:
                        at = cells
                        spent_cell[at], spent[at] = cell[j], 0
                        cells += 1
                    if at >= 0:
                        spent[at] += o[j, 1] - o[j, 0]
                j += 1
            if stays == 0:
                continue
            best = 0
            for c in range(cells):
                if spent[c] > spent[best]:
                    best = c
            o_device[k], o_cell[k] = d, spent_cell[best]
            o_int[k, 0], o_int[k, 1], o_int[k, 2], o_int[k, 3] = number, first, last, nights
            o_int[k, 4], o_int[k, 5], o_int[k, 6] = stays, cells, seconds
            number += 1
            k += 1
    return k
