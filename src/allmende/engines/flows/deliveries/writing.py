"""Write a delivery as its schema says, so that what is read back is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from allmende.engines.flows.deliveries.reading import Delivery
from allmende.engines.flows.deliveries.schema import DeliveryColumn, Schema


def write_delivery(delivery: Delivery, path: Path) -> None:
    """Write as CSV (UTF-8, comma); a figure that was held back is written as the marker of its interval.

    Raises:
        ValueError: if a figure is held back and the schema has no marker for its interval.
    """
    schema, table = delivery.schema, delivery.table
    columns = {}
    for column in schema.columns:
        if column.output not in table.column_names:
            continue
        columns[column.name] = _figures(delivery, column) if column.role == "measure" else _texts(table, column, schema)
    pacsv.write_csv(pa.table(columns), path)


def _texts(table: pa.Table, column: DeliveryColumn, schema: Schema) -> pa.ChunkedArray:
    values = table[column.output]
    texts = pc.strftime(values, format=column.format) if column.role == "day" else values.cast(pa.string())
    return pc.fill_null(texts, schema.missing[0] if schema.missing else "")


def _figures(delivery: Delivery, column: DeliveryColumn) -> pa.Array:
    low, high = delivery.bounds(column.output)
    texts = [repr(value) for value in low.tolist()]
    if delivery.schema.decimal == ",":
        texts = [text.replace(".", ",") for text in texts]
    markers = {(marker.low, marker.high): marker.marker for marker in delivery.schema.suppressed}
    for row in np.flatnonzero(delivery.suppressed(column.output)).tolist():
        try:
            texts[row] = markers[low[row], high[row]]
        except KeyError:
            raise ValueError(
                f"{column.name}: no marker stands for {low[row]:g} to {high[row]:g}. Declare one in the schema."
            ) from None
    return pa.array(texts, pa.string())
