"""Paths into a record as delivered: ``"fields.titre"``, ``"geometry.coordinates.1"``, ``"offers.*.price"``, ``"a|b"``.

A dot goes one level down, a number counts in a list from 0, ``*`` stands for all members, ``|`` separates alternatives
of which the first that is not empty counts.  A name that steps into a list means the list's first member.  A backslash
takes the meaning from the sign behind it; a name at the top that contains such signs works as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

Getter = Callable[[Any], Any]
_SIGNS = re.compile(r"[.|*\\]")


@lru_cache(maxsize=4096)
def compile_path(path: str) -> Getter:
    """A function that takes a record and gives what stands at ``path``, else ``None``."""
    alternatives = [_compile_one(part) for part in _cut(path, "|")]
    if len(alternatives) == 1:
        return alternatives[0]

    def first(value: Any) -> Any:
        if type(value) is dict and path in value:
            return value[path]
        for get in alternatives:
            found = get(value)
            if not is_empty(found):
                return found
        return None

    return first


def compile_paths(paths: str | Iterable[str]) -> Getter:
    """Like :func:`compile_path`; a list of paths gives the list of all that is found."""
    if isinstance(paths, str):
        return compile_path(paths)
    getters = [compile_path(path) for path in paths]

    def every(value: Any) -> list[Any]:
        found: list[Any] = []
        for get in getters:
            item = get(value)
            found.extend(item if isinstance(item, list) else [] if is_empty(item) else [item])
        return found

    return every


def escape(name: str) -> str:
    """A name as one step of a path."""
    return _SIGNS.sub(lambda match: "\\" + match.group(), name)


def is_empty(value: Any) -> bool:
    """Whether there is nothing to take: none, a blank text, an empty list or object."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value == [] or value == {}


def _cut(path: str, sign: str) -> list[str]:
    """Parts of ``path`` between signs that no backslash protects; the backslashes stay."""
    return re.split(rf"(?<!\\){re.escape(sign)}", path)


def _compile_one(path: str) -> Getter:
    steps = tuple(step if step == "*" else re.sub(r"\\(.)", r"\1", step) for step in _cut(path, "."))
    if len(steps) == 1 and steps[0] != "*" and steps[0] == path:
        name = steps[0]

        def member(value: Any) -> Any:
            return value.get(name) if type(value) is dict else _walk(value, steps)

        return member

    first, second = steps[0], steps[1] if len(steps) == 2 else "*"
    short = first != "*" and second != "*"

    def walk(value: Any) -> Any:
        if type(value) is dict:
            if path in value:
                return value[path]
            if short and type(inner := value.get(first)) is dict:
                return inner.get(second)
        return _walk(value, steps)

    return walk


def _walk(value: Any, steps: tuple[str, ...]) -> Any:
    for number, step in enumerate(steps):
        kind = type(value)
        if step == "*":
            members = value.values() if kind is dict else value if kind is list else ()
            return _all(members, steps[number + 1 :])
        if kind is list and step.isdecimal():
            index = int(step) if len(step) < 7 else len(value)
            value = value[index] if index < len(value) else None
            continue
        if kind is list and value:
            value = value[0]
            kind = type(value)
        value = value.get(step) if kind is dict else None
        if value is None:
            return None
    return value


def _all(members: Iterable[Any], steps: tuple[str, ...]) -> list[Any]:
    found: list[Any] = []
    for member in members:
        item = _walk(member, steps) if steps else member
        if isinstance(item, list) and steps:
            found.extend(item)
        elif item is not None:
            found.append(item)
    return found
