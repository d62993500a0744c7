"""From a document to the tokens that are indexed.

Every occurrence of a word in the text is indexed plainly and in order, so that phrases can be found.  What a word is worth
is told by further tokens with a mark, which cost one look-up each however large the catalogue is: ``.word`` stands in the
title, ``,word`` (or its stem) in the keywords, ``~stem`` is the stem of a word anywhere, ``=stem`` of a word in the title,
and ``.whole.title.`` is the title itself.
"""

from __future__ import annotations

from itertools import chain

from allmende.catalogue.search import tokens
from allmende.catalogue.search.values import Doc, Row, Texts, join_key

TITLE, KEYWORD, STEM, TITLE_STEM = ".", ",", "~", "="
GAP = "."
"""Keeps phrases from running from one field into the next."""
_MOST_WORDS = 12_000
"""Of one text; PostgreSQL holds at most 1 MB and 16,383 positions for a document."""
_MOST_SIGNS = 200_000


def whole_title(words: list[str]) -> str:
    """The token of a title that consists of these words."""
    return TITLE + ".".join(words)[: tokens.LONGEST * 3] + "."


def _pairs(texts: Texts, language: str) -> list[tuple[str, str]]:
    return [(language, texts)] if isinstance(texts, str) else list(texts)


def _label(titles: list[tuple[str, str]]) -> str:
    """Titles as written, one a line after their language; what no database or page could hold is dropped."""
    lines = (f"{language}\t{' '.join(title.replace(chr(0), ' ').split())[:300]}" for language, title in titles)
    return "\n".join(lines).encode("utf-8", "ignore").decode()


def titles_of(label: str) -> dict[str, str]:
    """Language -> title, from the stored label."""
    return dict(line.split("\t", 1) for line in label.split("\n") if "\t" in line)


def prepare(doc: Doc) -> Row:
    """The tokens of a document."""
    running: list[str] = []
    extras: set[str] = set()
    sizes = []
    titles = _pairs(doc.title, doc.language)
    for language, text in titles:
        words = tokens.tokenize(text[:_MOST_SIGNS])[:_MOST_WORDS]
        sizes.append(len(words))
        if words:
            extras.add(whole_title(words))
        words += [GAP, *compounds] if (compounds := tokens.joined(text)) else []
        running += words
        running.append(GAP)
        extras.update([TITLE + word for word in words])
        found = tokens.stems_of(words, language)
        extras.update([TITLE_STEM + stem for stem in found])
        extras.update([STEM + stem for stem in found])
    for language, text in _pairs(doc.keywords, doc.language):
        words = tokens.tokenize(text[:_MOST_SIGNS])[:_MOST_WORDS]
        running += words
        running.append(GAP)
        extras.update([KEYWORD + word for word in words])
        found = tokens.stems_of(words, language)
        extras.update([KEYWORD + stem for stem in found])
        extras.update([STEM + stem for stem in found])
    for language, text in _pairs(doc.body, doc.language):
        words = tokens.tokenize(text[:_MOST_SIGNS])[:_MOST_WORDS]
        running += words
        running.append(GAP)
        extras.update(map(STEM.__add__, tokens.stems_of(words, language)))
    extras.discard(TITLE + GAP)
    size = min(filter(None, sizes), default=0)
    return Row(join_key((doc.kind, doc.id)), size, _label(titles), running, sorted(extras))


def vocabulary(rows: list[Row]) -> set[str]:
    """The distinct words of some documents."""
    found = set(chain.from_iterable(row.words for row in rows))
    found.discard(GAP)
    return found
