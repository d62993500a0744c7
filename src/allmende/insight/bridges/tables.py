"""Files of figures as columns: CSV, XLSX and Parquet alike, each column as different words and their numbers."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from allmende.formats import csv_table, xlsx_table
from allmende.formats.parquet_tables.reading import read_encoded
from allmende.formats.records import Problem, UnusableInput
from allmende.formats.tabular import Table

Codes = NDArray[np.int32]
MOST_ROWS: Final = 5_000_000
TOLD_EVERY: Final = 10_000
Progress = Callable[[str, int, int], None]
PARQUET: Final = b"PAR1"
WORKBOOK: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Columns:
    """A table by columns.  A column of a million rows has few different words: what is understood of a word once, holds
    for all its rows."""

    headers: list[str]
    rows: NDArray[np.int64]
    """Number of each row, as a spreadsheet shows it."""
    codes: list[Codes]
    """For each column the number of the word in each row."""
    words: list[list[str]]
    """For each column its different words, trimmed."""
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def samples(self, column: int, n: int = 3) -> list[str]:
        """The first different words of a column that are not empty."""
        return [word for word in self.words[column] if word][:n]


def read_columns(path: Path, progress: Progress = lambda step, done, total: None) -> Columns:
    """The table in a file; raises :class:`UnusableInput` for what holds none.  ``progress`` hears of the rows read."""
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(0)
        if head == PARQUET:
            headers, codes, words = read_encoded(path, lambda done, total: progress("reading", done, total))
            rows = np.arange(1, 1 + (len(codes[0]) if codes else 0), dtype=np.int64)
            return Columns(list(map(_plain, headers)), rows, codes, [list(map(_plain, column)) for column in words])
        if head == WORKBOOK:
            with xlsx_table.open_table(stream) as table:
                return _encoded(table, deque(), progress)
        table, problems = csv_table.open_table(stream)
        return _encoded(table, problems, progress)


def read_text_columns(stream: BinaryIO) -> Columns:
    """The table in CSV that was cut out of a file."""
    table, problems = csv_table.open_table(stream)
    return _encoded(table, problems, lambda _step, _done, _total: None)


def _encoded(table: Table, problems: deque[Problem], progress: Progress) -> Columns:
    width = len(table.headers)
    index: list[dict[Any, int]] = [{} for _ in range(width)]
    codes = [array("i") for _ in range(width)]
    numbers = array("q")
    for number, cells in table.rows:
        got = len(cells)
        if got > width:
            if any(_is_there(cell) for cell in cells[width:]):
                problems.append(
                    Problem(
                        f"row {number}",
                        f"The row has {got} cells and the table {width} columns. Put quotation marks around texts that "
                        "hold the separator.",
                        "long-row",
                    )
                )
                continue
            cells = cells[:width]
        if not any(map(_is_there, cells)):
            continue
        if len(numbers) >= MOST_ROWS:
            raise UnusableInput(f"The table has more than {MOST_ROWS:,} rows. Split it by year, or send it as Parquet.")
        numbers.append(number)
        if not len(numbers) % TOLD_EVERY:
            progress("reading", len(numbers), 0)
        for at, cell in enumerate(_padded(cells, width)):
            known = index[at]
            codes[at].append(known.setdefault(cell, len(known)))
    return Columns(
        list(map(_plain, table.headers)),
        np.frombuffer(numbers, np.int64).copy() if numbers else np.zeros(0, np.int64),
        [np.frombuffer(column, np.int32).copy() if column else np.zeros(0, np.int32) for column in codes],
        [["" if word is None else _plain(str(word)) for word in known] for known in index],
        list(problems)[:1000],
    )


def _plain(word: str) -> str:
    """Without blanks around it, and without NUL, which PostgreSQL keeps in no text."""
    return word.replace("\0", "").strip()


def _padded(cells: Any, width: int) -> Iterable[Any]:
    return cells if len(cells) == width else [*cells, *[""] * (width - len(cells))]


def _is_there(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


__all__ = ["Columns", "Problem", "UnusableInput", "read_columns", "read_text_columns"]
