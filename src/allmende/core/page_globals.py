"""What modules add to the language of the templates.

A module names the place, and its things are loaded with the first page: a command that draws no page starts without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

_offered: list[str] = []


def offer_globals(module: str) -> None:
    """Let all templates call what stands in ``GLOBALS`` of the module of that (dotted) name."""
    if module not in _offered:
        _offered.append(module)


def offered_globals() -> Mapping[str, Callable[..., Any]]:
    """All that was offered, by name; loads the modules."""
    found: dict[str, Callable[..., Any]] = {}
    for module in _offered:
        found |= import_module(module).GLOBALS
    return found
