"""Cell keys: for each figure the sum of the record keys of its different devices, which the cell-key method needs.

B. Fraser and J. Wooton (2005), A proposed method for confidentialising tabular output to protect against differencing (UNECE
work session on statistical data confidentiality): the same people have the same key in any table, and so the same noise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from allmende.engines.flows.door import CELL_KEY_MASK, record_keys_by
from allmende.engines.flows.months import Shard

COLUMN = "cell_key"


def with_cell_keys(
    tables: dict[str, pa.Table], shards: list[Shard], key: bytes, count: Callable[[], dict[str, pa.Table]]
) -> dict[str, pa.Table]:
    """``tables`` with a column ``cell_key`` (0 to 2**63 - 1) in each that ``count`` makes.

    ``count`` is the counting itself: it adds up the weights of the different devices of each figure, so that with record
    keys as weights it adds up these, modulo 2**64.  The weights are put back.
    """
    weights = [shard.weights for shard in shards]
    for shard in shards:
        shard.weights = record_keys_by(key, shard.device.view(np.int64))
    try:
        keyed = count()
    finally:
        for shard, weight in zip(shards, weights, strict=True):
            shard.weights = weight
    found = dict(tables)
    for name, table in keyed.items():
        if table.num_rows != tables[name].num_rows:
            raise RuntimeError(f"{name} was counted twice with different figures")
        keys = table["people_milli"].to_numpy() & CELL_KEY_MASK
        found[name] = tables[name].append_column(COLUMN, pa.array(keys, pa.int64()))
    return found
