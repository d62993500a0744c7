"""Formulas: what is understood, what is refused and where, and that nothing is made up."""

from __future__ import annotations

import math

import pytest

from allmende.engines.indicators import Answer, Formula, FormulaError, evaluate, order_of, parse, unit_problem


def of(text: str) -> Formula:
    formula = parse(text)
    assert isinstance(formula, Formula), formula
    return formula


def value(text: str, **values: float | None) -> float | None:
    return evaluate(of(text), 2025, values, {}).value


def test_the_four_operations_have_their_usual_order() -> None:
    assert value("2 + 3 * 4 - 6 / 3") == 12
    assert value("(2 + 3) * -4") == -20
    assert value("8 / 4 / 2") == 1
    assert value("own / all * 100", own=30.0, all=120.0) == 25


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", FormulaError(1, "end")),
        ("1 +", FormulaError(4, "end")),
        ("nights / ", FormulaError(10, "end")),
        ("(1 + 2", FormulaError(7, "bracket")),
        ("1 2", FormulaError(3, "rest", "2")),
        ("* 2", FormulaError(1, "operand", "*")),
        ("open(nights)", FormulaError(1, "function", "open")),
        ("__import__", FormulaError(1, "sign", "_")),
        ("nights.real", FormulaError(7, "sign", ".")),
        ("2 ** 3", FormulaError(4, "operand", "*")),
        ("sum(3)", FormulaError(5, "argument", "3")),
        ("sum(nights + days)", FormulaError(12, "bracket", "+")),
        ("a" * 301, FormulaError(301, "long")),
        ("(" * 40 + "1" + ")" * 40, FormulaError(22, "deep")),
        ("-" * 60 + "1", FormulaError(22, "deep")),
    ],
)
def test_what_is_not_understood_is_named_with_its_place(text: str, error: FormulaError) -> None:
    assert parse(text) == error


def test_the_codes_are_named_in_their_order() -> None:
    assert of("100 * sum(nights) / (beds * days) + nights").codes() == ("nights", "beds", "days")


def test_a_missing_figure_stays_missing() -> None:
    assert evaluate(of("a / b"), 2025, {"a": 1.0, "b": None}, {}) == Answer(None, ("b",), "missing")
    assert evaluate(of("a + 0 * b"), 2025, {"a": 1.0}, {}) == Answer(None, ("b",), "missing")


def test_zero_is_a_figure_but_nothing_is_divided_by_it() -> None:
    assert evaluate(of("a / b"), 2025, {"a": 0.0, "b": 2.0}, {}) == Answer(0.0)
    assert evaluate(of("a / b"), 2025, {"a": 2.0, "b": 0.0}, {}) == Answer(None, (), "zero")


def test_a_number_that_is_too_large_is_no_value() -> None:
    assert evaluate(of("a * a"), 2025, {"a": 1e300}, {}) == Answer(None, (), "size")


def test_a_sum_needs_every_month() -> None:
    months: list[float | None] = [10.0] * 12
    assert evaluate(of("sum(nights)"), 2025, {}, {"nights": months}) == Answer(120.0)
    months[1] = months[10] = None
    assert evaluate(of("sum(nights)"), 2025, {}, {"nights": months}) == Answer(None, ("nights:2,11",), "missing")
    assert evaluate(of("sum(nights)"), 2025, {}, {}) == Answer(None, ("nights",), "missing")


def test_the_mean_is_one_per_day_of_that_year() -> None:
    months = {"nights": [366.0, *[0.0] * 11]}
    assert evaluate(of("mean(nights)"), 2024, {}, months).value == 1
    assert evaluate(of("mean(nights)"), 2025, {}, months).value == pytest.approx(366 / 365)


def test_a_year_with_the_same_guests_every_day_has_no_season() -> None:
    even = {"nights": [31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0]}
    assert evaluate(of("gini(nights)"), 2025, {}, even).value == pytest.approx(0)
    assert evaluate(of("month_ratio(nights)"), 2025, {}, even).value == pytest.approx(1)
    assert evaluate(of("redundancy(nights)"), 2025, {}, even).value == pytest.approx(0)


def test_a_year_without_guests_has_no_season_either() -> None:
    assert evaluate(of("gini(nights)"), 2025, {}, {"nights": [0.0] * 12}) == Answer(None, (), "zero")


UNITS = {
    "nights": "nights", "arrivals": "arrivals", "residents": "people", "area": "km2", "visits": "visits", "cost": "money",
    "beds": "nights", "guest_kg": "kg_per_night", "resident_kg": "kg_per_night", "guest_kwh": "kwh_per_night",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "unit", "problem"),
    [
        ("sum(nights) / sum(arrivals)", "nights_per_arrival", ""),
        ("1000 * nights / residents", "nights_per_1000", ""),
        ("100 * nights / beds", "percent", ""),
        ("gini(nights)", "coefficient", ""),
        ("cost / visits", "money_per_visit", ""),
        ("100 * (visits - 3) / visits", "percent", ""),
        ("guest_kg / resident_kg", "ratio", ""),
        ("guest_kg / guest_kwh", "ratio", "result"),
        ("guest_kg + guest_kwh", "kg_per_night", "mixed:guest_kwh"),
        ("guest_kg", "litres_per_night", "result"),
        ("nights / area", "nights_per_1000", "result"),
        ("nights + arrivals", "nights", "mixed:arrivals"),
        ("nights / unheard", "ratio", "mixed:unheard"),
        ("nights * nights", "nights", "result"),
    ],
)
def test_units_go_together_or_the_culprit_is_named(text: str, unit: str, problem: str) -> None:
    assert unit_problem(of(text), unit, UNITS) == problem


def test_what_needs_each_other_is_put_in_order_and_rings_are_found() -> None:
    assert order_of({"c": of("b + 1"), "b": of("a * 2")}) == ["b", "c"]
    assert order_of({"a": of("b"), "b": of("c"), "c": of("a")}) == [("a", "b", "c", "a")]
    assert order_of({"a": of("a + 1")}) == [("a", "a")]


def test_a_long_formula_is_read_without_recursion_trouble() -> None:
    assert value(" + ".join(["1"] * 75)) == 75
    assert math.isclose(value("1 / 3") or 0, 1 / 3)
