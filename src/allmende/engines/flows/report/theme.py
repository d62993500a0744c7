"""Colours by role: as CSS variables on the page (light and dark), as plain colours in the PDF.

The scale of the maps gets darker (in the dark: brighter) with every step, so it holds without seeing colours and in grey print.
Classes of visitors follow M. Okabe and K. Ito (2008), Color Universal Design: blue is domestic, orange from abroad, pale is
for the day, strong is overnight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = 7

LIGHT: Mapping[str, str] = {
    "paper": "#f8f6f1", "card": "#ffffff", "ink": "#19211d", "ink2": "#4f5a54", "line": "#e3dfd5", "line2": "#8a918b",
    "brand": "#1f5f4a", "soft": "#e4ebe4", "band": "#c9dcd3", "bar": "#62a58b", "warn": "#6d4a00", "warnsoft": "#fdf1d6", "good": "#14663f", "bad": "#a3231a",
    "s0": "#f1eec0", "s1": "#b0d49d", "s2": "#62b995", "s3": "#029791", "s4": "#00708c", "s5": "#004976", "s6": "#0e2654",
    "void": "#f1efe9", "flow": "#b8481a", "halo": "#ffffff",
    "resident": "#7d8781", "commuter": "#b9c1bb", "domestic_same_day": "#7cc3ea", "domestic_overnight": "#0a6aa8",
    "inbound_same_day": "#f3b344", "inbound_overnight": "#c9510c", "transit": "#dcd6c8",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "paper": "#121714", "card": "#1a211d", "ink": "#edf0ea", "ink2": "#aab5ae", "line": "#2e3832", "line2": "#76827a",
    "brand": "#8fcdb4", "soft": "#24302a", "band": "#2c4a3d", "bar": "#4a8a70", "warn": "#f1cf86", "warnsoft": "#352b14", "good": "#7fd9a8", "bad": "#ff9d92",
    "s0": "#22375e", "s1": "#1f5781", "s2": "#007b98", "s3": "#289f9f", "s4": "#5bc19d", "s5": "#a2dd95", "s6": "#f1f1a1",
    "void": "#202823", "flow": "#ff9a5c", "halo": "#121714",
    "resident": "#8d978f", "commuter": "#5d675f", "domestic_same_day": "#8fd0f2", "domestic_overnight": "#3a94d0",
    "inbound_same_day": "#f3b344", "inbound_overnight": "#e2702c", "transit": "#454d47",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Theme:
    """What a chart is drawn with."""

    colours: Mapping[str, str]
    font: str

    def __getitem__(self, role: str) -> str:
        """The colour of a role."""
        return self.colours[role]


SCREEN = Theme({role: f"var(--{role})" for role in LIGHT}, "inherit")
PAPER = Theme(LIGHT, "Libertinus Serif")


def css() -> str:
    """The variables for light, dark and print."""
    light = "".join(f"--{role}:{colour};" for role, colour in LIGHT.items())
    dark = "".join(f"--{role}:{colour};" for role, colour in DARK.items())
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
    )
