"""What Spark's Python workers are forked from: with the kernels loaded once for all, instead of by each worker.

Named by ``spark.python.daemon.module``.  Loading takes about three CPU seconds.  After each task Spark collects garbage and
before each it forgets what it knows of the import path; with Numba in memory and PySpark in a zip file that takes a third of
a second, unless what is there before the fork is kept out of it.
"""

from __future__ import annotations

import gc
import importlib
import importlib.machinery
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.days import pieces_of_day
from allmende.engines.flows.door import Key
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
    (month,) = m.months_of(list(made), clock, p, (0, n * 900))
    month = replace(month, edges=(0, n * 900))
    for unprotected in (False, True):
        month_tables(lambda day, shard: made[day], 1, month, clock, m.Ground(), Expansion(), p, unprotected=unprotected)


def without_zip() -> None:
    """Import PySpark from its folder, where it is the one that the zip file on the path belongs to."""
    zips = [path for path in sys.path if path.endswith(".zip")]
    own = [path for path in sys.path if path not in zips]
    spec = importlib.machinery.PathFinder.find_spec("pyspark", own)
    if spec is None or spec.origin is None:
        return
    home = Path(spec.origin).parent
    if all(Path(path).is_relative_to(home) or not Path(path).exists() for path in zips):
        sys.path[:] = own
        for path in [path for path in sys.path_importer_cache if ".zip" in path]:
            del sys.path_importer_cache[path]


if __name__ == "__main__":
    without_zip()
    warm()
    gc.freeze()
    importlib.import_module("pyspark.daemon").manager()  # only there where Apache Spark is
