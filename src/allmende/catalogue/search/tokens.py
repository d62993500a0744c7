"""Words as they are compared: folded and stemmed the same way for the index and for the query.

Both databases get finished tokens, so that no tokenizer, dictionary or locale of theirs can make a difference.
A stem is taken from the *folded* word: ``musees`` typed without accents must meet ``musées`` in the text.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from itertools import chain, islice, product

import Stemmer


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STEM = "~"
"""Stands before a stem, which is no word."""
LONGEST = 64
"""Longer words are cut: PostgreSQL refuses lexemes above 2 kB, and nobody types them."""
STEMMED = {"de": "german", "sv": "swedish", "da": "danish", "nl": "dutch", "fr": "french", "en": "english"}
_CACHED = 60_000
# Two fifths of running text, and nothing a guest looks for: not indexed in long texts, not insisted on in a query.
# As written, so that "thé" is not "the".
FILLERS = _set(
    """
    der die das den dem des ein eine einen einem einer eines und oder in im am an auf aus bei mit nach von vom zu zum zur für
    ist sind wird werden auch als es sich
    den det en ett och eller i på av för från med om som till vid att är
    de et af fra til ved og er at
    het een of op aan van voor met bij naar uit te tot ten ter is zijn wordt worden ook dat die
    le la les un une des du de et ou en au aux dans sur pour par avec ce ces cette à est sont qui que se sa son ses
    the a an and or on for from with by to are it its this that
    il lo gli della del dei di e nel con per
    """
)
_WORD = re.compile(r"[^\W_]+['’ʼ]?")
_COMPOUND = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)+")
# French, Italian and Catalan join the article to the word; the guest does not type it.
_ELIDED = _set("c d j l m n s t qu jusqu lorsqu puisqu quoiqu dell all nell dall sull")
# Soft hyphens and zero-width signs stand inside words; U+0307 is what Turkish İ leaves behind in lower case.
_INVISIBLE = dict.fromkeys([0x00AD, 0x0307, 0x200B, 0x200C, 0x200D, 0x2060])
# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
# One sound, several spellings: what stands for the key in an index of folded words.
_SPELLINGS = {
    "ue": ("ue", "u"),
    "oe": ("oe", "o"),
    "ae": ("ae", "a"),
    "aa": ("aa", "a"),
    "ü": ("u", "ue"),
    "ö": ("o", "oe"),
    "ä": ("a", "ae"),
    "ø": ("o", "oe"),
    "œ": ("oe", "o"),
    "æ": ("ae", "a"),
    "å": ("a", "aa"),
}
_SPELLED = re.compile("|".join(_SPELLINGS))


class _Chunks(dict[str, tuple[str, ...]]):
    """What stands between two spaces, as written -> its folded words.

    Looking up whole chunks with their capitals and commas is what makes indexing fast: nearly all have been seen before.
    """

    def __init__(self, left_out: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._left_out = left_out

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if len(self) >= _CACHED:
            _CHUNKS.clear()
            _LONG_CHUNKS.clear()
            _SHOWN.clear()
        words = []
        # Most chunks that are new are a plain word or a number, of which nothing has to be cut off.
        for written in [chunk.lower()] if chunk.isascii() and chunk.isalnum() else spelled(chunk):
            if written not in self._left_out and (word := fold_word(written)):
                words.append(word)
                if word not in _SHOWN or _SHOWN[word].isascii():
                    _SHOWN[word] = written.rstrip("'’ʼ")[:LONGEST]
        found = tuple(words)
        if len(chunk) <= LONGEST:
            self[chunk] = found
        return found


class _Stems(dict[str, str]):
    """Folded word -> marked stem in one language, or ``""`` when the stem says nothing more than the word."""

    def __init__(self, algorithm: str) -> None:
        super().__init__()
        self._stemmer = Stemmer.Stemmer(algorithm, 0)
        self._lock = threading.Lock()  # a Snowball stemmer works in place

    def __missing__(self, word: str) -> str:
        stem = word
        if len(word) > 3:
            with self._lock:
                stem = self._stemmer.stemWord(word)
        if len(self) >= _CACHED:
            self.clear()
        self[word] = stem = "" if stem == word or len(stem) < 2 else STEM + stem
        return stem


def fold(text: str) -> str:
    """One string, lower-case and without marks; everything else stays.

    >>> fold("Führung im Ærø-Museum")
    'fuhrung im aero-museum'
    """
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS)).translate(_LETTERS)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def fold_word(word: str) -> str:
    """The folded form of one word as :func:`spelled` gives it; ``""`` for an elided article (``l'``), which is left out."""
    bare = word.rstrip("'’ʼ")
    if bare != word and bare in _ELIDED:
        return ""
    if not bare.isascii():
        bare = "".join(letter for letter in fold(bare) if letter.isalnum())
    return bare[:LONGEST]


def spelled(text: str) -> list[str]:
    """The words of a text in lower case, as written, each with the apostrophe that follows it."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return _WORD.findall(text)


def tokenize(text: str) -> list[str]:
    """The folded words of a text, in order.

    >>> tokenize("L'été à Saint-Gaudens")
    ['ete', 'a', 'saint', 'gaudens']
    """
    return list(chain.from_iterable(map(_CHUNKS.__getitem__, text.split())))


def tokenize_long(text: str) -> list[str]:
    """Like :func:`tokenize`, without :data:`FILLERS`."""
    return list(chain.from_iterable(map(_LONG_CHUNKS.__getitem__, text.split())))


def shown(word: str) -> str:
    """A folded word as the texts tokenized lately write it, accents and all: for "did you mean"."""
    return _SHOWN.get(word, word)


def joined(text: str) -> list[str]:
    """Compounds written with hyphens, as one word: ``E-Bike`` is also asked for as ``ebike``."""
    if "-" not in text and "‐" not in text and "‑" not in text:
        return []
    return ["".join(tokenize(compound))[:LONGEST] for compound in _COMPOUND.findall(text)]


def stems(text: str, language: str) -> list[str]:
    """The stems of the words of a text that differ from the words; empty for a language without a stemmer."""
    return [stem[1:] for stem in marked_stems(tokenize(text), language)]


def marked_stems(words: list[str], language: str) -> list[str]:
    """Like :func:`stems`, for words already folded, each stem after its mark."""
    table = _STEMS.get(language[:2])
    return [] if table is None else list(filter(None, map(table.__getitem__, words)))


def stems_anywhere(word: str, language: str) -> list[str]:
    """A folded word's stem in every language, ``language`` first: a guest may ask in French for a German text."""
    tables = [_STEMS[language[:2]]] if language[:2] in _STEMS else []
    found = [table[word][1:] for table in [*tables, *_STEMS.values()]]
    return list(dict.fromkeys(filter(None, found)))


def spellings(word: str) -> list[str]:
    """The folded forms under which a typed word may stand in the index, the plain one first, at most eight.

    >>> spellings("fuehrung")
    ['fuehrung', 'fuhrung']
    """
    word = "".join(spelled(word)).rstrip("'’ʼ")
    parts = _SPELLED.split(word)
    gaps = [_SPELLINGS[found] for found in _SPELLED.findall(word)]
    built = ("".join(a + b for a, b in zip(parts, (*choice, ""), strict=True)) for choice in islice(product(*gaps), 8))
    forms = [fold_word(word), *map(fold_word, built)]
    return list(dict.fromkeys(filter(None, forms)))[:8]


_SHOWN: dict[str, str] = {}
_CHUNKS = _Chunks()
_LONG_CHUNKS = _Chunks(FILLERS)
_STEMS = {language: _Stems(algorithm) for language, algorithm in STEMMED.items()}
