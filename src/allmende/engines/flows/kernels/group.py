"""Grouping without sorting: what comes in order of time is dealt to its devices by counting, linear in the events."""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled, inlined

DAY_US = 86_400_000_000


@inlined
def mix(key: Any) -> Any:
    """Scatter a key over 64 bits (the finaliser of SplitMix64), for places in tables and for shards."""
    z = np.uint64(key) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def compact(ts: Any, lon: Any, lat: Any, day0: int, o_day: Any, o_t: Any, o_lon: Any, o_lat: Any, counts: Any) -> int:
    """Microseconds and degrees to day, second of the day and 1e-7 degrees.

    ``counts`` [days + 1] receives events per day; its last place counts what cannot be: no or impossible coordinates, or a
    time outside the days.  Such events get day -1.  Returns 1 if all usable events lie on one day, else 0.
    """
    last = len(counts) - 1
    one = -2
    for i in range(len(ts)):
        day = ts[i] // DAY_US - day0
        x, y = lon[i], lat[i]
        if day < 0 or day >= last or not (-180.0 <= x <= 180.0) or not (-90.0 <= y <= 90.0):
            o_day[i] = -1
            counts[last] += 1
            one = -1
            continue
        o_day[i] = day
        counts[day] += 1
        o_t[i] = (ts[i] - (day + day0) * DAY_US) // 1_000_000
        o_lon[i] = round(x * 1e7)
        o_lat[i] = round(y * 1e7)
        if one == -2:
            one = day
        elif one != day:
            one = -1
    return 1 if one >= 0 else 0


@compiled
def deal_days(
    day: Any,
    offsets: Any,
    key: Any,
    t: Any,
    lon: Any,
    lat: Any,
    mcc: Any,
    o_key: Any,
    o_t: Any,
    o_lon: Any,
    o_lat: Any,
    o_mcc: Any,
) -> None:
    """Put events in order of day, keeping their order within a day; ``offsets`` [days] is moved on."""
    for i in range(len(day)):
        d = day[i]
        if d < 0:
            continue
        j = offsets[d]
        offsets[d] = j + 1
        o_key[j], o_t[j], o_lon[j], o_lat[j], o_mcc[j] = key[i], t[i], lon[i], lat[i], mcc[i]


@compiled
def number(keys: Any, table: Any, slots: Any, uniques: Any, mcc: Any, u_mcc: Any, out: Any, n: int) -> int:
    """Give each key the number of its first appearance.

    Args:
        keys: uint64 [rows].
        table, slots: int32 [2^k] filled with -1, more than twice as long as there may be different keys.
        uniques, u_mcc: where new keys and their first known country code go.
        out: int32 [rows].
        n: how many uniques there are already.

    Returns:
        How many there are now, or -1 if the table is too small.
    """
    m = np.uint64(len(table) - 1)
    limit = len(table) // 2
    for i in range(len(keys)):
        key = keys[i]
        h = mix(key) & m
        while True:
            j = table[h]
            if j < 0:
                if n >= limit:
                    return -1
                table[h] = n
                uniques[n] = key
                u_mcc[n] = mcc[i]
                out[i] = n
                n += 1
                break
            if uniques[j] == key:
                if u_mcc[j] < 0:
                    u_mcc[j] = mcc[i]
                out[i] = j
                break
            h = (h + np.uint64(1)) & m
    return n


@compiled
def count_into(index: Any, counts: Any) -> None:
    """counts[index[i]] += 1."""
    for i in range(len(index)):
        counts[index[i]] += 1


@compiled
def deal(index: Any, offsets: Any, t: Any, lon: Any, lat: Any, o_t: Any, o_lon: Any, o_lat: Any) -> None:
    """Deal events to their devices; ``offsets`` [devices] says where each device's next event goes, and is moved on."""
    for i in range(len(index)):
        d = index[i]
        j = offsets[d]
        offsets[d] = j + 1
        o_t[j], o_lon[j], o_lat[j] = t[i], lon[i], lat[i]


@compiled
def deal_pieces(
    index: Any,
    offsets: Any,
    begin: int,
    first: Any,
    last: Any,
    n: Any,
    lon: Any,
    lat: Any,
    o_first: Any,
    o_last: Any,
    o_n: Any,
    o_lon: Any,
    o_lat: Any,
) -> None:
    """Like ``deal``, for the pieces of a day that begins at ``begin`` (seconds); ``o_first`` and ``o_last`` are int64."""
    for i in range(len(index)):
        d = index[i]
        j = offsets[d]
        offsets[d] = j + 1
        o_first[j], o_last[j] = first[i] + begin, last[i] + begin
        o_n[j], o_lon[j], o_lat[j] = n[i], lon[i], lat[i]


@compiled
def shard_of(keys: Any, shards: int, out: Any) -> None:
    """The shard of each key; other bits than those that find its place in a table."""
    for i in range(len(keys)):
        out[i] = (mix(keys[i]) >> np.uint64(40)) % np.uint64(shards)
