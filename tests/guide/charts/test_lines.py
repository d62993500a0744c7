"""Values land where they must; a gap is a gap; what is written is what was given."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from allmende.core import formats
from allmende.guide import charts
from allmende.guide.charts import Axis, Band, Chart, Line, Mark
from tests.guide.charts.pictures import paths, picture, places, points_of, texts, words

HOSTILE = '<script>alert("x")</script>&'


def drawn(*values: float | None, language: str = "en", **more: object) -> Chart:
    """One line over 0, 1, 2 ..."""
    points = [(float(number), value) for number, value in enumerate(values)]
    axes = {"x": Axis("Hour"), "y": Axis("Visitors", unit="people"), "title": "Harbour", **more}
    return charts.lines([Line("Measured", points)], language=language, **axes)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_values_lie_in_proportion(size: str) -> None:
    ((left, low), (middle, half), (right, high)) = points_of(paths(drawn(0, 50, 100), "ch-line", size)[0])
    assert middle - left == pytest.approx(right - middle, abs=0.2)
    assert low - half == pytest.approx(half - high, abs=0.2)
    assert high < half < low


def test_the_way_through_follows_the_line() -> None:
    chart = drawn(3, 7, 5)
    assert [tuple(place or ()) for place in places(chart)[0]] == points_of(paths(chart, "ch-line")[0])
    assert texts(chart) == [["0: 3\u00a0people", "1: 7\u00a0people", "2: 5\u00a0people"]]


def test_a_gap_breaks_the_line_and_is_never_zero() -> None:
    chart = drawn(10, 12, None, 14, 15)
    assert paths(chart, "ch-line")[0].count("M") == 2
    assert len(points_of(paths(chart, "ch-line")[0])) == 4
    assert paths(chart, "ch-gap")
    assert chart.table.rows[2] == ["2", "no figure"]
    assert chart.table.cells[2] == [2, None]
    assert texts(chart)[0][2] == "2: no figure"
    assert "Without a figure: 1." in chart.summary
    assert "lowest 10" in chart.summary


def test_a_value_between_two_gaps_is_a_dot() -> None:
    chart = drawn(1, None, 5, None, 2)
    assert [circle.attrib["class"] for circle in picture(chart).iter("circle")] == ["ch-dot c1"] * 3
    assert paths(chart, "ch-line") == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_a_gap(value: float) -> None:
    assert drawn(1, value, 3).table.cells[1] == [1, None]


@pytest.mark.parametrize("values", [(), (None,), (None, None)])
def test_nothing_to_draw_is_said(values: tuple[None, ...]) -> None:
    chart = drawn(*values)
    for size in ("wide", "narrow"):
        assert words(chart, size) == ["There are no figures to draw."]
        assert places(chart, size) == []


def test_no_line_at_all_is_said() -> None:
    chart = charts.lines([], x=Axis("Hour"), y=Axis("Visitors"), title="Harbour", language="en")
    assert words(chart) == [chart.summary] == ["There are no figures to draw."]


@pytest.mark.parametrize("values", [(5,), (5, 5, 5), (0, 0), (-3, -3), (0.0001, 0.0001), (1e300, 1e300)])
def test_one_point_and_equal_points_lie_inside_the_picture(values: tuple[float, ...]) -> None:
    chart = drawn(*values)
    height = float(picture(chart).attrib["viewBox"].split()[3])
    for place in places(chart)[0]:
        assert place
        assert 0 <= place[0] <= 760
        assert 0 < place[1] < height


def test_negative_values_lie_below_the_line_of_zero() -> None:
    chart = drawn(-20, 0, 20)
    (below, zero, above) = [place[1] for place in places(chart)[0] if place]
    assert below > zero > above
    assert paths(chart, "ch-base")[0].split()[1].split("H")[0] == f"{zero:g}"
    assert "−20\u00a0people" in chart.table.rows[0]


def test_huge_values_are_short_beside_the_axis_and_exact_in_the_table() -> None:
    chart = drawn(1_234_567_891, 2_000_000_000)
    assert "2B" in words(chart) or "2bn" in words(chart)
    assert chart.table.rows[0][1] == "1,234,567,891\u00a0people"


def test_hostile_names_stay_words() -> None:
    chart = charts.lines(
        [Line(HOSTILE, [(0, 1), (1, 2)]), Line("other", [(0, 2), (1, 3)])],
        bands=[Band(HOSTILE, [(0, 1, 2), (1, 1, 2)])],
        marks=[Mark(0.5, HOSTILE)],
        x=Axis(HOSTILE),
        y=Axis(HOSTILE, unit=HOSTILE),
        title=HOSTILE,
        language="en",
    )
    assert "<script" not in chart.svg + chart.key
    assert HOSTILE in picture(chart).attrib["aria-label"]
    assert HOSTILE in words(chart)


def test_a_band_lies_between_its_ends() -> None:
    chart = drawn(10, 10, bands=[Band("80%", [(0, 5, 15), (1, 5, 15)])])
    high_left, high_right, low_right, low_left = points_of(paths(chart, "ch-band c1")[0])
    line = points_of(paths(chart, "ch-line")[0])
    assert high_left[1] < line[0][1] < low_left[1]
    assert (high_left[0], high_right[0], low_right[0]) == (line[0][0], line[1][0], line[1][0])
    assert chart.table.head == ["Hour", "Measured", "80%: Lower end", "80%: Upper end"]
    assert chart.table.cells == [[0, 10, 5, 15], [1, 10, 5, 15]]


def test_a_mark_stands_at_its_place_and_not_outside() -> None:
    chart = drawn(1, 2, 3, marks=[Mark(1, "Fee starts"), Mark(9, "Later")])
    (mark,) = paths(chart, "ch-mark")
    assert mark.startswith(f"M{places(chart)[0][1][0]:g} ")  # type: ignore[index]
    assert "Fee starts" in words(chart)
    assert "Later" not in words(chart)


def test_lines_are_named_at_their_ends_where_there_is_room() -> None:
    series = [Line("Lindau", [(0, 1), (1, 5)]), Line("Bregenz", [(0, 2), (1, 5)])]
    chart = charts.lines(series, x=Axis("Hour"), y=Axis("Visitors"), title="Two", language="en")
    assert {"Lindau", "Bregenz"} <= set(words(chart))
    assert not {"Lindau", "Bregenz"} & set(words(chart, "narrow"))
    assert "Lindau" in chart.key
    names = [float(e.attrib["y"]) for e in picture(chart).iter("text") if "ch-name" in e.attrib.get("class", "")]
    assert abs(names[0] - names[1]) >= 16


def test_one_line_alone_needs_no_legend() -> None:
    assert drawn(1, 2).key == ""


def test_days_are_dates() -> None:
    first = date(2026, 7, 1).toordinal()
    chart = charts.lines(
        [Line("Measured", [(first + number, number) for number in range(120)])],
        x=Axis("", kind="day"),
        y=Axis("Visitors"),
        title="Harbour",
        language="de",
    )
    assert {"Jul", "Aug", "Sep", "Okt"} <= {word.strip(".") for word in words(chart)}
    assert chart.table.rows[0][0] == "01.07.2026"
    assert chart.table.cells[0][0] == "2026-07-01"
    assert chart.table.head[0] == "Datum"


def test_moments_are_shown_in_their_zone() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 10, 25, 0, tzinfo=zone).timestamp()
    chart = charts.lines(
        [Line("Present", [(night + 3600 * hour, hour) for hour in range(26)])],
        x=Axis("", kind="moment", zone=zone),
        y=Axis("People"),
        title="The night with 25 hours",
        language="en",
    )
    assert chart.table.rows[3][0] == "25 Oct 2026, 02:00"
    assert [chart.table.cells[hour][0] for hour in (2, 3)] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    assert "25 Oct" in words(chart)


def test_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        drawn(1, 2, x=Axis("", kind="moment"))


def test_a_long_series_keeps_its_extremes_and_its_gap() -> None:
    values: list[float | None] = [float(number % 24) for number in range(8760)]
    values[4000], values[5000] = 999.0, None
    chart = drawn(*values)
    assert len(places(chart)[0]) < 2000
    assert "highest 999\u00a0people (4,000)" in chart.summary
    assert any(text == "4,000: 999\u00a0people" for text in texts(chart)[0])
    assert any("no figure" in text for text in texts(chart)[0])
    assert len(chart.table.rows) == 8760


@pytest.mark.parametrize(
    ("language", "said", "share"),
    [
        ("en", "1,234.5", "12.5%"),
        ("de", "1.234,5", "12,5\u00a0%"),
        ("da", "1.234,5", "12,5\u00a0%"),
        ("nl", "1.234,5", "12,5%"),
        ("fr", "1\u202f234,5", "12,5\u00a0%"),
        ("sv", "1\u00a0234,5", "12,5\u00a0%"),
    ],
)
def test_numbers_are_written_as_the_language_does(language: str, said: str, share: str) -> None:
    form = Axis("", form=lambda value: formats.number(value, language))
    chart = charts.lines([Line("A", [(1234.5, 12.5)])], x=form, y=Axis("V", unit="%"), title="T", language=language)
    assert chart.table.rows == [[said, share]]
    assert texts(chart) == [[f"{said}: {share}"]]
