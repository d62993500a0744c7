"""Elements of a JSON document, one after the other, in constant memory.

The C scanner of the standard library reads each element from a window of text that moves along.  What is not asked for
is skipped without being built.  A damaged element is reported with its line and byte, and where its end can be told the
walk goes on behind it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

from allmende.formats.encoding import TextSource, refuse_other_formats
from allmende.formats.records import Problem, UnusableInput

MAX_DEPTH: Final = 100
MAX_ELEMENT: Final = 4 * 1024 * 1024
_MAX_PROBLEMS = 1000
_SPACE = re.compile(r"[ \t\r\n\x1e]*")
_GAP = re.compile(r"[ \t\r\n\x1e,]*")
"""What stands between members; a comma too many does no harm."""
_PLAIN = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")++', re.DOTALL)
"""Harmless text and whole strings, in one step; only brackets are looked at one by one."""
_IN_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_ENDS_EARLY = "The file ends before its last bracket is closed. Fetch it again."
_SCALAR = re.compile(r"[^\s,\]}]*")


class Element(NamedTuple):
    """One element: its number, from 0, its text as UTF-8, its value, where it stands, its name in an object."""

    number: int
    raw: bytes
    value: Any
    where: str
    name: str


class _Damage(Exception):
    """The element at hand cannot be read; ``message`` says why."""

    def __init__(self, code: str, message: str, at: int) -> None:
        super().__init__(message)
        self.code, self.message, self.at = code, message, at


class _Stop(Exception):
    """The walk cannot go on; the text says why, and an empty one stands for an early end of the file."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number; write null")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, strict=False)


def split_json(stream: BinaryIO, path: str = "") -> Iterator[Element | Problem]:
    """Elements of the array at ``path``, each with its bytes, and problems with their line and byte.

    ``""`` is the document itself: an array gives its elements, an object is one element, further values behind it
    (newline-delimited JSON) are elements too.  ``"result.items"`` goes down by names.  ``*`` stands for every member,
    as in ``{"2026": [...], "2027": [...]}`` with ``"*"``.  Raises :class:`UnusableInput` where ``path`` leads nowhere.
    """
    return _Walk(stream).elements(tuple(path.split(".")) if path else ())


