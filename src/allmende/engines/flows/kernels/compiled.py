"""How kernels are compiled: kept on disk between runs, and without Python's lock so that threads run side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """A kernel that Python calls."""
    return cast(F, nb.njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """A small part of kernels, written into those that call it."""
    return cast(F, nb.njit(cache=True, nogil=True, inline="always")(function))
