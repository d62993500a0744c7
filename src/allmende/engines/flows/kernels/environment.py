"""What a device's places are to it, and what the device is to the area on each day."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled
from allmende.engines.flows.kernels.stays import DAY, local, night_overlap

THREE_HOURS = 10_800
DEEP_FROM, DEEP_UNTIL = 23, 5
"""Hours between which who is sighted in the area is not sleeping beyond its border."""
OTHER, HOME, WORK, REGULAR, LODGING = 0, 1, 2, 3, 4
RESIDENT, COMMUTER, DOMESTIC_SAME_DAY, DOMESTIC_OVERNIGHT, INBOUND_SAME_DAY, INBOUND_OVERNIGHT, TRANSIT = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
)
ABROAD = 1_000_000


@compiled
def places(
    starts: Any,
    o: Any,
    of: Any,
    offsets: Any,
    hour0: int,
    night_from: int,
    night_until: int,
    work_from: int,
    work_until: int,
    o_device: Any,
    o_int: Any,
    o_xy: Any,
) -> int:
    """Places of all devices, in the order of devices and of the numbers of their places.

    Args:
        starts: int64 [devices + 1] into the stays.
        o, of: the stays as ``stays.stays`` writes them; the number of the place is renumbered in place.
        o_device: int32 [stays], o_int: int64 [stays, 6] (place, days, nights, night seconds, work seconds, seconds),
            o_xy: float64 [stays, 2]; written.

    Returns:
        The number of places.
    """
    k = 0
    highest = 0
    for i in range(starts[-1]):
        highest = max(highest, o[i, 4])
    renumber = np.full(highest + 1, -1, np.int64)
    last_day, last_night = np.empty(len(o), np.int64), np.empty(len(o), np.int64)
    weight = np.empty(len(o), np.int64)
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        k0 = k
        for i in range(a, b):
            c = renumber[o[i, 4]]
            if c < 0:
                c = k
                renumber[o[i, 4]] = c
                o_device[c] = d
                o_int[c, :] = 0
                o_int[c, 0] = c - k0
                o_xy[c, 0], o_xy[c, 1] = 0.0, 0.0
                last_day[c], last_night[c], weight[c] = -1, -1, 0
                k += 1
            start, end = local(o[i, 0], offsets, hour0), local(o[i, 1], offsets, hour0)
            for day in range(start // DAY, (end - 1) // DAY + 1):
                if day > last_day[c]:
                    o_int[c, 1] += 1
                    last_day[c] = day
            for night in range((start - night_from * 3600) // DAY, (end - 1 - night_from * 3600) // DAY + 1):
                lo = max(start, night * DAY + night_from * 3600)
                hi = min(end, (night + 1) * DAY + night_until * 3600)
                if hi - lo >= THREE_HOURS and night > last_night[c]:
                    o_int[c, 2] += 1
                    last_night[c] = night
            o_int[c, 3] += night_overlap(start, end, night_from, night_until)
            for day in range(start // DAY, (end - 1) // DAY + 1):
                if (day + 3) % 7 < 5:  # 1 January 1970 was a Thursday
                    lo = max(start, day * DAY + work_from * 3600)
                    hi = min(end, day * DAY + work_until * 3600)
                    if hi > lo:
                        o_int[c, 4] += hi - lo
            o_int[c, 5] += o[i, 1] - o[i, 0]
            weight[c] += o[i, 6]
            o_xy[c, 0] += (of[i, 0] - o_xy[c, 0]) * o[i, 6] / weight[c]
            o_xy[c, 1] += (of[i, 1] - o_xy[c, 1]) * o[i, 6] / weight[c]
        for i in range(a, b):
            o[i, 4] = renumber[o[i, 4]] - k0
        # reset what this device used
        for i in range(highest + 1):
            renumber[i] = -1
        if b - a < highest:
            pass
    return k


@compiled
def kinds(
    starts: Any,
    p_int: Any,
    window: int,
    regular_share: float,
    home_of: Any,
    o_kind: Any,
    o_work: Any,
    o_night: Any,
) -> None:
    """Work, regular places and lodgings, when the home (``home_of`` [devices], see ``residence.settled``) is known.

    Work is where most working hours of working days are spent apart from home, on a share of the days.  ``starts``
    [devices + 1] into the places; ``window`` in days; ``o_work``, ``o_night`` [devices] receive positions of places or -1
    (``o_night``: most time at night, whether that is a home or not).
    """
    days_needed = max(2.0, regular_share * window)
    for d in range(len(starts) - 1):
        a, b = starts[d], starts[d + 1]
        home, work, night = home_of[d], -1, -1
        for i in range(a, b):
            if night < 0 or p_int[i, 3] > p_int[night, 3]:
                night = i
        for i in range(a, b):
            if (
                i != home
                and p_int[i, 1] >= days_needed
                and p_int[i, 4] * 2 >= p_int[i, 5] - p_int[i, 3]
                and p_int[i, 4] > 0
            ) and (work < 0 or p_int[i, 4] > p_int[work, 4]):
                work = i
        for i in range(a, b):
            if i == home:
                o_kind[i] = HOME
            elif i == work:
                o_kind[i] = WORK
            elif p_int[i, 1] >= days_needed and home >= 0:
                o_kind[i] = REGULAR
            elif p_int[i, 2] > 0:
                o_kind[i] = LODGING
            else:
                o_kind[i] = OTHER
        o_work[d], o_night[d] = work, night


@compiled
def device_days(
    stay_starts: Any,
    o: Any,
    inside: Any,
    piece_starts: Any,
    p_first: Any,
    p_last: Any,
    p_inside: Any,
    place_starts: Any,
    p_int: Any,
    place_inside: Any,
    home: Any,
    work: Any,
    home_zone: Any,
    mcc: Any,
    foreign: Any,
    p_x: Any,
    p_y: Any,
    gap: int,
    bridge: int,
    speed: float,
    way: int,
    offsets: Any,
    hour0: int,
    day0: int,
    days: int,
    night_from: int,
    night_until: int,
    window: int,
    regular_share: float,
    transit: int,
    o_device: Any,
    o_day: Any,
    o_class: Any,
    o_night: Any,
    o_origin: Any,
) -> int:
    """What each device is to the area on each day of the window (UN IRTS 2008, 2.4-2.9, 2.13, 2.21-2.24).

    ``inside`` [stays], ``p_inside`` [pieces] and ``place_inside`` [places] say what lies in the area.  A device whose home
    is in the area is resident.  One that comes regularly, to work or otherwise, without spending its nights, commutes:
    its usual environment includes the area, whatever else it does there.  All others visit: overnight on each day before
    or after a night in the area, otherwise same-day.  Those without ``transit`` seconds at rest are in transit.

    Few sightings show no stay, but something all the same: who is sighted in the area in the evening and, not more than
    ``bridge`` seconds later, in the morning has spent the night there; who has ``transit`` seconds left between its
    sightings when the way (at ``speed``) and setting out and arriving (``way`` each) are taken off has been at rest.
    Returns the number of rows.
    """
    k = 0
    rest = np.empty(days, np.int64)
    night = np.empty(days, np.bool_)
    seen = np.empty(days, np.bool_)
    slack, asleep, awake = np.empty(days), np.empty(days, np.bool_), np.empty(days, np.bool_)
    days_needed = max(2.0, regular_share * window)
    for d in range(len(stay_starts) - 1):
        rest[:] = 0
        night[:] = False
        seen[:] = False
        slack[:] = 0.0
        asleep[:] = False
        awake[:] = False
        resident = home[d] >= 0 and place_inside[home[d]]
        for i in range(piece_starts[d], piece_starts[d + 1]):
            if i > piece_starts[d] and (p_inside[i - 1] or p_inside[i]):
                between = p_first[i] - p_last[i - 1]
                start, end = local(p_last[i - 1], offsets, hour0), local(p_first[i], offsets, hour0)
                if between <= gap and not resident:
                    day = (start if p_inside[i - 1] else end) // DAY - day0
                    if 0 <= day < days:
                        slack[day] += between - math.hypot(p_x[i] - p_x[i - 1], p_y[i] - p_y[i - 1]) / speed
                if p_inside[i - 1] and p_inside[i] and between <= bridge:
                    n = (start - night_from * 3600) // DAY - day0
                    lo = max(start, (n + day0) * DAY + night_from * 3600)
                    hi = min(end, (n + day0 + 1) * DAY + night_until * 3600)
                    if hi - lo < THREE_HOURS:
                        n += 1
                        lo = max(start, (n + day0) * DAY + night_from * 3600)
                        hi = min(end, (n + day0 + 1) * DAY + night_until * 3600)
                    if hi - lo >= THREE_HOURS and 0 <= n < days:
                        asleep[n] = True
            if p_inside[i]:
                # sighted in the depth of a night
                n = (local(p_last[i], offsets, hour0) - DEEP_FROM * 3600) // DAY - day0
                if 0 <= n < days and local(p_first[i], offsets, hour0) < (n + day0 + 1) * DAY + DEEP_UNTIL * 3600:
                    awake[n] = True
                lo = local(p_first[i], offsets, hour0) // DAY - day0
                hi = local(p_last[i], offsets, hour0) // DAY - day0
                for day in range(max(lo, 0), min(hi, days - 1) + 1):
                    seen[day] = True
        for i in range(stay_starts[d], stay_starts[d + 1]):
            if not inside[i]:
                continue
            start, end = local(o[i, 0], offsets, hour0), local(o[i, 1], offsets, hour0)
            for day in range(max(start // DAY - day0, 0), min((end - 1) // DAY - day0, days - 1) + 1):
                rest[day] += min(end, (day + day0 + 1) * DAY) - max(start, (day + day0) * DAY)
                seen[day] = True
            for n in range((start - night_from * 3600) // DAY - day0, (end - 1 - night_from * 3600) // DAY - day0 + 1):
                lo = max(start, (n + day0) * DAY + night_from * 3600)
                hi = min(end, (n + day0 + 1) * DAY + night_until * 3600)
                if hi - lo >= THREE_HOURS and 0 <= n < days:
                    night[n] = True
        nights, sure = 0, 0
        for day in range(days):
            nights += night[day]
            sure += night[day] and awake[day]
            night[day] = night[day] or asleep[day]
        regular = False
        for i in range(place_starts[d], place_starts[d + 1]):
            if place_inside[i] and p_int[i, 1] >= days_needed:
                regular = True
        # who works here may have been bridged over the night, from the evening at the border to the morning there
        works = work[d] >= 0 and place_inside[work[d]]
        commuter = not resident and regular and (sure if works else nights) * 4 <= days_needed
        origin = np.int32(-1)
        if home_zone[d] >= 0:
            origin = home_zone[d]
        elif foreign[d]:
            origin = np.int32(ABROAD + mcc[d])
        for day in range(days):
            if not seen[day]:
                continue
            if resident:
                code = RESIDENT
            elif commuter:
                code = COMMUTER
            elif night[day] or (day > 0 and night[day - 1]):
                code = INBOUND_OVERNIGHT if foreign[d] else DOMESTIC_OVERNIGHT
            elif rest[day] < transit and slack[day] < transit + 2 * way:
                code = TRANSIT
            else:
                code = INBOUND_SAME_DAY if foreign[d] else DOMESTIC_SAME_DAY
            o_device[k], o_day[k], o_class[k], o_night[k], o_origin[k] = d, day + day0, code, night[day], origin
            k += 1
    return k
