"""Columns, cells, calendars, intervals, strips and maps."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from allmende.guide import charts
from allmende.guide.charts import Axis, Chart
from tests.guide.charts.pictures import boxes_of, paths, picture, places, texts, words

HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"
STEPS = ([10.0, 20.0], ["few", "some", "many"])
GRID = [
    (9.0, 47.5, 9.1, 47.6, 5.0),
    (9.1, 47.5, 9.2, 47.6, 15.0),
    (9.0, 47.6, 9.1, 47.7, None),
    (9.1, 47.6, 9.2, 47.7, 25.0),
]
TOWNS = {"l": ("Lindau", 9.68, 47.55), "b": ("Bregenz", 9.75, 47.5), "k": ("Konstanz", 9.17, 47.66)}


def columns(name: str = "Jan") -> Chart:
    return charts.columns(
        [(name, [10, 20]), ("Feb", [None, 0]), ("Mar", [-5, 5])], ["2025", name], y=Axis("V"), title=name, language="en"
    )


def heat(name: str = "Mon") -> Chart:
    return charts.heat(
        [(name, [5, 15, None]), ("Tue", [25, 10, 20])],
        ["9", "10", "11"],
        steps=STEPS[0],
        words=[name, "some", "many"],
        title=name,
        language="en",
    )


def year(name: str = "2026") -> Chart:
    days = {date(2026, 1, 1): 5.0, date(2026, 6, 30): 15.0, date(2026, 7, 1): None, date(2026, 12, 31): 25.0}
    return charts.year(days, 2026, steps=STEPS[0], words=[name, "some", "many"], title=name, language="en")


def whiskers(name: str = "Synthetic control") -> Chart:
    return charts.whiskers(
        [(name, -100, -150, -50), ("Before and after", -80, None, None), ("Event study", None, None, None)],
        x=Axis("Effect"),
        title=name,
        language="en",
    )


def dots(name: str = "Lindau") -> Chart:
    return charts.dots(
        [("A", 1), (name, 9), ("C", -3), ("D", 1.01)], chosen=name, x=Axis("E"), title=name, language="en"
    )


def flows(name: str = "Lindau") -> Chart:
    return charts.flows(
        {**TOWNS, "l": (name, 9.68, 47.55)},
        [("l", "b", 100), ("b", "l", 50), ("k", "l", None), ("k", "k", 10)],
        title=name,
        language="en",
    )


def squares(name: str = "Noon") -> Chart:
    return charts.squares(
        GRID,
        steps=STEPS[0],
        words=[name, "some", "many"],
        title=name,
        language="en",
        outlines=[[(9.0, 47.5), (9.2, 47.7)]],
    )


KINDS: list[Callable[..., Chart]] = [columns, heat, year, whiskers, dots, flows, squares]


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_stay_words(kind: Callable[..., Chart]) -> None:
    chart = kind(HOSTILE)
    assert "<img" not in chart.svg + chart.key
    assert HOSTILE in picture(chart).attrib["aria-label"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_every_point_has_its_words_and_lies_in_the_picture(kind: Callable[..., Chart], size: str) -> None:
    chart = kind()
    _, _, width, height = map(float, picture(chart, size).attrib["viewBox"].split())
    at, said = places(chart, size), texts(chart)
    assert [len(row) for row in at] == [len(row) for row in said]
    for row, words_of in zip(at, said, strict=True):
        for place, word in zip(row, words_of, strict=True):
            assert bool(place) == bool(word)
            assert place is None or (0 <= place[0] <= width and 0 <= place[1] <= height)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_have_a_role_a_name_and_no_style(kind: Callable[..., Chart]) -> None:
    chart = kind()
    for size in ("wide", "narrow"):
        svg = picture(chart, size)
        assert svg.attrib["role"] == "img"
        assert svg.attrib["aria-label"] == f"{chart.title}. {chart.summary}"
        assert not [e for e in svg.iter() if {"style", "id", "fill"} & set(e.attrib)]


@pytest.mark.parametrize("kind", KINDS)
def test_tables_are_complete_and_safe(kind: Callable[..., Chart]) -> None:
    chart = kind(FORMULA)
    assert {len(row) for row in chart.table.rows} == {len(chart.table.head)} == {len(r) for r in chart.table.cells}
    data = chart.csv()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + len(chart.table.rows)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "+"))]


def test_negative_numbers_stay_numbers_in_the_file() -> None:
    assert columns().csv().decode("utf-8-sig").split("\r\n") == ["Name;2025;Jan", "Jan;10;20", "Feb;;0", "Mar;-5;5", ""]


def test_columns_stand_on_zero() -> None:
    first, second = boxes_of(paths(columns(), "ch-bar c1")[0]), boxes_of(paths(columns(), "ch-bar c2")[0])
    assert [len(first), len(second)] == [2, 3]
    (_, top, _, ten), (_, zero, _, five) = first
    assert top + ten == pytest.approx(zero, abs=0.2)
    assert ten == pytest.approx(2 * five, abs=0.2)
    assert second[1][3] < 1
    assert "–" in words(columns())


def test_columns_of_the_wrong_number_are_refused() -> None:
    with pytest.raises(ValueError, match="Jan: 1 values for 2 series"):
        charts.columns([("Jan", [1])], ["a", "b"], y=Axis("V"), title="T", language="en")


def test_cells_have_the_colour_of_their_class_and_bounds_belong_above() -> None:
    chart = heat()
    assert [len(boxes_of(paths(chart, f"ch-cell {step}")[0])) for step in ("q0", "q3", "q6")] == [1, 2, 2]
    assert len(boxes_of(paths(chart, "ch-none")[0])) == 1
    assert paths(chart, "ch-hatch")
    assert texts(chart)[0][2] == "Mon, 11: no figure"
    assert chart.key.count("<li") == 4


def test_words_and_bounds_must_fit() -> None:
    with pytest.raises(ValueError, match="2 bounds make 3 classes, but 2 have words"):
        charts.heat([("a", [1])], ["b"], steps=[1, 2], words=["x", "y"], title="T", language="en")
    with pytest.raises(ValueError, match="must rise"):
        charts.heat([("a", [1])], ["b"], steps=[2, 1], words=["x", "y", "z"], title="T", language="en")


def test_a_year_has_all_its_days_and_only_those() -> None:
    chart = year()
    for size in ("wide", "narrow"):
        assert len(boxes_of(paths(chart, "ch-outside", size)[0])) == 365 - 4
        assert len(boxes_of(paths(chart, "ch-none", size)[0])) == 1
        assert sum(place is not None for row in places(chart, size) for place in row) == 4
    assert texts(chart)[3][0] == "Thu 1 Jan 2026: 5"
    assert [row[0] for row in chart.table.cells] == ["2026-01-01", "2026-06-30", "2026-07-01", "2026-12-31"]


@pytest.mark.parametrize("number", [2024, 2026, 2028, 2012])
def test_no_two_days_of_a_year_share_a_place(number: int) -> None:
    days = {
        date.fromordinal(day): 1.0 for day in range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal())
    }
    chart = charts.year(days, number, steps=STEPS[0], words=STEPS[1], title="T", language="fr")
    for size in ("wide", "narrow"):
        found = [tuple(place) for row in places(chart, size) for place in row if place]
        assert len(set(found)) == len(days)
        width = float(picture(chart, size).attrib["viewBox"].split()[2])
        assert max(x for x, _ in found) < width


def test_whiskers_reach_from_end_to_end() -> None:
    chart = whiskers()
    (bar,) = paths(chart, "ch-whisker")
    dot = next(e for e in picture(chart).iter("circle"))
    start, end = float(bar[1:].split()[0]), float(bar.split("H")[1].split("m")[0])
    assert float(dot.attrib["cx"]) == pytest.approx((start + end) / 2, abs=0.2)
    assert [e.attrib["class"] for e in picture(chart).iter("circle")] == ["ch-dot c1", "ch-dot c1 hollow"]
    assert texts(chart)[0] == ["Synthetic control: −100 (from −150 to −50)"]
    assert texts(chart)[2] == ["Event study: no figure"]
    zero = float(paths(chart, "ch-zero")[0][1:].split()[0])
    assert end < zero


def test_the_chosen_dot_stands_out_and_its_rank_is_said() -> None:
    chart = dots()
    assert len(paths(chart, "ch-dot chosen")) == 1
    assert len(list(picture(chart).iter("circle"))) == 3
    assert chart.summary == "Lindau: 9, the highest but 0 of 4."
    assert [row[0] for row in chart.table.rows] == ["Lindau", "D", "A", "C"]


def test_arrows_are_as_wide_as_their_values() -> None:
    stems = [e for e in picture(flows()).iter("path") if "stem" in e.attrib["class"]]
    assert sorted(float(e.attrib["stroke-width"]) for e in stems) == [1.5, 1.5, 5.5, 11.0]
    assert [e.attrib["class"] for e in stems if "none" in e.attrib["class"]] == ["ch-flow none stem"]
    assert flows().table.rows[-1] == ["Konstanz", "Lindau", "no figure"]
    assert flows().table.rows[0] == ["Lindau", "Bregenz", "100"]


def test_squares_lie_as_on_a_map() -> None:
    chart = squares()
    (north_west, north_east), (south_west, _) = places(chart)
    assert north_west
    assert north_east
    assert south_west
    assert north_west[0] == south_west[0] < north_east[0]
    assert north_west[1] == north_east[1] < south_west[1]
    (_, _, wide, high) = boxes_of(paths(chart, "ch-cell q0")[0])[0]
    assert wide / high == pytest.approx(0.675, abs=0.02)
    assert texts(chart)[0] == ["Square 1: no figure", "Square 2: 25"]


@pytest.mark.parametrize(
    "chart",
    [
        charts.columns([], ["a"], y=Axis("V"), title="T", language="en"),
        charts.columns([("a", [None])], ["a"], y=Axis("V"), title="T", language="en"),
        charts.heat([], [], steps=[1], words=["a", "b"], title="T", language="en"),
        charts.whiskers([], x=Axis("V"), title="T", language="en"),
        charts.whiskers([("a", None, None, None)], x=Axis("V"), title="T", language="en"),
        charts.dots([], chosen="a", x=Axis("V"), title="T", language="en"),
        charts.dots([("a", None)], chosen="a", x=Axis("V"), title="T", language="en"),
        charts.flows({}, [], title="T", language="en"),
        charts.squares([], steps=[1], words=["a", "b"], title="T", language="en"),
    ],
)
def test_nothing_to_draw_is_said(chart: Chart) -> None:
    assert words(chart) == words(chart, "narrow") == ["There are no figures to draw."]


@pytest.mark.parametrize("value", [0.0, 7.0, -7.0, 1e12])
def test_one_value_and_equal_values_are_drawn(value: float) -> None:
    for chart in (
        charts.columns([("a", [value])], ["x"], y=Axis("V"), title="T", language="en"),
        charts.whiskers([("a", value, value, value)], x=Axis("V"), title="T", language="en"),
        charts.dots([("a", value), ("b", value)], chosen="a", x=Axis("V"), title="T", language="en"),
        charts.flows(TOWNS, [("l", "b", value)], title="T", language="en"),
    ):
        _, _, width, height = map(float, picture(chart).attrib["viewBox"].split())
        for place in places(chart)[0]:
            assert place
            assert 0 <= place[0] <= width
            assert 0 <= place[1] <= height


def test_places_that_share_their_coordinates_are_a_ring() -> None:
    chart = charts.flows({"a": ("A", 9.1, 47.5), "b": ("B", 9.1, 47.5)}, [("a", "b", 3)], title="T", language="en")
    assert len(paths(chart, "ch-flow stem")) == 1


def test_many_categories_on_a_phone_scroll() -> None:
    wide = charts.columns([(str(n), [n]) for n in range(31)], ["x"], y=Axis("V"), title="T", language="en")
    assert wide.scrolls
    assert not columns().scrolls


def test_ranges_are_round_and_have_words() -> None:
    steps, said = charts.ranges([0, 3, 480, None], "de", unit="Personen")
    assert steps == [100, 200, 300, 400]
    assert said == ["unter 100\u00a0Personen", "100 – 200", "200 – 300", "300 – 400", "400\u00a0Personen und mehr"]


@pytest.mark.parametrize("values", [[], [None], [5], [5, 5], [-3, -1], [0.001, 0.002], [1e9, 3e9]])
def test_ranges_of_anything_make_classes(values: list[float | None]) -> None:
    steps, said = charts.ranges(values, "en")
    assert steps == sorted(set(steps))
    assert len(said) == len(steps) + 1
