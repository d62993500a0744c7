"""Whatever two colours a brand has, its pages can be read."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from allmende.guide.brand import PAPER_DARK, PAPER_LIGHT, brand_tokens, contrast, ink_on, mix, readable

colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert contrast("#123456", "#123456") == 1


@given(colours, st.sampled_from([PAPER_LIGHT, PAPER_DARK, "#ffffff"]))
def test_text_in_the_brand_s_colour_is_readable(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= 4.5


@given(colours)
def test_a_colour_that_can_be_read_stays_as_it_is(colour: str) -> None:
    if contrast(colour, PAPER_LIGHT) >= 4.5:
        assert readable(colour, PAPER_LIGHT) == colour


@given(colours)
def test_letters_on_a_button_are_readable(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= 4.5


@given(colours, colours)
def test_every_token_of_both_themes_is_a_colour(primary: str, accent: str) -> None:
    css = brand_tokens(primary, accent, "serif")
    light, dark, chosen = re.findall(r"\{(--brand:[^}]*)\}", css)
    assert dark == chosen
    for theme in (light, dark):
        values = dict(part.split(":", 1) for part in theme.split(";") if part)
        assert all(
            re.fullmatch("#[0-9a-f]{6}", value) for name, value in values.items() if not name.startswith("--font")
        )


def test_mixing_goes_from_one_to_the_other() -> None:
    assert [mix("#000000", "#ffffff", part) for part in (0, 0.5, 1)] == ["#000000", "#808080", "#ffffff"]
