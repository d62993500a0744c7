"""The word that was probably meant.

A word with one wrong, missing, doubled or swapped letter still begins or ends as it should; so does one with two, unless
it is wrong at both ends.  Two ordinary indexes, on the words and on the words read backwards, give the few candidates.
(Trigrams find too little for four letters and too much for twelve, and PostgreSQL needs an extension for them.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allmende.catalogue.search import query
from allmende.catalogue.search.ranking import matches
from allmende.catalogue.search.values import Backend, Group

SHORTEST = 4
_PROBED = 12
"""Candidates of equal distance whose frequency is looked up."""
_FREQUENT = 200
"""Words in more documents than this are equally frequent."""


@dataclass(frozen=True, slots=True)
class _Reach:
    edits: int
    start: int
    """Letters at the start that candidates share, if they do not share the end."""
    end: int


def _reach(length: int) -> _Reach:
    if length >= 8:
        return _Reach(2, 3, 3)
    # start + end < length, or swapped letters in the middle would spoil both
    return _Reach(1, *{4: (2, 1), 5: (2, 2), 6: (3, 2), 7: (3, 3)}[length])


def correct(
    backend: Backend, word: query.Word, without: Group, kinds: Sequence[int], language: str
) -> query.Word | None:
    """The nearest word that documents hold, the most frequent among equals, or None."""
    length = len(word.folded)
    if length < SHORTEST:
        return None
    reach = _reach(length)
    sizes = range(max(length - reach.edits, SHORTEST), length + reach.edits + 1)
    from rapidfuzz import process  # this module comes with the index, but imports correct no typos
    from rapidfuzz.distance import DamerauLevenshtein  # the same library

    written = dict(backend.near(word.folded[: reach.start], word.folded[-reach.end :], sizes))
    close = process.extract(
        word.folded, list(written), scorer=DamerauLevenshtein.distance, score_cutoff=reach.edits, limit=None
    )
    for distance in range(1, reach.edits + 1):
        equals = sorted(
            (term for term, far, _ in close if far == distance), key=lambda term: _unlike(term, word.folded)
        )
        counted = []
        for term in equals[:_PROBED]:
            candidate = query.word(backend, written[term] or term, language, prefix=False)
            if count := matches(backend, candidate, without, kinds, _FREQUENT):
                counted.append((-count, _unlike(term, word.folded), candidate))
        if counted:
            return min(counted, key=lambda entry: entry[:2])[2]
    return None


def _unlike(term: str, typed: str) -> tuple[bool, bool, str]:
    """Order among equals: people rarely miss the first letter, and seldom the number of letters."""
    return term[0] != typed[0], len(term) != len(typed), term
