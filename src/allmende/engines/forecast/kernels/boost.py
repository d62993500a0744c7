"""Boosted regression trees on binned features, small enough to be grown anew for every site each night.

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
    seed: int,
) -> tuple[Ints, Ints, Array, Array]:
    """Boost towards ``target``; residuals beyond ``clip`` count as ``clip``, so that odd hours do not steer.

    Each tree sees half of the rows.  -> split features and bins (trees × nodes), leaves (trees × 2^depth), fitted values.
    """
    n, f = bins.shape
    inner = 2**depth - 1
    split_feature = np.full((trees, inner), -1, np.int64)
    split_bin = np.zeros((trees, inner), np.int64)
    leaves = np.zeros((trees, 2**depth))
    score = np.zeros(n)
    node = np.zeros(n, np.int64)
    state = np.uint64(seed)
    for k in range(trees):
        rows = np.empty(n, np.int64)
        count = 0
        for i in range(n):
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            if (state >> np.uint64(40)) & np.uint64(1):
                rows[count] = i
                count += 1
        rows = rows[:count]
        node[:] = 0
        gradient = np.empty(n)
        for i in range(n):
            gradient[i] = weight[i] * min(max(target[i] - score[i], -clip), clip)
        for level in range(depth):
            width = 2**level
            base = width - 1
            total = np.zeros((width, f, bin_count, 2))
            for r in rows:
                at = node[r]
                g, w = gradient[r], weight[r]
                for j in range(f):
                    b = bins[r, j]
                    total[at, j, b, 0] += g
                    total[at, j, b, 1] += w
            for at in range(width):
                best, best_j, best_b = 1e-12, -1, 0
                all_g, all_w = total[at, 0, :, 0].sum(), total[at, 0, :, 1].sum()
                if all_w < 2 * least:
                    continue
                whole = all_g * all_g / (all_w + penalty)
                for j in range(f):
                    g, w = 0.0, 0.0
                    for b in range(bin_count - 1):
                        g += total[at, j, b, 0]
                        w += total[at, j, b, 1]
                        if w < least:
                            continue
                        if all_w - w < least:
                            break
                        gain = g * g / (w + penalty) + (all_g - g) ** 2 / (all_w - w + penalty) - whole
                        if gain > best:
                            best, best_j, best_b = gain, j, b
                split_feature[k, base + at] = best_j
                split_bin[k, base + at] = best_b
            for i in range(n):
                j = split_feature[k, base + node[i]]
                right = 1 if j >= 0 and bins[i, j] > split_bin[k, base + node[i]] else 0
                node[i] = 2 * node[i] + right
        sums = np.zeros((2**depth, 2))
        for r in rows:
            sums[node[r], 0] += gradient[r]
            sums[node[r], 1] += weight[r]
        for leaf in range(2**depth):
            leaves[k, leaf] = rate * sums[leaf, 0] / (sums[leaf, 1] + penalty)
        for i in range(n):
            score[i] += leaves[k, node[i]]
    return split_feature, split_bin, leaves, score


@njit
def predict(bins: Bytes, split_feature: Ints, split_bin: Ints, leaves: Array, depth: int) -> Array:
    """Sum of the trees for every row."""
    n = bins.shape[0]
    out = np.zeros(n)
    for i in range(n):
        for k in range(leaves.shape[0]):
            at = 0
            for level in range(depth):
                base = 2**level - 1
                j = split_feature[k, base + at]
                at = 2 * at + (1 if j >= 0 and bins[i, j] > split_bin[k, base + at] else 0)
            out[i] += leaves[k, at]
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
