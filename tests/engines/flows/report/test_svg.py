"""Charts: what they say, what they draw, and that nothing in a name can break out of them."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from allmende.engines.flows.report.maps import Area, Flow, cell_map, flow_map, zone_map
from allmende.engines.flows.report.svg import (
    Bar,
    Point,
    Said,
    bars,
    breaks,
    columns,
    heat_map,
    line_chart,
    nice_steps,
    stacked_bars,
    step_of,
)
from allmende.engines.flows.report.theme import DARK, LIGHT, PAPER, SCREEN

SAID = Said("People <by> day", 'Most "on" Saturday', lambda value: f"{value:g}")
SQUARE = ((0.0, 0.0), (2000.0, 0.0), (2000.0, 2000.0), (0.0, 2000.0))
NAME = "{http://www.w3.org/2000/svg}"


def drawings() -> dict[str, str]:
    here, there = Area("A & B", 0, 0, (SQUARE,)), Area("<C>", 5000, 5000)
    common = {"width": 600.0, "said": SAID, "theme": SCREEN}
    return {
        "line": line_chart([Point("1", 3, 2, 4), Point("2", None), Point("3", 5, 4, 6), Point("4", 6, 5, 7)], **common),
        "heat": heat_map(["Mo", "Tu"], ["0", "1"], [[1, None], [3, 4]], limits=[1, 2, 5], **common),
        "bars": bars([Bar("<i>x</i>", 3, 2, 4), Bar("y", 1)], **common),
        "stacked": stacked_bars(["All"], ["resident", "transit"], [[3, 1]], percent=lambda s: f"{s:.0%}", **common),
        "columns": columns([Bar("0", 3), Bar("1", 1)], **common),
        "cells": cell_map([(0, 0), (1000, 0)], [5, 70], size=1000, limits=[5, 10, 100], areas=[here, there], **common),
        "zones": zone_map([here], [5.0], limits=[5, 10], **common),
        "flows": flow_map([Flow(0, 0, 5000, 5000, 10), Flow(5000, 5000, 0, 0, 2)], [here, there], **common),
    }


@pytest.mark.parametrize("name", list(drawings()))
def test_a_chart_is_well_formed_and_says_what_it_shows(name: str) -> None:
    root = ElementTree.fromstring(drawings()[name])
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{NAME}title") == "People <by> day"
    assert root.findtext(f"{NAME}desc") == 'Most "on" Saturday'


@pytest.mark.parametrize("name", list(drawings()))
def test_a_chart_needs_nothing_from_elsewhere(name: str) -> None:
    drawn = drawings()[name]
    assert re.findall(r"https?://[^\"]*", drawn) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|<script|<style|\bon\w+=", drawn)


def test_a_gap_stays_a_gap() -> None:
    drawn = line_chart(
        [Point("1", 3), Point("2", None), Point("3", 5), Point("4", 6)], width=600, said=SAID, theme=SCREEN
    )
    ways = [path.get("d", "") for path in ElementTree.fromstring(drawn).iter(f"{NAME}path") if path.get("stroke") == "var(--brand)"]  # fmt: skip
    assert [way.count("L") for way in ways] == [0, 1]


def test_bars_are_as_long_as_their_values() -> None:
    root = ElementTree.fromstring(bars([Bar("a", 4), Bar("b", 1)], width=600, said=SAID, theme=SCREEN))
    wide = [float(part.get("width", 0)) for part in root.iter(f"{NAME}rect")]
    assert wide[0] / wide[1] == pytest.approx(4, rel=0.01)


def test_parts_of_a_bar_fill_the_whole() -> None:
    drawn = stacked_bars(["x"], ["resident", "commuter"], [[3, 1]], percent=lambda share: f"{share:.0%}", width=600, said=SAID, theme=SCREEN)  # fmt: skip
    wide = [float(part.get("width", 0)) for part in ElementTree.fromstring(drawn).iter(f"{NAME}rect")]
    assert wide[0] / wide[1] == pytest.approx(3, rel=0.02)
    assert ">75%<" in drawn


def test_neighbouring_cells_of_one_class_are_drawn_as_one() -> None:
    drawn = cell_map([(0, 0), (1000, 0), (2000, 0), (0, 1000)], [5, 6, 70, 5], size=1000, limits=[5, 10, 100], width=600, said=SAID, theme=SCREEN)  # fmt: skip
    filled = [path.get("d", "") for path in ElementTree.fromstring(drawn).iter(f"{NAME}path") if path.get("fill", "").startswith("var(--s")]  # fmt: skip
    assert [way.count("z") for way in filled] == [2, 1]


def test_north_is_up() -> None:
    drawn = cell_map([(0, 0), (0, 9000)], [5, 70], size=1000, limits=[5, 10, 100], width=600, said=SAID, theme=SCREEN)
    south, north = (float(found) for found in re.findall(r'd="M[\d.]+ ([\d.]+)h', drawn))
    assert north < south


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([12, 180, 900, 40_000], [10, 20, 50, 100, 200, 500, 1000, 50_000]),
        ([10_200, 24_900, 15_000], [10_000, 12_500, 15_000, 17_500, 20_000, 22_500, 25_000]),
        ([7, 7], [7, 8]),
        ([], [0, 1]),
    ],
)
def test_class_limits_are_round_and_hold_every_value(values: list[float], limits: list[float]) -> None:
    found = breaks(values)
    assert len(found) <= 8
    assert all(found[0] <= value < found[-1] for value in values)
    if len(values) > 2 and values[0] > 1000:
        assert found == limits
    assert found[0] == limits[0]


def test_few_classes_use_the_whole_scale() -> None:
    assert [step_of(value, [0, 10, 20, 30]) for value in (5, 15, 25)] == [0, 3, 6]


@pytest.mark.parametrize(
    ("top", "steps"), [(4, [0, 1, 2, 3, 4]), (31_000, [0, 10_000, 20_000, 30_000, 40_000]), (0, [0, 1])]
)
def test_axes_have_round_steps(top: float, steps: list[float]) -> None:
    assert nice_steps(top) == steps


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_scale_holds_without_seeing_colours(theme: dict[str, str]) -> None:
    scale = [_luminance(theme[f"s{step}"]) for step in range(7)]
    direction = 1 if theme is DARK else -1
    assert scale == sorted(scale, reverse=direction < 0)
    contrast = [(max(pair) + 0.05) / (min(pair) + 0.05) for pair in pairwise(scale)]
    assert min(contrast) > 1.2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("role", ["ink", "ink2", "brand"])
def test_text_can_be_read_on_its_ground(theme: dict[str, str], role: str) -> None:
    for ground in ("paper", "card", "void"):
        a, b = sorted((_luminance(theme[role]), _luminance(theme[ground])))
        assert (b + 0.05) / (a + 0.05) >= 4.5, (role, ground)


def test_the_pdf_gets_plain_colours() -> None:
    drawn = bars([Bar("a", 4)], width=600, said=SAID, theme=PAPER)
    assert "var(" not in drawn
    assert LIGHT["bar"] in drawn
