"""What goes into the index, what is asked of it, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

Texts = str | Sequence[tuple[str, str]]
"""One text in the document's language, or (language, text) pairs."""
Key = tuple[int, int]
"""(kind, id)."""

ID_BITS = 40
MAX_KIND = 2**20 - 1
MAX_ID = 2**ID_BITS - 1


@dataclass(frozen=True, slots=True)
class Doc:
    """One thing to be found.  ``keywords`` hold what counts nearly as much as a title: category, municipality, venue."""

    kind: int
    id: int
    language: str
    title: Texts
    keywords: Texts = ""
    body: Texts = ""

    def __post_init__(self) -> None:
        if not (0 <= self.kind <= MAX_KIND and 0 <= self.id <= MAX_ID):
            raise ValueError(f"kind must be 0 to {MAX_KIND} and id 0 to {MAX_ID}, not {self.kind} and {self.id}")


@dataclass(frozen=True, slots=True)
class Hits:
    """What a query finds."""

    keys: list[Key] = field(default_factory=list)
    """Best first, at most ``limit``."""
    total: int = 0
    """How many there are; with ``capped``, there are at least so many."""
    capped: bool = False
    corrected: str | None = None
    """The query that was answered instead, because words as typed are nowhere: "did you mean"."""
    relaxed: bool = False
    """Nothing holds all words; these hold most of them."""
    terms: tuple[str, ...] = ()
    """Folded words that were searched for, for :func:`~allmende.catalogue.search.highlight.spans`."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion for a search box: a word (no key) or the title of one thing."""

    text: str
    key: Key | None = None


class Atom(NamedTuple):
    """One token, the beginning of a token, or several tokens in a row."""

    tokens: tuple[str, ...]
    prefix: bool = False


Group = tuple[Atom, ...]
"""Any of these."""


class Match(NamedTuple):
    """Every group, and nothing of ``without``."""

    groups: tuple[Group, ...]
    without: Group = ()


class Form(NamedTuple):
    """A word that may stand in the text, or its beginning."""

    word: str
    prefix: bool = False


class Row(NamedTuple):
    """A document made ready for the index, see ``prepare.py``."""

    key: int
    size: int
    """Words in the (shortest) title."""
    label: str
    words: list[str]
    """The running text: folded words in order, :data:`~allmende.catalogue.search.prepare.GAP` between fields."""
    extras: list[str]
    """Marked tokens, in no order."""


class Backend(Protocol):
    """What a database has to do.  ``low`` and ``high`` are the first and last key that may be found."""

    def match(self, match: Match, low: int, high: int, limit: int) -> list[int]:
        """Keys of ``limit`` documents that match; which ones is open when there are more."""

    def match_many(self, match: Match, low: int, high: int, limit: int) -> list[int]:
        """The same where nearly everything may match; each group's first form is the word as typed."""

    def match_titles(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, int]]:
        """The same with the size of the title."""

    def match_labels(self, match: Match, low: int, high: int, limit: int) -> list[tuple[int, str]]:
        """The same with the titles."""

    def forms(self, beginning: str) -> tuple[list[Form], bool]:
        """The forms that a beginning stands for, and whether rare ones were left out."""

    def near(self, starts: str, ends: str, sizes: Sequence[int]) -> list[tuple[str, str]]:
        """(word, as written) of the vocabulary's words of these lengths that start or end so."""

    def store(self, rows: Sequence[Row]) -> None:
        """Insert or replace; keys are unique within ``rows``."""

    def remove(self, keys: Sequence[int]) -> None: ...

    def clear(self) -> None: ...

    def optimize(self) -> None: ...


def join_key(key: Key) -> int:
    """A key as one number; a kind's keys are contiguous."""
    return key[0] << ID_BITS | key[1]


def split_key(number: int) -> Key:
    return number >> ID_BITS, number & MAX_ID
