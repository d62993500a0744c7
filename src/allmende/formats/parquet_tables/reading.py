"""Any Parquet file as columns of words: each column is a list of different texts and the number of one for each row.

A small file can unpack to any size: a text of a megabyte that a million rows name once each, or a column that repeats one
number.  So the sizes that the file states are looked at before anything is decoded, columns are decoded one by one and group
by group, texts stay a dictionary, and what was decoded is counted on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from allmende.formats.records import UnusableInput

MOST_ROWS: Final = 20_000_000
MOST_CELLS: Final = 200_000_000
MOST_BYTES: Final = 1 << 30
"""Of the file without its packing, as it states it itself; and of one column of texts written out row by row."""
MOST_WORDS: Final = 256 << 20
"""Bytes of the different texts of one column."""
_WORD_ITSELF: Final = 50
"""Bytes that a text takes beside its letters."""
_FIXED: Final = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}
Encoded = tuple[list[str], list[NDArray[np.int32]], list[list[str]]]


def read_encoded(path: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> Encoded:
    """Names of the columns, number of the word for each row (int32), and the words; nulls are the word ``""``.

    Times are ISO 8601 (with their zone, if they have one), whole numbers are written without a point.  ``progress`` is
    told how many of the columns are read, and of how many.
    Raises :class:`UnusableInput` for what is no Parquet file, is too long, or unpacks to too much.
    """
    try:
        metadata = pq.read_metadata(path)
        texts = _checked(metadata)
        file = pq.ParquetFile(path, read_dictionary=texts)
        return _read(file, progress)
    except (pa.ArrowException, OSError) as error:
        raise UnusableInput("The Parquet file is damaged and cannot be read. Export it again.") from error


def _checked(metadata: pq.FileMetaData) -> list[str]:
    """The columns of texts that can stay a dictionary; refuses what states that it is too large."""
    if metadata.num_rows > MOST_ROWS:
        raise UnusableInput(f"The file has more than {MOST_ROWS:,} rows. Split it by year.")
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [[group.column(at) for group in groups] for at in range(metadata.num_columns)]
    stated = sum(chunk.total_uncompressed_size for column in chunks for chunk in column)
    if stated > MOST_BYTES or metadata.num_rows * metadata.num_columns > MOST_CELLS:
        raise _too_large()
    texts = []
    for at, column in enumerate(chunks):
        leaf = metadata.schema.column(at)
        if leaf.physical_type == "BYTE_ARRAY":
            if not any("DELTA" in encoding for chunk in column for encoding in chunk.encodings):
                texts.append(leaf.path)
            # Each text is told by what it shares with the one before: nothing else bounds what they come to.
            elif any(chunk.num_values * chunk.total_uncompressed_size > MOST_BYTES for chunk in column):
                raise _too_large()
        width = leaf.length if leaf.physical_type == "FIXED_LEN_BYTE_ARRAY" else _FIXED.get(leaf.physical_type, 0)
        if width * metadata.num_rows > MOST_BYTES:
            raise _too_large()
    return texts


def _too_large() -> UnusableInput:
    return UnusableInput(
        f"The Parquet file unpacks to more than {MOST_BYTES >> 20} MB. Split it by year, or leave columns out."
    )


def _read(file: pq.ParquetFile, progress: Callable[[int, int], None]) -> Encoded:
    names: list[str] = []
    codes: list[NDArray[np.int32]] = []
    words: list[list[str]] = []
    schema = file.schema_arrow
    seen: dict[str, int] = {}
    for number, field in enumerate(schema):
        place = seen.get(field.name, 0)
        seen[field.name] = place + 1
        progress(number, len(schema))
        if pa.types.is_nested(field.type):
            continue
        found, those = _column(file, field.name, place)
        names.append(str(field.name))
        codes.append(found)
        words.append(those)
    return names, codes, words


def _column(file: pq.ParquetFile, name: str, place: int) -> tuple[NDArray[np.int32], list[str]]:
    """The column of that name (the ``place``-th, where several are called so), group by group."""
    number: dict[str, int] = {}
    parts: list[NDArray[np.int32]] = []
    weight = written_out = 0
    for group in range(file.metadata.num_row_groups):
        table = file.read_row_group(group, columns=[name])
        for chunk in table.column(table.schema.get_all_field_indices(name)[place]).chunks:
            array = chunk if pa.types.is_dictionary(chunk.type) else pc.dictionary_encode(chunk)
            if array.dictionary.nbytes > MOST_WORDS:
                raise _too_many_words(name)
            those = list(map(_word, array.dictionary.to_pylist()))
            if array.indices.null_count:
                those.append("")  # for what is not there
            new = [word for word in dict.fromkeys(those) if word not in number]
            weight += sum(len(word) + _WORD_ITSELF for word in new)
            number.update({word: at for at, word in enumerate(new, len(number))})
            indices = np.asarray(array.indices.fill_null(max(0, len(those) - 1)), np.int64)
            lengths = np.array([len(word) for word in those], np.int64)
            written_out += int(lengths[indices].sum())
            if weight > MOST_WORDS or written_out > MOST_BYTES:
                raise _too_many_words(name)
            parts.append(np.array([number[word] for word in those], np.int32)[indices])
    return np.concatenate(parts) if parts else np.zeros(0, np.int32), list(number)


def _too_many_words(name: str) -> UnusableInput:
    return UnusableInput(
        f"The words of column “{name[:40]}” unpack to more than {MOST_WORDS >> 20} MB. Leave it out, or split the file."
    )


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
