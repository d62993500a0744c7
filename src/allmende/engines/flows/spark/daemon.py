"""What Spark's Python workers are forked from: with the kernels loaded once for all, instead of by each worker.

Named by ``spark.python.daemon.module``.  Loading takes about three CPU seconds; and Spark collects garbage after each task,
which takes a quarter of a second with Numba in memory, unless what is there before the fork is kept out of it.
"""

from __future__ import annotations

import gc

import numpy as np
import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.days import Key, pieces_of_day
from allmende.engines.flows.intake import split_by_day
from allmende.engines.flows.kernels.group import DAY_US
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.plan import Expansion
from allmende.engines.flows.run import month_tables
from allmende.engines.flows.spark import days, months  # the tasks: not used here, but there in every worker

TASKS = (days.deal, days.make_pieces, months.look, months.weigh, months.count, months.add)


def warm() -> None:
    """Go through all kernels once, with one device that is seen at two places."""
    p = Parameters(shards=1, threads=1)
    n = 96
    events = pa.table(
        {
            "device_id": np.ones(n, np.int64),
            "ts": pa.array(np.arange(n) * 900_000_000, pa.timestamp("us", tz="UTC")),
            "lon": np.where(np.arange(n) % 48 < 24, 12.0, 12.1),
            "lat": np.full(n, 55.0),
            "mcc": pa.array(np.full(n, 240), pa.int16()),
        }
    )
    found, _ = split_by_day(events, 0, 3, max_accuracy=p.max_accuracy)
    made = {day: pieces_of_day([chunk], 1, p, Key(1, 2))[0][0] for day, chunk in found.items()}
    clock = m.Clock.of("UTC", 0, n * 900_000_000 // DAY_US)
    (month,) = m.months_of(list(made), clock, p)
    for unprotected in (False, True):
        month_tables(lambda day, shard: made[day], 1, month, clock, m.Ground(), Expansion(), p, unprotected=unprotected)


if __name__ == "__main__":
    from pyspark.daemon import manager  # only there where Apache Spark is

    warm()
    gc.freeze()
    manager()
