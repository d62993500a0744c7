"""Where a text holds what was searched for, so that a page can mark it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from allmende.catalogue.search import tokens

_WORD = re.compile(r"[^\W_]+")


def spans(text: str, terms: Sequence[str], language: str) -> list[tuple[int, int]]:
    """(start, end) of the words of ``text`` that are, begin with, or share a stem with one of ``Hits.terms``."""
    wanted = tuple(terms)
    stems = {stem for term in terms for stem in [term, *tokens.stems_anywhere(term, language)]}
    found = []
    for match in _WORD.finditer(text):
        word = tokens.fold_word(match[0].lower())
        if wanted and (word.startswith(wanted) or not stems.isdisjoint(tokens.stems(word, language) or [word])):
            found.append(match.span())
    return found
