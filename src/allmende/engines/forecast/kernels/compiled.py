"""How kernels are compiled: kept on disk between runs, and without Python's lock so that threads run side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def njit(function: F) -> F:
    """A kernel."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
