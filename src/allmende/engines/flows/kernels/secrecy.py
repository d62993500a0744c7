"""Loops of disclosure control: choosing partners bond by bond, and passing intervals along the bonds.

A bond is a parent and its children ``child[start[b]:start[b + 1]]``; the bonds of a fact are
``of[at[f]:at[f + 1]]``.  See ``disclosure.facts``.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def count_out(out, parent, start, child):  # type: ignore[no-untyped-def]
    """How many members of each bond are left out."""
    found = np.zeros(len(parent), np.int64)
    for b in range(len(parent)):
        n = 1 if out[parent[b]] else 0
        for e in range(start[b], start[b + 1]):
            if out[child[e]]:
                n += 1
        found[b] = n
    return found


@njit(cache=True)
def bonds_of(facts, parent, start, child):  # type: ignore[no-untyped-def]
    """For each fact its bonds, as (at, of)."""
    at = np.zeros(facts + 1, np.int64)
    for b in range(len(parent)):
        at[parent[b] + 1] += 1
        for e in range(start[b], start[b + 1]):
            at[child[e] + 1] += 1
    for f in range(facts):
        at[f + 1] += at[f]
    fill = at[:-1].copy()
    of = np.empty(at[facts], np.int64)
    for b in range(len(parent)):
        of[fill[parent[b]]] = b
        fill[parent[b]] += 1
        for e in range(start[b], start[b + 1]):
            of[fill[child[e]]] = b
            fill[child[e]] += 1
    return at, of


@njit(cache=True)
def _known_in(f, known, out, size, parent, start, child, at, of):  # type: ignore[no-untyped-def]
    if not out[f]:
        return size[f]
    most = 0
    for i in range(at[f], at[f + 1]):
        b = of[i]
        if parent[b] == f:
            for e in range(start[b], start[b + 1]):
                most = max(most, known[child[e]])
    return most


@njit(cache=True)
def _shown_in(f, d, out, size, parent, start, child, dim, at, of):  # type: ignore[no-untyped-def]
    """What is shown of a fact that is left out: the figures of its parts along dimension ``d``, at any depth."""
    total = 0
    stack = [f]
    while len(stack) > 0:
        g = stack.pop()
        for i in range(at[g], at[g + 1]):
            b = of[i]
            if parent[b] == g and dim[b] == d:
                for e in range(start[b], start[b + 1]):
                    c = child[e]
                    if out[c]:
                        stack.append(c)
                    else:
                        total += size[c]
    return total


@njit(cache=True)
def known_all(out, size, parent, start, child, at, of):  # type: ignore[no-untyped-def]
    """Devices known to be in each fact: its own figure, or the largest figure shown of what it contains."""
    known = np.where(out, 0, size)
    moved = True
    while moved:
        moved = False
        for b in range(len(parent)):
            p = parent[b]
            if out[p]:
                for e in range(start[b], start[b + 1]):
                    if known[child[e]] > known[p]:
                        known[p] = known[child[e]]
                        moved = True
    return known


@njit(cache=True)
def complete(size, out, fixed, parent, start, child, additive, dim, at, of, width, noise, queue_first):  # type: ignore[no-untyped-def]
    """Leave out partners (in ``out``) until no bond by itself gives anything away; gives the bonds that stay unsafe.

    Bonds wait in a ring; a bond is asked again when a member of it was left out.  The partner is the member that costs
    least: its devices, times one more for each sum in which it would be the only one left out.
    """
    n = len(parent)
    missing_in = count_out(out, parent, start, child)
    known = known_all(out, size, parent, start, child, at, of)
    ring = np.empty(n + 1, np.int64)
    waits = np.zeros(n, np.bool_)
    head, tail = 0, 0
    for b in queue_first:
        if not waits[b]:
            ring[tail] = b
            waits[b] = True
            tail += 1
    tail %= n + 1
    stuck = np.zeros(n, np.bool_)
    changed = [0]
    changed.pop()
    while head != tail:
        b = ring[head]
        head = (head + 1) % (n + 1)
        waits[b] = False
        stuck[b] = False
        p = parent[b]
        hidden_parent = out[p]
        members = start[b + 1] - start[b]
        missing, left_out, shown, largest, total = 0, 0, 0, 0, 0
        close = False
        for e in range(start[b], start[b + 1]):
            c = child[e]
            total += size[c]
            if out[c]:
                missing += 1
                left_out += size[c]
            else:
                shown += size[c]
            largest = max(largest, known[c])
            if not hidden_parent:
                slack = size[p] - known[c]
                if 0 < slack < width:
                    close = True
        bad = close
        if additive[b]:
            if missing + (1 if hidden_parent else 0) == 1 or (not hidden_parent and missing > 0 and left_out < width):
                bad = True
        elif hidden_parent:
            if missing == 0 and shown - largest < width:
                bad = True
        else:
            if members == 1 and missing == 1:
                bad = True
            inner = shown
            if not bad and shown < size[p]:
                for e in range(start[b], start[b + 1]):
                    if out[child[e]]:
                        inner += _shown_in(child[e], dim[b], out, size, parent, start, child, dim, at, of)
            if 0 < size[p] - inner < width:
                bad = True
        if bad and noise > 0 and 2 * noise * (members + 1 - missing - (1 if hidden_parent else 0)) >= width:
            bad = False
        if not bad:
            continue
        best, cost = -1, 0
        for e in range(start[b], start[b + 1] + 1):
            f = p if e == start[b + 1] else child[e]
            if out[f] or fixed[f]:
                continue
            if close and f != p:
                slack = size[p] - size[f]
                if not 0 < slack < width:
                    continue
            times = 1
            for i in range(at[f], at[f + 1]):
                if additive[of[i]] and missing_in[of[i]] == 0 and of[i] != b:
                    times += 1
            price = size[f] * times
            if best < 0 or price < cost:
                best, cost = f, price
        if best < 0:
            stuck[b] = True
            continue
        out[best] = True
        known[best] = _known_in(best, known, out, size, parent, start, child, at, of)
        changed.append(best)
        while len(changed) > 0:
            f = changed.pop()
            for i in range(at[f], at[f + 1]):
                o = of[i]
                if f == best:
                    missing_in[o] += 1
                if not waits[o]:
                    waits[o] = True
                    ring[tail] = o
                    tail = (tail + 1) % (n + 1)
                q = parent[o]
                if q != f and out[q]:
                    now = _known_in(q, known, out, size, parent, start, child, at, of)
                    if now != known[q]:
                        known[q] = now
                        changed.append(q)
                    # what is shown within it is less now: whoever has it as a part is asked again
                    for j in range(at[q], at[q + 1]):
                        above = of[j]
                        if parent[above] != q and dim[above] == dim[o] and not waits[above]:
                            waits[above] = True
                            ring[tail] = above
                            tail = (tail + 1) % (n + 1)
    return stuck


@njit(cache=True)
def propagate(low, high, why_low, why_high, parent, start, child, additive, missing_in, at, of, first, most_steps):  # type: ignore[no-untyped-def]
    """Pass intervals along the bonds (in ``low`` and ``high``), from the bonds ``first`` on, until nothing moves.

    ``why_low`` and ``why_high`` take the bond that set each end.
    Gives whether it came to rest within so many steps (children looked at); where it did not, intervals are too wide.
    """
    n = len(parent)
    ring = np.empty(n + 1, np.int64)
    waits = np.zeros(n, np.bool_)
    head, tail = 0, 0
    for b in first:
        if missing_in[b] > 0 and not waits[b]:
            ring[tail] = b
            waits[b] = True
            tail += 1
    steps = 0
    while head != tail:
        b = ring[head]
        head = (head + 1) % (n + 1)
        waits[b] = False
        p = parent[b]
        steps += start[b + 1] - start[b]
        if steps > most_steps:
            return False
        lows, highs, most = 0.0, 0.0, 0.0
        for e in range(start[b], start[b + 1]):
            c = child[e]
            lows += low[c]
            highs += high[c]
            most = max(most, low[c])
        least = lows if additive[b] else most
        for e in range(start[b], start[b + 1] + 1):
            if e == start[b + 1]:
                f, down, up = p, least, highs
            else:
                f = child[e]
                down = low[p] - (highs - high[f])
                up = high[p] - (lows - low[f]) if additive[b] else high[p]
            moved = False
            if down > low[f] + 1e-6:
                if f != p:
                    lows += down - low[f]
                low[f] = down
                why_low[f] = b
                moved = True
            if up < high[f] - 1e-6:
                if f != p:
                    highs -= high[f] - up
                high[f] = up
                why_high[f] = b
                moved = True
            if moved:
                for i in range(at[f], at[f + 1]):
                    o = of[i]
                    if not waits[o] and missing_in[o] > 0 and (o != b or f == p):
                        ring[tail] = o
                        waits[o] = True
                        tail = (tail + 1) % (n + 1)
    return True


@njit(cache=True)
def loosen(facts, low, high, out, wide, parent, start, child, additive, at, of):  # type: ignore[no-untyped-def]
    """Forget the intervals of what hangs together with the given facts by sums, and of what bounds it; gives their bonds.

    What lies further keeps the intervals of before: too close if anything, so that nothing is missed.
    """
    mark = np.zeros(len(out), np.int8)
    stack = [facts[0]]
    stack.pop()
    for f in facts:
        if mark[f] == 0:
            mark[f] = 2
            stack.append(f)
    bonds = np.zeros(len(parent), np.bool_)
    while len(stack) > 0:
        f = stack.pop()
        low[f], high[f] = 0.0, wide
        for i in range(at[f], at[f + 1]):
            b = of[i]
            bonds[b] = True
            if not additive[b] and mark[f] < 2:
                continue
            for e in range(start[b], start[b + 1] + 1):
                g = parent[b] if e == start[b + 1] else child[e]
                reach = mark[f] if additive[b] else 1
                if out[g] and mark[g] < reach:
                    mark[g] = reach
                    stack.append(g)
    return np.flatnonzero(bonds)


@njit(cache=True)
def partners(tight, low, why_low, why_high, size, out, fixed, parent, start, child, additive, hops):  # type: ignore[no-untyped-def]
    """For each tight fact the cheapest figure shown that its interval goes back to; -1 where there is none to leave out."""
    chosen = np.full(len(tight), -1, np.int64)
    for t in range(len(tight)):
        near = [tight[t]]
        for _ in range(hops):
            further = [tight[t]]
            best = -1
            for f in near:
                for upper in range(2):
                    b = why_high[f] if upper else why_low[f]
                    if b < 0:
                        continue
                    for e in range(start[b], start[b + 1] + 1):
                        g = parent[b] if e == start[b + 1] else child[e]
                        if not additive[b]:
                            if f != parent[b] and upper == 1 and g != parent[b]:
                                continue  # a part is at most its whole: the other parts say nothing
                            if f == parent[b] and upper == 0 and (g == f or low[g] < low[f] - 1e-6):
                                continue  # a whole is at least its largest part
                        if out[g]:
                            if len(further) < 256:
                                further.append(g)
                        elif not fixed[g] and (best < 0 or size[g] < size[best]):
                            best = g
            if best >= 0:
                chosen[t] = best
                break
            near = further
    return chosen


@njit(cache=True)
def beside(facts, size, out, fixed, parent, start, child, at, of, hops):  # type: ignore[no-untyped-def]
    """For each fact the cheapest one shown within the fewest bonds of it; -1 where there is none."""
    chosen = np.full(len(facts), -1, np.int64)
    for t in range(len(facts)):
        near = [facts[t]]
        for _ in range(hops):
            further = [facts[t]]
            best = -1
            for f in near:
                for i in range(at[f], at[f + 1]):
                    b = of[i]
                    for e in range(start[b], start[b + 1] + 1):
                        g = parent[b] if e == start[b + 1] else child[e]
                        if out[g]:
                            if len(further) < 256:
                                further.append(g)
                        elif not fixed[g] and (best < 0 or size[g] < size[best]):
                            best = g
            if best >= 0:
                chosen[t] = best
                break
            near = further
    return chosen


@njit(cache=True)
def blocks(out, parent, start, child, additive, order, most):  # type: ignore[no-untyped-def]
    """A block for each fact left out (its number): joined by sums, then by the bonds in ``order``, up to ``most`` facts."""
    root = np.arange(len(out))
    size = np.ones(len(out), np.int64)
    for turn in range(2):
        for i in range(len(order)):
            b = order[i]
            if additive[b] != (turn == 0):
                continue
            first, total = -1, 0
            for step in range(2):  # ask how many there would be, then join
                for e in range(start[b], start[b + 1] + 1):
                    f = parent[b] if e == start[b + 1] else child[e]
                    if not out[f]:
                        continue
                    while root[f] != f:
                        root[f] = root[root[f]]
                        f = root[f]
                    if step == 0:
                        total += size[f]  # counts a block twice if it is met twice: joins less, never more
                    elif first < 0:
                        first = f
                    elif first != f:
                        root[f] = first
                        size[first] += size[f]
                if turn == 1 and total > most:
                    break
    for f in range(len(out)):
        g = f
        while root[g] != g:
            g = root[g]
        root[f] = g
    return root