class _Walk:
    """A window of text that moves along the stream; ``pos`` is where the walk stands in it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.source = TextSource(stream)
        self.text = self.source.read()
        self.pos = 0
        self.ended = False
        self.count = 0
        self.found = False
        self.bytes_before = 0
        self.lines_before = 0
        self.counted = 0
        self.problems = 0
        self.depth = 0
        refuse_other_formats(self.source.start, "JSON")
        refuse_other_formats(self.text[:400].encode("utf-8", "replace"), "JSON")

    # --- the window

    def more(self) -> bool:
        """Lengthen the window, forgetting what lies behind; doubles what lies ahead, so that tries stay few."""
        piece = "" if self.ended else self.source.read()
        if not piece:
            self.ended = True
            return False
        self.lines_before += self.text.count("\n", self.counted, self.pos)
        self.bytes_before += _utf8_length(self.text[: self.pos])
        pieces = [self.text[self.pos :], piece]
        wanted = len(pieces[0]) - len(piece)
        self.pos = self.counted = 0
        while wanted > 0 and (piece := self.source.read()):
            pieces.append(piece)
            wanted -= len(piece)
        self.text = "".join(pieces)
        return True

    def peek(self, passed: re.Pattern[str] = _SPACE) -> str:
        """The next character that is not passed over; ``""`` at the end."""
        while True:
            match = passed.match(self.text, self.pos)
            self.pos = match.end() if match else self.pos
            if self.pos < len(self.text):
                return self.text[self.pos]
            if not self.more():
                return ""

    def line(self) -> int:
        self.lines_before += self.text.count("\n", self.counted, self.pos)
        self.counted = self.pos
        return self.lines_before + 1

    def place(self, at: int | None = None) -> str:
        at = self.pos if at is None else at
        line = self.line() + self.text.count("\n", self.pos, at)
        return f"line {line}, byte {self.bytes_before + _utf8_length(self.text[:at]) + 1}"

    def _problem(self, damage: _Damage, number: int) -> Problem:
        self.problems += 1
        return Problem(f"record {number + 1}, {self.place(damage.at)}", damage.message, damage.code)

    # --- one value

    def value(self) -> tuple[Any, bytes]:
        """The value at hand and its bytes; raises :class:`_Damage` with the walk still before it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.pos)
            except RecursionError:
                raise _too_deep(self.pos) from None
            except json.JSONDecodeError as error:
                if self._may_be_cut(error.pos, error.msg) and self._lengthen():
                    continue
                if error.msg.startswith("Unterminated") or not self.text[error.pos :].strip():
                    raise _Damage(
                        "truncated", "The file ends in the middle of this record. Fetch it again.", error.pos
                    ) from None
                raise _Damage(
                    "bad-json", f"This is not valid JSON ({error.msg.lower()}). Correct it at the source.", error.pos
                ) from None
            except ValueError as error:
                raise _Damage("bad-json", f"This is not valid JSON ({str(error)[:80]}).", self.pos) from None
            if end == len(self.text) and not isinstance(value, dict | list | str) and self._lengthen():
                continue  # a number may go on behind the window
            piece = self.text[self.pos : end]
            if len(piece) > MAX_ELEMENT:
                raise _too_large(self.pos)
            if piece.count("{") + piece.count("[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
                raise _too_deep(self.pos)
            self.pos = end
            return value, piece.encode("utf-8", "replace")

    def _may_be_cut(self, at: int, message: str) -> bool:
        return len(self.text) - at < 16 or message.startswith(("Unterminated string", "Invalid control"))

    def _lengthen(self) -> bool:
        if len(self.text) - self.pos > MAX_ELEMENT:
            raise _too_large(self.pos)
        return self.more()

    def skip(self) -> None:
        """Go behind the value at hand without building it; raises :class:`_Stop` if the file ends first."""
        depth = 0
        while True:
            if self.pos >= len(self.text) and not self.more():
                raise _Stop
            char = self.text[self.pos]
            if char == '"':
                self._skip_string()
            elif char in "[{":
                depth += 1
                self.pos += 1
            elif char in "]}":
                depth -= 1
                self.pos += 1
            elif depth:
                self._skip_while(_PLAIN)
            else:
                self._skip_while(_SCALAR)
            if depth <= 0:
                return

    def _skip_string(self) -> None:
        self.pos += 1
        while True:
            self._skip_while(_IN_STRING)
            if self.pos < len(self.text) and self.text[self.pos] == '"':
                self.pos += 1
                return
            if not self.more():
                raise _Stop

    def _skip_while(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.pos)
        self.pos = match.end() if match else self.pos

    # --- the document

    def elements(self, path: tuple[str, ...]) -> Iterator[Element | Problem]:
        try:
            yield from self._document(path)
        except _Stop as stop:
            self.problems += 1
            yield Problem(self.place(), str(stop) or _ENDS_EARLY, "truncated")
        yield from self.source.notes
        if not self.found and not self.problems:
            raise UnusableInput(_nothing_at(path))

    def _document(self, path: tuple[str, ...]) -> Iterator[Element | Problem]:
        first = self.peek()
        if first not in ("[", "{"):
            raise UnusableInput(f"The delivery is not JSON: it begins with “{self.text[self.pos : self.pos + 20]}”.")
        if path or first == "[":
            yield from self._node(path, "")
            return
        self.found = True
        while first:  # one object, newline-delimited JSON, or a list that lost its brackets
            yield from self._one("", by_line=True)
            first = self.peek(_GAP)

    def _node(self, path: tuple[str, ...], name: str) -> Iterator[Element | Problem]:
        """Elements of the node at hand; the walk ends behind it."""
        char = self.peek()
        if not path:
            self.found = True
            return self._array((), name) if char == "[" else self._one(name)
        if char == "{":
            return self._object(path)
        if char == "[":
            return self._array(path if path[0] != "*" else path[1:], name, members=True)
        self.skip()
        return iter(())

    def _array(self, path: tuple[str, ...], name: str, *, members: bool = False) -> Iterator[Element | Problem]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Stop(f"Lists lie in lists deeper than {MAX_DEPTH} levels. Deliver them flatter.")
        self.pos += 1
        while (char := self.peek(_GAP)) != "]":
            if not char:
                raise _Stop
            yield from self._node(path, name) if members else self._one(name)
            if self.peek() not in ("", ",", "]"):
                raise self._stray()
        self.pos += 1
        self.depth -= 1

    def _object(self, path: tuple[str, ...]) -> Iterator[Element | Problem]:
        self.pos += 1
        while (char := self.peek(_GAP)) != "}":
            if not char:
                raise _Stop
            name = self._name()
            if path[0] in ("*", name):
                yield from self._node(path[1:], name)
            else:
                self.skip()
            if self.peek() not in ("", ",", "}"):
                raise self._stray()
        self.pos += 1

    def _name(self) -> str:
        if self.peek() != '"':
            raise self._stray()
        try:
            name, _ = self.value()
        except _Damage as damage:
            raise _Stop(damage.message) from None
        if self.peek() != ":":
            raise self._stray()
        self.pos += 1
        self.peek()
        return str(name)

    def _one(self, name: str, *, by_line: bool = False) -> Iterator[Element | Problem]:
        number = self.count
        self.count += 1
        where = f"record {number + 1}, line {self.line()}"
        try:
            value, raw = self.value()
        except _Damage as damage:
            yield self._problem(damage, number)
            self._behind_damage(damage.code, by_line=by_line)
        else:
            yield Element(number, raw, value, where, name)

    def _behind_damage(self, code: str, *, by_line: bool) -> None:
        if self.problems >= _MAX_PROBLEMS:
            raise _Stop(f"More than {_MAX_PROBLEMS} records are damaged; the rest was not read.")
        try:
            if by_line and code in ("bad-json", "truncated"):
                self._next_line()
            else:
                self.skip()
        except _Stop:
            raise _Stop("Nothing behind this place could be read.") from None

    def _next_line(self) -> None:
        """Go to the next line that begins with a bracket; lines within an object that is set out do not."""
        while (end := self.text.find("\n{", self.pos)) < 0:
            self.pos = max(self.pos, len(self.text) - 1)
            if not self.more():
                self.pos = len(self.text)
                return
        self.pos = end

    def _stray(self) -> _Stop:
        char = self.text[self.pos : self.pos + 1]
        return _Stop(f"“{char}” stands where a comma, a name or a closing bracket belongs. Correct it at the source.")


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _too_deep(at: int) -> _Damage:
    return _Damage("too-deep", f"This record nests deeper than {MAX_DEPTH} levels. Deliver it flatter.", at)


def _too_large(at: int) -> _Damage:
    return _Damage("too-large", "This record is larger than 4 MiB. Deliver pictures and files as addresses.", at)


def _deeper_than(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _nothing_at(path: tuple[str, ...]) -> str:
    shown = ".".join(path)[:80]
    return (
        f"There is nothing at “{shown}” in the document. Correct “records” in the mapping." if path else "No records."
    )
