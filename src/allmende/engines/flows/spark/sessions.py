"""Sessions of the Spark API: a local or remote Apache Spark, or Sail in this process."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INSTALL = "pip install 'pyspark[connect]>=4.0,<4.1' 'pysail>=0.7' (or requirements-spark.txt of the source tree)"
CONF = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8",  # a row is a block of some megabytes, not a number
    "spark.sql.adaptive.enabled": "false",  # the partitions asked for are those that fit the memory
}
"""Settings without which blocks do not fit; they hold for the session and may be set at any time."""
LOCAL = {
    "spark.python.daemon.module": "allmende.engines.flows.spark.daemon",
    "spark.driver.memory": "2g",
    # Java is a carrier here: what is quick to start matters more than what is quick after minutes
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""Settings of an Apache Spark that is started here on one machine."""


class SparkMissing(RuntimeError):
    """The packages of the extra ``spark`` are not installed, or there is no Java."""


@contextmanager
def opened(master: str) -> Iterator[Any]:
    """A session that is closed at the end.

    Args:
        master: ``sail`` (in this process, no Java), ``sc://HOST:PORT`` (a server of Spark Connect), or a master of Apache
            Spark: ``local[N]``, ``yarn``, ``spark://HOST:PORT``, ``k8s://…``.

    Raises:
        SparkMissing: with the command that installs what is missing.
    """
    try:
        if master == "sail":
            with _sail() as address, _connected(address) as session:
                yield session
        elif master.startswith("sc://"):
            with _connected(master) as session:
                yield session
        else:
            with _apache(master) as session:
                yield session
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"pyspark", "pysail", "grpc", "grpc_status", "google", "pandas"}:
            raise SparkMissing(f"{error.name} is not installed. Install the second engine: {INSTALL}") from None
        raise


@contextmanager
def _sail() -> Iterator[str]:
    from pysail.spark import SparkConnectServer  # 100 MB that only this engine needs, see the extra `spark`

    before = os.environ.get("RUST_LOG")
    os.environ.setdefault("RUST_LOG", "error")
    server = SparkConnectServer()
    server.start()
    if before is None:
        del os.environ["RUST_LOG"]
    try:
        yield f"sc://127.0.0.1:{server.listening_address[1]}"
    finally:
        server.stop()


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from pyspark.sql.connect.session import SparkSession  # 430 MB that only this engine needs, see the extra `spark`

    session = SparkSession.builder.remote(address).create()
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _apache(master: str) -> Iterator[Any]:
    from pyspark.errors import PySparkRuntimeError  # as above
    from pyspark.sql import SparkSession

    # the tasks need this Python with this package; on a cluster say so with spark.pyspark.python
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("allmende flows").master(master)
    for name, value in (CONF | LOCAL if master.startswith("local") else CONF).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise SparkMissing(
            f"Apache Spark does not start ({error.getCondition()}). It needs Java 17: apt-get install openjdk-17-jre-headless; "
            "or choose Sail, which needs none."
        ) from None
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def prepare(session: Any) -> int:
    """Set what the blocks need in any session; how many tasks run side by side."""
    for name, value in CONF.items():
        session.conf.set(name, value)
    if hasattr(type(session), "sparkContext") and not type(session).__module__.startswith("pyspark.sql.connect"):
        return int(session.sparkContext.defaultParallelism)
    told = re.fullmatch(r"\d+", session.conf.get("spark.default.parallelism", "") or "")
    return int(told[0]) if told else os.cpu_count() or 1
