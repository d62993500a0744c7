"""The colours and the font of a page that shows a widget, as far as a widget can take them over readably."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from allmende.guide.brand import FONTS, brand_colours, ink_on, luminance, mix, readable

_COLOUR: Final = re.compile(r"[0-9a-f]{6}")
_FAMILY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")
_GENERIC: Final = frozenset(
    {"serif", "sans-serif", "monospace", "system-ui", "ui-serif", "ui-sans-serif", "ui-rounded"}
)
MOST_FAMILIES: Final = 6
NAMES: Final = ("paper", "ink", "accent", "font")
"""Query parameters of a theme."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What a host page looks like.  Empty: the guide's own brand, light or dark as the visitor's system is set."""

    paper: str = ""
    ink: str = ""
    accent: str = ""
    families: tuple[str, ...] = ()

    @property
    def is_dark(self) -> bool:
        return bool(self.paper) and luminance(self.paper) < 0.18

    @property
    def query(self) -> str:
        """The theme as a query string, without ``?``."""
        told = {"paper": self.paper[1:], "ink": self.ink[1:], "accent": self.accent[1:]}
        parts = [f"{name}={value}" for name, value in told.items() if value]
        if self.families:
            parts.append("font=" + "~".join(family.replace(" ", "+") for family in self.families))
        return "&".join(parts)


def _colour(text: str) -> str:
    text = text.lower().lstrip("#")
    return f"#{text}" if _COLOUR.fullmatch(text) else ""


def theme_of(query: Mapping[str, str]) -> Theme:
    """The theme that is asked for; what makes no sense is left out."""
    names = [name.strip() for name in query.get("font", "").split("~")]
    families = tuple(name for name in names if _FAMILY.fullmatch(name))[:MOST_FAMILIES]
    return Theme(
        _colour(query.get("paper", "")), _colour(query.get("ink", "")), _colour(query.get("accent", "")), families
    )


def theme_css(theme: Theme, brand_primary: str, brand_accent: str) -> str:
    """Custom properties in place of the guide's own: text stays readable whatever the host's colours are."""
    rules = []
    if theme.paper or theme.ink or theme.accent:
        paper = theme.paper or "#ffffff"
        ink = readable(theme.ink or ("#ffffff" if theme.is_dark else "#1a1a1a"), paper)
        accent = theme.accent or brand_primary
        away = mix(paper, ink_on(ink), 0.08)  # away from the ink, so that text on it is no harder to read
        rules.append(
            f"--paper:{paper};--card:{away};--raised:{away};--ink:{ink};"
            f"--ink-2:{readable(mix(ink, paper, 0.3), paper)};--line:{mix(paper, ink, 0.16)};"
            f"--line-2:{mix(paper, ink, 0.5)};{brand_colours(accent, theme.accent or brand_accent, paper)}"
        )
    if theme.families:
        names = [name if name in _GENERIC else f'"{name}"' for name in theme.families]
        rules.append(f"--font:{','.join(names)},{FONTS['sans']};--font-head:var(--font);")
    # As specific as the guide's own rules for a theme, and behind them.
    css = f":root:root:root{{{''.join(rules)}}}\n" if rules else ""
    # The hues of the categories are made for the guide's own grounds.
    return css + (".embed [class*=hue-]{--cat:var(--ink)}\n" if theme.paper or theme.ink else "")
