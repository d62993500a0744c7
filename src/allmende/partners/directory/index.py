"""An inverted index over rows with facts and words, in memory.  It knows nothing of Django.

``put`` replaces a row, ``drop`` takes it out.  A word stands for all rows that have it, or a word that begins with it, or,
where there is none, that contains it, or that it was probably meant to be.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from allmende.partners.directory import bits

MOST_FORMS: Final = 400
"""Words that one typed beginning may stand for."""
MOST_INSERTED: Final = 50
"""Up to here new rows are put in their places; with more everything is sorted."""
SHORTEST_INSIDE: Final = 4
"""Letters from which on a word is also looked for inside of longer ones ("museum" in "heimatmuseum")."""


@dataclass(slots=True)
class Row:
    """What the index holds of a row."""

    key: int
    version: tuple[Any, ...]
    """Changes when the row does."""
    sort_key: str
    facts: Mapping[str, Sequence[str]]
    """Facet -> values."""
    fields: tuple[frozenset[str], frozenset[str], frozenset[str]]
    """Words of the name, of what is offered, and of the texts: a hit in an earlier one counts more."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a typed word was taken for."""

    tiers: tuple[int, int, int]
    """Rows by field."""
    corrected: str = ""

    @property
    def rows(self) -> int:
        return self.tiers[0] | self.tiers[1] | self.tiers[2]


@dataclass(slots=True)
class Index:
    """All rows; numbers of rows that went are used again."""

    rows: dict[int, Row] = field(default_factory=dict)
    """Number -> row."""
    numbers: dict[int, int] = field(default_factory=dict)
    """Key -> number."""
    everything: int = 0
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    words: tuple[dict[str, int], dict[str, int], dict[str, int]] = field(default_factory=lambda: ({}, {}, {}))
    vocabulary: list[str] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    """Numbers by ``sort_key``."""
    _free: list[int] = field(default_factory=list)

    def put_all(self, rows: Iterable[Row]) -> None:
        """Take in rows, new or again."""
        posted: list[tuple[dict[str, int], dict[str, list[int]]]] = [(table, {}) for table in self.words]
        facets: dict[str, dict[str, list[int]]] = {}
        fresh = []
        for row in rows:
            self.drop(row.key)
            fresh.append(row.key)
            number = self._free.pop() if self._free else len(self.rows)
            self.rows[number], self.numbers[row.key] = row, number
            for (_, lists), words in zip(posted, row.fields, strict=True):
                for word in words:
                    lists.setdefault(word, []).append(number)
            for facet, values in row.facts.items():
                of_facet = facets.setdefault(facet, {})
                for value in values:
                    of_facet.setdefault(value, []).append(number)
        self._post(posted, facets)
        numbers = [self.numbers[key] for key in fresh]
        self.everything |= _mask(numbers)
        added = set(numbers)
        order = [number for number in self.order if number in self.rows and number not in added]
        if len(numbers) > MOST_INSERTED:
            self.order = sorted([*order, *numbers], key=self._place)
        else:
            for number in numbers:
                insort(order, number, key=self._place)
            self.order = order

    def _place(self, number: int) -> tuple[str, int]:
        row = self.rows[number]
        return row.sort_key, row.key

    def _post(
        self,
        posted: list[tuple[dict[str, int], dict[str, list[int]]]],
        facets: dict[str, dict[str, list[int]]],
    ) -> None:
        fresh: set[str] = set()
        for table, lists in posted:
            for word, numbers in lists.items():
                if not any(word in one for one in self.words):
                    fresh.add(word)
                table[word] = table.get(word, 0) | _mask(numbers)
        if len(fresh) > MOST_INSERTED:
            self.vocabulary = sorted({*self.vocabulary, *fresh})
        else:
            for word in fresh:
                insort(self.vocabulary, word)
        for facet, values in facets.items():
            of_facet = self.facets.setdefault(facet, {})
            for value, numbers in values.items():
                of_facet[value] = of_facet.get(value, 0) | _mask(numbers)

    def drop(self, key: int) -> None:
        """Take a row out, if it is there."""
        number = self.numbers.pop(key, None)
        if number is None:
            return
        row, without = self.rows.pop(number), ~(1 << number)
        self._free.append(number)
        self.everything &= without
        for table, words in zip(self.words, row.fields, strict=True):
            for word in words:
                left = table[word] & without
                if left:
                    table[word] = left
                else:
                    del table[word]
                    if not any(word in one for one in self.words):
                        del self.vocabulary[bisect_left(self.vocabulary, word)]
        for facet, values in row.facts.items():
            for value in values:
                left = self.facets[facet][value] & without
                if left:
                    self.facets[facet][value] = left
                else:
                    del self.facets[facet][value]

    def meant(self, word: str) -> Meant:
        """The rows that a typed word stands for."""
        forms = self._beginning_with(word) or self._beginning_with(_without_umlauts(word))
        if not forms and len(word) >= SHORTEST_INSIDE:
            forms = [one for one in self.vocabulary if word in one][:MOST_FORMS]
        corrected = ""
        if not forms and (corrected := self._near(word)):
            forms = [corrected]
        tiers = [0, 0, 0]
        for form in forms:
            for place, table in enumerate(self.words):
                tiers[place] |= table.get(form, 0)
        return Meant((tiers[0], tiers[1], tiers[2]), corrected)

    def _beginning_with(self, word: str) -> list[str]:
        found: list[str] = []
        for place in range(bisect_left(self.vocabulary, word), len(self.vocabulary)):
            if not self.vocabulary[place].startswith(word) or len(found) == MOST_FORMS:
                break
            found.append(self.vocabulary[place])
        return found

    def _near(self, word: str) -> str:
        """The nearest word: one letter off, two in longer words; the most frequent among equals."""
        if len(word) < 4:
            return ""
        edits = 1 if len(word) < 8 else 2
        near = process.extract(
            word, self.vocabulary, scorer=DamerauLevenshtein.distance, score_cutoff=edits, limit=None
        )
        how_many = {form: sum(table.get(form, 0).bit_count() for table in self.words) for form, _, _ in near}
        return min(near, key=lambda hit: (hit[1], hit[0][0] != word[0], -how_many[hit[0]], hit[0]))[0] if near else ""

    def search(self, words: Sequence[str]) -> tuple[list[int], list[tuple[str, str]]]:
        """Sets of rows in tiers, the best first, without overlap, and (typed, taken for) of corrected words.

        First: all words in the name; then all in name or offers; then all anywhere.
        """
        meant = [self.meant(word) for word in words]
        corrected = [(word, one.corrected) for word, one in zip(words, meant, strict=True) if one.corrected]
        tiers, seen = [], 0
        for depth in (1, 2, 3):
            rows = self.everything
            for one in meant:
                of_word = 0
                for tier in one.tiers[:depth]:
                    of_word |= tier
                rows &= of_word
            tiers.append(rows & ~seen)
            seen |= rows
        return tiers, corrected


def _without_umlauts(word: str) -> str:
    """A word whose umlauts were written out ("foerderung"), as the index has it."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _mask(numbers: list[int]) -> int:
    """The set of some rows; many at once are written into bytes first, which is far quicker."""
    if len(numbers) < 8:
        return bits.of(numbers)
    data = bytearray(max(numbers) // 8 + 1)
    for number in numbers:
        data[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(data, "little")
