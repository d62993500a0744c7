"""From a document to the tokens that are indexed.

Every occurrence of a word in the text is indexed plainly and in order, so that phrases can be found.  What a word is worth
is told by further tokens with a mark, which cost one look-up each however large the catalogue is: ``.word`` stands in the
title, ``,word`` (or its stem) in the keywords; ``=stem`` is the stem of a word in the title, ``~stem`` of one in the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from allmende.catalogue.search import tokens
from allmende.catalogue.search.values import Doc, Row, Texts, join_key

TITLE, KEYWORD, TITLE_STEM, STEM = ".", ",", "=", tokens.STEM
GAP = "."
"""Keeps phrases from running from one field into the next."""
_MOST_WORDS = 12_000
"""Of one text; PostgreSQL holds at most 1 MB and 16,383 positions for a document."""
_MOST_SIGNS = 200_000


def _pairs(texts: Texts, language: str) -> Sequence[tuple[str, str]]:
    return ((language, texts),) if isinstance(texts, str) else texts


def _label(titles: Sequence[tuple[str, str]]) -> str:
    """Titles as written, one a line after their language; what no database or page could hold is dropped."""
    clean = [
        (language, title[:300].encode("utf-8", "ignore").decode().replace("\0", " ")) for language, title in titles
    ]
    return "\n".join([f"{language}\t{' '.join(title.split())}" for language, title in clean])


def titles_of(label: str) -> dict[str, str]:
    """Language -> title, from the stored label."""
    return dict(line.split("\t", 1) for line in label.split("\n") if "\t" in line)


def prepare(doc: Doc) -> Row:
    """The tokens of a document."""
    running: list[str] = []
    extras: set[str] = set()
    size = 0
    titles = _pairs(doc.title, doc.language)
    for language, text in titles:
        words = tokens.tokenize(text[:_MOST_SIGNS])[:_MOST_WORDS]
        if not words:
            continue
        size = min(size, len(words)) or len(words)
        if compounds := tokens.joined(text):
            running += compounds
            running.append(GAP)
            extras.update([TITLE + word for word in compounds])
        extras.update([TITLE + word for word in words])
        _add(running, extras, words, language, TITLE_STEM)
    for language, text in _pairs(doc.keywords, doc.language):
        words = tokens.tokenize(text[:_MOST_SIGNS])[:_MOST_WORDS]
        extras.update([KEYWORD + word for word in words])
        _add(running, extras, words, language, KEYWORD)
    for language, text in _pairs(doc.body, doc.language):
        words = tokens.tokenize_long(text[:_MOST_SIGNS])[:_MOST_WORDS]
        running += words
        running.append(GAP)
        extras.update(tokens.marked_stems(words, language))
    return Row(join_key((doc.kind, doc.id)), size, _label(titles), running, list(extras))


def _add(running: list[str], extras: set[str], words: list[str], language: str, mark: str) -> None:
    """Add the words of a short text, and its stems with the field's own mark."""
    running += words
    running.append(GAP)
    extras.update([mark + stem[1:] for stem in tokens.marked_stems(words, language)])


def vocabulary(rows: Sequence[Row]) -> set[str]:
    """The distinct words of some documents."""
    found = set(chain.from_iterable(row.words for row in rows))
    found.discard(GAP)
    return found
