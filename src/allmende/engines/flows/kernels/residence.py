"""Whether the place where a device spends its nights is its place of usual residence."""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.stays import DAY, local

THREE_HOURS = 10_800


@compiled
def nights_within(lo_edge: int, hi_edge: int, offsets: Any, hour0: int, night_from: int, night_until: int) -> Any:
    """The local nights of which at least three hours lie between two times: the first (as the day on whose evening it
    begins) and their number."""
    lo, hi = local(lo_edge, offsets, hour0), local(hi_edge, offsets, hour0)
    first = (lo - night_from * 3600) // DAY
    if min(hi, (first + 1) * DAY + night_until * 3600) - max(lo, first * DAY + night_from * 3600) < THREE_HOURS:
        first += 1
    last = (hi - night_from * 3600) // DAY
    if min(hi, (last + 1) * DAY + night_until * 3600) - max(lo, last * DAY + night_from * 3600) < THREE_HOURS:
        last -= 1
    return first, max(last - first + 1, 0)


@compiled
def settled(
    stay_starts: Any,
    o: Any,
    piece_starts: Any,
    p_first: Any,
    p_last: Any,
    place_starts: Any,
    p_int: Any,
    foreign: Any,
    offsets: Any,
    hour0: int,
    night0: int,
    usable: Any,
    night_from: int,
    night_until: int,
    share_of_all: float,
    share_when_here: float,
    foreign_nights: int,
    long_window: int,
    o_home: Any,
) -> None:
    """Home of each device, the place of usual residence (UN IRTS 2008, 2.16-2.18), as position in the places, or -1.

    The candidate is the place with most nights.  A night counts unless nobody can know where it was spent (the device was
    sighted on one of its two days, but at rest nowhere).  The candidate is home if ``share_of_all`` of the nights were spent
    there, and ``share_when_here`` of those that are left when the longest absence is taken out: who lives somewhere is away
    for one long holiday, who has a second home is away again and again.  A device of a foreign network also needs
    ``foreign_nights`` of them.  Of ``long_window`` nights the share of all is enough.  ``usable`` [nights] says for which nights, from ``night0`` on, there are data.
    """
    n = len(usable)
    here, known, sighted = np.empty(n, np.bool_), np.empty(n, np.bool_), np.empty(n + 1, np.bool_)
    for d in range(len(stay_starts) - 1):
        best = -1
        for i in range(place_starts[d], place_starts[d + 1]):
            if p_int[i, 2] > 0 and (
                best < 0
                or p_int[i, 2] > p_int[best, 2]
                or (p_int[i, 2] == p_int[best, 2] and p_int[i, 3] > p_int[best, 3])
            ):
                best = i
        o_home[d] = -1
        if best < 0:
            continue
        here[:], known[:], sighted[:] = False, False, False
        for i in range(piece_starts[d], piece_starts[d + 1]):
            lo = local(p_first[i], offsets, hour0) // DAY - night0
            hi = local(p_last[i], offsets, hour0) // DAY - night0
            for day in range(max(lo, 0), min(hi, n) + 1):
                sighted[day] = True
        for i in range(stay_starts[d], stay_starts[d + 1]):
            start, end = local(o[i, 0], offsets, hour0), local(o[i, 1], offsets, hour0)
            first, last = (start - night_from * 3600) // DAY, (end - 1 - night_from * 3600) // DAY
            for night in range(max(first, night0), min(last, night0 + n - 1) + 1):
                lo = max(start, night * DAY + night_from * 3600)
                hi = min(end, (night + 1) * DAY + night_until * 3600)
                if hi - lo >= THREE_HOURS:
                    known[night - night0] = True
                    if o[i, 4] == p_int[best, 0]:
                        here[night - night0] = True
        nights, counted, spell, longest = 0, 0, 0, 0
        for night in range(n):
            if not usable[night]:
                continue
            if here[night]:
                nights += 1
                counted += 1
                spell = 0
            elif known[night] or not (sighted[night] or sighted[night + 1]):
                counted += 1
                spell += 1
                longest = max(longest, spell)
        if (
            nights >= share_of_all * counted
            and (counted >= long_window or nights >= share_when_here * (counted - longest))
            and (not foreign[d] or nights >= foreign_nights)
        ):
            o_home[d] = best
