"""Figures as people type them, in the way of their language."""

from __future__ import annotations

import math
import re
from typing import Final

from babel.numbers import NumberFormatError, parse_decimal

from allmende.core.formats import LOCALES, number

_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")
_PLAIN: Final = re.compile(r"[-+]?\d+([.,]\d+)?")
LARGEST: Final = 1e15


def parse_figure(text: str, language: str) -> float | None:
    """The number that is typed, or None where it is none or could be two: 1.234 is 1234 in German, 1.2 is 1.2.

    Spaces and apostrophes between thousands are left out first.
    """
    bare = _SPACES.sub("", text)
    if not bare or len(bare) > 30:
        return None
    value: float
    try:
        value = float(parse_decimal(bare, locale=LOCALES[language], strict=True))
    except NumberFormatError:
        if not _PLAIN.fullmatch(bare):
            return None
        value = float(bare.replace(",", "."))
    return value if math.isfinite(value) and abs(value) < LARGEST else None


def shown_figure(value: float, decimals: int, language: str) -> str:
    """The number as it is read, rounded to ``decimals``."""
    rounded = round(value, decimals)
    return number(int(rounded) if decimals == 0 or float(rounded).is_integer() else rounded, language)
