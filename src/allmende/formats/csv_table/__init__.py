"""CSV files: any usual separator and encoding, titles above the table, texts of several lines.

A raw record is the JSON object of one row, column name → cell, so that ``parse`` needs nothing else.
"""

from __future__ import annotations

import csv
import math
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.encoding import TextSource, refuse_other_formats
from allmende.formats.mapping import Proposal, parse_with_mapping, plan_for
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions
from allmende.formats.tabular import Row, Table, find_table, propose_for_table, records_of, with_mapping

NAME: Final = "csv"
VERSION: Final = 1

_SEPARATORS = ";,\t|"
_MAX_LINE = 1 << 20
_MAX_DAMAGES = 200
_GUESS = 1 << 16
_HEAD = 4096


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are a table with separators."""
    name = filename.lower()
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF") or head.lstrip()[:1] in (b"<", b"{", b"["):
        return 0.0
    if head.startswith(b"BEGIN:"):
        return 0.0
    if name.endswith((".csv", ".tsv", ".tab")):
        return 0.95
    lines = head.splitlines()[: -1 if len(head) >= _HEAD else None]
    counts = [[line.count(sign) for line in lines[:20] if line.strip()] for sign in (b";", b",", b"\t", b"|")]
    regular = max((min(count) for count in counts if count), default=0)
    return 0.6 if regular and len(lines) > 1 else 0.2 if name.endswith(".txt") else 0.05


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Raw records, one for each row; without a mapping in ``options`` one is proposed."""
    if options.mapping is None:
        options = with_mapping(options, propose(stream, options))
    plan = plan_for(options)
    problems: deque[Problem] = deque()
    source, table = _open(stream, problems)
    for item in records_of(table, plan, note_short=True):
        while problems:
            yield problems.popleft()
        yield item
    yield from problems
    yield from source.notes


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one row by the mapping of ``options``."""
    return parse_with_mapping(raw, options)


def propose(stream: BinaryIO, options: ReadOptions) -> Proposal:
    """A mapping proposed from the names of the columns and the first rows; the stream stands at its beginning again."""
    try:
        return propose_for_table(_open(stream, deque())[1], options)
    finally:
        stream.seek(0)


def resolve_mapping(stream: BinaryIO, options: ReadOptions) -> dict[str, object]:
    """The mapping to read this delivery with: that of ``options``, else a proposed one."""
    return dict(options.mapping) if options.mapping is not None else propose(stream, options).mapping


def _open(stream: BinaryIO, problems: deque[Problem]) -> tuple[TextSource, Table]:
    source = TextSource(stream)
    refuse_other_formats(source.start, "CSV")
    lines = _Lines(source, problems)
    refuse_other_formats(lines.start(400).encode("utf-8", "replace"), "CSV")
    start = lines.start(_GUESS)
    if start[:4].lower() == "sep=" and start[4:5] in _SEPARATORS:
        separator = start[4]
        next(lines, None)
    else:
        separator = guess_separator(start)
    return source, find_table(_rows(lines, separator, problems))


def open_table(stream: BinaryIO) -> tuple[Table, deque[Problem]]:
    """The table with its rows as they stand, without any mapping; problems are added while the rows are taken."""
    problems: deque[Problem] = deque()
    source, table = _open(stream, problems)
    problems.extend(source.notes)
    return table, problems


def guess_separator(text: str) -> str:
    """The separator that cuts the first lines into the most columns of the most regular number."""
    best, most = ",", 0.0
    for separator in _SEPARATORS:
        widths: list[int] = []
        try:
            reader = csv.reader(text.splitlines(keepends=True)[:100], delimiter=separator)
            widths = [len(row) for row in reader if row]
        except csv.Error:
            pass
        usual = max(set(widths), key=widths.count, default=1)
        score = widths.count(usual) / len(widths) * math.log(usual) if widths else 0.0
        score *= 1.5 if widths and widths[0] == usual else 1.0  # names hold no separators, texts do
        if score > most:
            best, most = separator, score
    return best


def _rows(lines: _Lines, separator: str, problems: deque[Problem]) -> Iterator[Row]:
    """Rows with their number; where a quotation mark is never closed, reading goes on at the next line."""
    number = 0
    damages = 0
    while True:
        reader = csv.reader(lines, delimiter=separator)
        try:
            for cells in reader:
                number += 1 + lines.left_out
                lines.left_out = 0
                lines.taken.clear()
                yield number, cells
            return
        except csv.Error as error:
            number += 1
            damages += 1
            problems.append(
                Problem(
                    f"row {number}, line {lines.number - len(lines.taken) + 1}",
                    f"The row cannot be read ({str(error)[:60]}); a quotation mark that is never closed, or a cell "
                    "longer than 131,072 characters. Correct it at the source.",
                    "bad-row",
                )
            )
            if damages >= _MAX_DAMAGES:
                problems.append(
                    Problem(f"row {number}", "Too many rows are damaged; the rest was not read.", "bad-file")
                )
                return
            lines.resume()


class _Lines(Iterator[str]):
    """Lines of the source; those of the row at hand are remembered, to start again behind a damaged one."""

    def __init__(self, source: TextSource, problems: deque[Problem]) -> None:
        self.number = 0
        self.left_out = 0
        self.taken: list[str] = []
        self._source = source
        self._problems = problems
        self._text = ""
        self._pos = 0
        self._ready: deque[str] = deque()
        self._ended = False

    def start(self, length: int) -> str:
        """The first characters, without taking them."""
        while len(self._text) < length and self._more():
            pass
        return self._text[:length]

    def resume(self) -> None:
        """Give back all lines of the row at hand but its first."""
        again = self.taken[1:]
        self.number -= len(again)
        self._ready.extendleft(reversed(again))
        self.taken = []

    def __next__(self) -> str:
        line = self._ready.popleft() if self._ready else self._read_line()
        self.number += 1
        self.taken.append(line)
        return line

    def _read_line(self) -> str:
        while True:
            end = self._text.find("\n", self._pos)
            if end >= 0:
                line = self._text[self._pos : end + 1]
                self._pos = end + 1
                return line
            if len(self._text) - self._pos > _MAX_LINE:
                self._skip_line()
            elif not self._more():
                line, self._text, self._pos = self._text[self._pos :], "", 0
                if not line:
                    raise StopIteration
                return line

    def _skip_line(self) -> None:
        self.number += 1
        self.left_out += 1
        self._problems.append(
            Problem(
                f"line {self.number}", "The line is longer than a million characters; it was left out.", "long-line"
            )
        )
        while True:
            end = self._text.find("\n", self._pos)
            if end >= 0:
                self._pos = end + 1
                return
            self._pos = len(self._text)
            if not self._more():
                return

    def _more(self) -> bool:
        piece = "" if self._ended else self._source.read()
        if not piece:
            self._ended = True
            return False
        if piece.endswith("\r"):
            piece += self._source.read()
        piece = piece.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        self._text = self._text[self._pos :] + piece
        self._pos = 0
        return True
