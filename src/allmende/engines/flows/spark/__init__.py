"""The second engine: the same steps on many machines, through the Spark API.

Spark moves *blocks*, not rows: a row of its tables is the bytes of some arrays (the events of a day and a block of shards,
the counts of a range of cells), and the kernels of the first engine do the work on them (``tasks``).  So the results are
those of one machine, to the row and bit, and little is left that Spark could be slow at.

Two servers speak that API: Apache Spark, and Sail, which needs no Java and runs inside of this process.
"""

from allmende.engines.flows.spark.engine import SparkEngine, run_on_spark
from allmende.engines.flows.spark.months import WeighedApart
from allmende.engines.flows.spark.sessions import SparkMissing, opened

__all__ = ["SparkEngine", "SparkMissing", "WeighedApart", "opened", "run_on_spark"]
