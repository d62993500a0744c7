"""The kinds of notices: what they are called in the settings, and how people hear of them unless they choose otherwise.

Knows no table, so that ``apps.py`` of a module can call :func:`offer_kind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise

PAGE: Final = "page"
"""On the page, and in the next summary."""
LETTER: Final = "letter"
"""On the page, and in a letter at once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notices in the settings."""

    label: str | Promise
    how: str = PAGE


_kinds: dict[str, Kind] = {}


def offer_kind(kind: str, label: str | Promise, *, how: str = PAGE) -> None:
    """Name a kind of notices, and say how people hear of it unless they choose otherwise."""
    _kinds[kind] = Kind(label, how)


def kinds() -> Mapping[str, Kind]:
    """The kinds that were named."""
    return _kinds


def usual_way(kind: str) -> str:
    """How people hear of a kind who chose nothing: on the page, unless its module says otherwise."""
    return _kinds[kind].how if kind in _kinds else PAGE
