"""The language of formulas: numbers, codes of indicators, ``+ - * /``, brackets, and five functions of the months of a year.

``100 * sum(nights) / bed_nights``.  Nothing else is understood: no names of the program, no attributes, no powers.

| function | of the monthly figures of an indicator in one year |
|---|---|
| ``sum(x)`` | their sum |
| ``mean(x)`` | their mean per day |
| ``gini(x)`` | the Gini coefficient of the means per day |
| ``month_ratio(x)`` | the largest mean per day by the mean of them |
| ``redundancy(x)`` | the relative redundancy of the means per day |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 300
DEEPEST: Final = 20
OF_QUARTERS: Final = ("sum", "mean")
"""Those that quarterly figures go into as well: how uneven four quarters are is no season."""
FUNCTIONS: Final = ("sum", "mean", "gini", "month_ratio", "redundancy")
_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z][a-z0-9_]*)|([-+*/()]))")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Code:
    """The figure of an indicator in the period."""

    code: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the monthly figures of an indicator."""

    function: str
    code: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operands with ``+ - *`` or ``/`` between them."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something."""

    of: Node


Node = Number | Code | Call | Pair | Negative


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood."""

    text: str
    root: Node

    def codes(self) -> tuple[str, ...]:
        """The indicators it needs, in the order of the text, each once."""
        return tuple(dict.fromkeys(code for code, _ in self.parts()))

    def parts(self) -> Iterator[tuple[str, str]]:
        """(code, function or "") of everything it takes."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, Code):
                yield node.code, ""
            elif isinstance(node, Call):
                yield node.code, node.function
            elif isinstance(node, Negative):
                waiting.insert(0, node.of)
            elif isinstance(node, Pair):
                waiting[:0] = [node.left, node.right]


@dataclass(frozen=True, slots=True)
class FormulaError:
    """Why a formula is not understood: ``at`` counts characters from 1, ``reason`` is a key, ``word`` what stands there."""

    at: int
    reason: str
    """``long``, ``deep``, ``sign``, ``end``, ``operand``, ``bracket``, ``function``, ``argument``, ``rest``."""
    word: str = ""


class _Stop(Exception):
    def __init__(self, error: FormulaError) -> None:
        super().__init__(error.reason)
        self.error = error


def parse(text: str) -> Formula | FormulaError:
    """The formula that ``text`` says, or where it goes wrong."""
    if len(text) > LONGEST:
        return FormulaError(LONGEST + 1, "long")
    try:
        reader = _Reader(_tokens(text), len(text) + 1)
        root = reader.sum(0)
        if reader.at < len(reader.tokens):
            at, word = reader.tokens[reader.at]
            return FormulaError(at, "rest", word)
    except _Stop as stop:
        return stop.error
    return Formula(text.strip(), root)


def _tokens(text: str) -> list[tuple[int, str]]:
    """(place counted from 1, token)."""
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            skipped = len(text[at:]) - len(text[at:].lstrip())
            raise _Stop(FormulaError(at + skipped + 1, "sign", text[at + skipped]))
        word = match.group(match.lastindex or 0)
        found.append((match.end() - len(word) + 1, word))
        at = match.end()
    return found


class _Reader:
    """Reads tokens by descent; ``depth`` keeps brackets from eating the stack."""

    def __init__(self, tokens: list[tuple[int, str]], end: int) -> None:
        self.tokens, self.at, self.end = tokens, 0, end

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def place(self) -> int:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else self.end

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def sum(self, depth: int) -> Node:
        left = self.product(depth)
        while self.peek() in {"+", "-"}:
            left = Pair(self.take(), left, self.product(depth))
        return left

    def product(self, depth: int) -> Node:
        left = self.operand(depth)
        while self.peek() in {"*", "/"}:
            left = Pair(self.take(), left, self.operand(depth))
        return left

    def operand(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise _Stop(FormulaError(self.place(), "deep"))
        place, word = self.place(), self.take()
        if not word:
            raise _Stop(FormulaError(place, "end"))
        if word == "-":
            return Negative(self.operand(depth + 1))
        if word == "(":
            inner = self.sum(depth + 1)
            self.close()
            return inner
        if word[0].isdigit():
            return Number(float(word))
        if not word[0].isalpha():
            raise _Stop(FormulaError(place, "operand", word))
        if self.peek() != "(":
            return Code(word)
        if word not in FUNCTIONS:
            raise _Stop(FormulaError(place, "function", word))
        self.take()
        place, code = self.place(), self.take()
        if not code or not code[0].isalpha():
            raise _Stop(FormulaError(place, "argument", code))
        self.close()
        return Call(word, code)

    def close(self) -> None:
        place, word = self.place(), self.take()
        if word != ")":
            raise _Stop(FormulaError(place, "bracket", word))


def order_of(formulas: Mapping[str, Formula]) -> list[str] | list[tuple[str, ...]]:
    """The codes in an order in which each comes after those it needs, or the rings of codes that need each other."""
    order: list[str] = []
    state: dict[str, int] = {}
    rings: list[tuple[str, ...]] = []

    def visit(code: str, path: tuple[str, ...]) -> None:
        if state.get(code) == 2 or code not in formulas:
            return
        if state.get(code) == 1:
            rings.append((*path[path.index(code) :], code))
            return
        state[code] = 1
        for needed in formulas[code].codes():
            visit(needed, (*path, code))
        state[code] = 2
        order.append(code)

    for code in formulas:
        visit(code, ())
    return rings or order
