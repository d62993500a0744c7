"""Any Parquet file as columns of words: each column is a list of different texts and the number of one for each row."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from allmende.formats.records import UnusableInput

MOST_ROWS: Final = 20_000_000


def read_encoded(path: Path) -> tuple[list[str], list[NDArray[np.int32]], list[list[str]]]:
    """Names of the columns, number of the word for each row (int32), and the words; nulls are the word ``""``.

    Times are ISO 8601 (with their zone, if they have one), whole numbers are written without a point.
    Raises :class:`UnusableInput` for what is no Parquet file or is too long.
    """
    try:
        file = pq.ParquetFile(path)
        if file.metadata.num_rows > MOST_ROWS:
            raise UnusableInput(f"The file has more than {MOST_ROWS:,} rows. Split it by year.")
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise UnusableInput("The Parquet file is damaged and cannot be read. Export it again.") from error
    names: list[str] = []
    codes: list[NDArray[np.int32]] = []
    words: list[list[str]] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_nested(column.type):
            continue
        encoded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
        if pa.types.is_dictionary(column.type):
            encoded = pc.dictionary_encode(column.cast(column.type.value_type).combine_chunks(), null_encoding="encode")
        array = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        names.append(str(name))
        codes.append(np.asarray(array.indices, np.int32))
        words.append([_word(value) for value in array.dictionary.to_pylist()])
    return names, codes, words


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
