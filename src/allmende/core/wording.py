"""Two wordings side by side: which words went, which came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS: Final = 4000
"""Beyond, texts are compared as a whole: the effort grows with the square of their length."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; ``is_marked``: it stands on this side only."""

    text: str
    is_marked: bool


def side_by_side(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The two texts in pieces; what is the same in both is not marked."""
    left, right = _WORD.findall(before), _WORD.findall(after)
    if before == after:
        return ([Piece(before, False)] if before else []), ([Piece(after, False)] if after else [])
    if len(left) + len(right) > MOST_WORDS:
        return [Piece(before, True)], [Piece(after, True)]
    old: list[Piece] = []
    new: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if a != b:
            old.append(Piece("".join(left[a:b]), kind != "equal"))
        if c != d:
            new.append(Piece("".join(right[c:d]), kind != "equal"))
    return _joined(old), _joined(new)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Marked pieces with nothing but space between them become one: a screen reader says each of them once."""
    found: list[Piece] = []
    for piece in pieces:
        if len(found) > 1 and piece.is_marked and not found[-1].text.strip() and found[-2].is_marked:
            space = found.pop()
            found[-1] = Piece(found[-1].text + space.text + piece.text, True)
        else:
            found.append(piece)
    return found
