"""The umbrella brand: its row, and the colours that follow from its two colours with enough contrast on any ground."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from allmende.core.content import recent_content_stamp
from allmende.guide.models import Brand

PAPER_LIGHT, PAPER_DARK = "#f8f6f1", "#121714"
READABLE = 4.5
"""Contrast of text that WCAG 2.2 AA asks for (1.4.3)."""

FONTS = {
    "sans": 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif',
    "serif": '"Iowan Old Style","Palatino Linotype",Palatino,"URW Palladio L",P052,"Noto Serif",Georgia,serif',
    "rounded": 'ui-rounded,"SF Pro Rounded","Hiragino Maru Gothic ProN",Quicksand,Nunito,Comfortaa,'
    '"Arial Rounded MT Bold","Segoe UI",system-ui,sans-serif',
}

_kept: dict[str, tuple[int, Brand]] = {}


def current_brand() -> Brand:
    """The brand as stored, read again only when public content changed."""
    stamp = recent_content_stamp()
    kept = _kept.get("brand")
    if kept and kept[0] == stamp:
        return kept[1]
    brand = Brand.objects.filter(id=1).first() or Brand()
    _kept["brand"] = (stamp, brand)
    return brand


def given_name() -> str:
    """The name that somebody gave to the brand, or ``""``."""
    brand = current_brand()
    return brand.name if brand.updated_at else ""


def forget_brand() -> None:
    """Read the brand again next time."""
    _kept.clear()


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    """The time zone object of a name."""
    return ZoneInfo(name)


def _channels(colour: str) -> tuple[float, float, float]:
    value = int(colour[1:], 16)
    return (value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(a: str, b: str, part: float) -> str:
    """``a`` with ``part`` (0 to 1) of ``b``."""
    pairs = zip(_channels(a), _channels(b), strict=True)
    return "#" + "".join(f"{round((x * (1 - part) + y * part) * 255):02x}" for x, y in pairs)


def readable(colour: str, ground: str) -> str:
    """``colour``, moved towards black or white just as far as text on ``ground`` needs."""
    end = "#000000" if luminance(ground) > 0.18 else "#ffffff"
    for step in range(21):
        moved = mix(colour, end, step / 20)
        if contrast(moved, ground) >= READABLE:
            return moved
    return end


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on ``colour``."""
    return "#ffffff" if contrast("#ffffff", colour) >= contrast("#000000", colour) else "#000000"


def brand_colours(primary: str, accent: str, ground: str) -> str:
    """Custom properties that follow from two colours on a ground."""
    is_dark = luminance(ground) < 0.18
    text = readable(primary, mix(ground, primary, 0.22 if is_dark else 0.12))  # badges stand on --brand-soft
    strong = mix(primary, "#ffffff", 0.0 if not is_dark else 0.08)
    return (
        f"--brand:{strong};--on-brand:{ink_on(strong)};--brand-text:{text};"
        f"--brand-soft:{mix(ground, primary, 0.22 if is_dark else 0.09)};"
        f"--brand-line:{mix(ground, text, 0.4)};"
        f"--hero:{mix(primary, ground, 0.35) if is_dark else primary};"
        f"--hero-deep:{mix(mix(primary, '#000000', 0.35), ground, 0.35 if is_dark else 0)};"
        f"--on-hero:{ink_on(mix(primary, ground, 0.35) if is_dark else primary)};"
        f"--accent:{accent};--on-accent:{ink_on(accent)};--accent-text:{readable(accent, mix(ground, accent, 0.08))};"
    )


@lru_cache(maxsize=8)
def brand_tokens(primary: str, accent: str, font: str) -> str:
    """The style sheet of a brand: custom properties for the light and the dark theme."""
    light = brand_colours(primary, accent, PAPER_LIGHT)
    dark = brand_colours(primary, accent, PAPER_DARK)
    return (
        f":root{{{light}--font:{FONTS['rounded'] if font == 'rounded' else FONTS['sans']};--font-head:{FONTS[font]}}}\n"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{{dark}}}\n"
    )
