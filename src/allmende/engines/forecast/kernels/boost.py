"""Boosted regression trees on binned features, small enough to be grown anew for a few sites together each night.

Friedman (2001), Annals of Statistics 29; binned as in Ke et al. (2017), NeurIPS 30.  Trees are grown level by level to one depth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.kernels.compiled import njit

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@njit
def binned(x: Array, edges: Array) -> Bytes:
    """Bins (rows × features, uint8) of ``x``: 0 is missing, else 1 + how many of the feature's ``edges`` lie below."""
    n, f = x.shape
    out = np.zeros((n, f), np.uint8)
    for i in range(n):
        for j in range(f):
            v = x[i, j]
            if not np.isnan(v):
                out[i, j] = 1 + np.searchsorted(edges[j], v)
    return out


@njit
def _chance(state: np.uint64) -> np.uint64:
    return state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)


@njit
def grow(
    bins: Bytes,
    target: Array,
    weight: Array,
    trees: int,
    depth: int,
    rate: float,
    least: float,
    penalty: float,
    clip: float,
    bin_count: int,
    features: int,
    share: float,
    seed: int,
) -> tuple[Bytes, Bytes, Array, Array]:
    """Boost towards ``target``; residuals beyond ``clip`` count as ``clip``, so that odd hours do not steer.

    Each tree sees ``share`` of the rows and ``features`` of the features.
    -> split features and bins (trees × nodes), leaves (trees × 2^depth), fitted values.
    """
    n, f = bins.shape
    inner = 2**depth - 1
    # Where nothing is split all rows go left: no bin is above the last one.
    split_feature = np.zeros((trees, inner), np.uint8)
    split_bin = np.full((trees, inner), 255, np.uint8)
    leaves = np.zeros((trees, 2**depth))
    score = np.zeros(n)
    rows = np.empty(n, np.int64)
    order = np.arange(f)
    below = np.uint64(share * 65536)
    state = np.uint64(seed)
    for k in range(trees):
        count = 0
        for i in range(n):
            state = _chance(state)
            if (state >> np.uint64(33)) & np.uint64(65535) < below:
                rows[count] = i
                count += 1
        for one in range(features):
            state = _chance(state)
            other = one + int((state >> np.uint64(33)) % np.uint64(f - one))
            order[one], order[other] = order[other], order[one]
        chosen = np.sort(order[:features])
        # The rows of this tree lie side by side: memory, not arithmetic, is what takes the time.
        some = np.empty((count, features), np.uint8)
        gradient, mass, node = np.empty(count), np.empty(count), np.zeros(count, np.int64)
        for q in range(count):
            r = rows[q]
            mass[q] = weight[r]
            gradient[q] = weight[r] * min(max(target[r] - score[r], -clip), clip)
            for j in range(features):
                some[q, j] = bins[r, chosen[j]]
        above = np.zeros((1, features, bin_count, 2))
        for level in range(depth):
            width = 2**level
            base = width - 1
            total = _sums(some, gradient, mass, node, width, bin_count, above)
            place = np.full(width, -1, np.int64)
            for at in range(width):
                place[at], cut = _best_split(total[at], least, penalty)
                if place[at] >= 0:
                    split_feature[k, base + at] = chosen[place[at]]
                    split_bin[k, base + at] = cut
            for q in range(count):
                j = place[node[q]]
                right = 1 if j >= 0 and some[q, j] > split_bin[k, base + node[q]] else 0
                node[q] = 2 * node[q] + right
            above = total
        sums = np.zeros((2**depth, 2))
        for q in range(count):
            sums[node[q], 0] += gradient[q]
            sums[node[q], 1] += mass[q]
        for leaf in range(2**depth):
            leaves[k, leaf] = rate * sums[leaf, 0] / (sums[leaf, 1] + penalty)
        _add(bins, split_feature[k], split_bin[k], leaves[k], depth, score)
    return split_feature, split_bin, leaves, score


@njit
def _sums(some: Bytes, gradient: Array, mass: Array, node: Ints, width: int, bin_count: int, above: Array) -> Array:
    """Gradients and weights by node, feature and bin.  The smaller of two sisters is counted, the other is what is left."""
    count, features = some.shape
    total = np.zeros((width, features, bin_count, 2))
    size = np.zeros(width, np.int64)
    for q in range(count):
        size[node[q]] += 1
    counted = np.ones(width, np.bool_)
    if width > 1:
        for at in range(0, width, 2):
            counted[at] = size[at] <= size[at + 1]
            counted[at + 1] = not counted[at]
    for q in range(count):
        at = node[q]
        if counted[at]:
            for j in range(features):
                b = some[q, j]
                total[at, j, b, 0] += gradient[q]
                total[at, j, b, 1] += mass[q]
    for at in range(width):
        if not counted[at]:
            total[at] = above[at // 2] - total[at ^ 1]
    return total


@njit
def _best_split(total: Array, least: float, penalty: float) -> tuple[int, int]:
    """Feature and bin of the best split, -1 where none is worth it; ``least``: weight on either side."""
    features, bin_count = total.shape[0], total.shape[1]
    best, best_j, best_b = 1e-12, -1, 0
    all_g, all_w = total[0, :, 0].sum(), total[0, :, 1].sum()
    if all_w < 2 * least:
        return best_j, best_b
    whole = all_g * all_g / (all_w + penalty)
    for j in range(features):
        g, w = 0.0, 0.0
        for b in range(bin_count - 1):
            g += total[j, b, 0]
            w += total[j, b, 1]
            if w < least:
                continue
            if all_w - w < least:
                break
            gain = g * g / (w + penalty) + (all_g - g) ** 2 / (all_w - w + penalty) - whole
            if gain > best:
                best, best_j, best_b = gain, j, b
    return best_j, best_b


@njit
def _add(bins: Bytes, feature: Bytes, cut: Bytes, leaves: Array, depth: int, score: Array) -> None:
    """Add one tree to ``score``.  Without branches, which a processor would guess wrong half of the time."""
    one = np.uint64(1)
    for i in range(bins.shape[0]):
        at = np.uint64(0)
        for _ in range(depth):
            at = (at << one) + one + np.uint64(bins[i, np.uint64(feature[at])] > cut[at])
        score[i] += leaves[at - np.uint64(leaves.shape[0] - 1)]


@njit
def predict(bins: Bytes, split_feature: Bytes, split_bin: Bytes, leaves: Array, depth: int) -> Array:
    """Sum of the trees for every row."""
    out = np.zeros(bins.shape[0])
    for k in range(leaves.shape[0]):
        _add(bins, split_feature[k], split_bin[k], leaves[k], depth, out)
    return out


@njit
def slot_medians(y: Array, usable: Flags, lags: Ints, least: int) -> Array:
    """For every hour the median of the usable figures at ``lags`` hours before; NaN with fewer than ``least`` of them."""
    n = len(usable)
    out = np.full(n, np.nan)
    found = np.empty(len(lags))
    for t in range(n):
        count = 0
        for lag in lags:
            at = t - lag
            if at >= 0 and at < len(y) and usable[at] and not np.isnan(y[at]):
                found[count] = y[at]
                count += 1
        if count >= least:
            out[t] = np.median(found[:count])
    return out


@njit
def column_medians(table: Array) -> Array:
    """Median of what is known in each column; NaN where nothing is."""
    out = np.full(table.shape[1], np.nan)
    found = np.empty(table.shape[0])
    for t in range(table.shape[1]):
        count = 0
        for k in range(table.shape[0]):
            if not np.isnan(table[k, t]):
                found[count] = table[k, t]
                count += 1
        if count:
            out[t] = np.median(found[:count])
    return out
