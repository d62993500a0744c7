"""Quarterly figures: typed, sent as a table, added up to a year, shown in the portrait and in the report."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from allmende.core.models import User
from allmende.core.text import translated
from allmende.engines.indicators import evaluate, parse
from allmende.engines.indicators.formula import Formula
from allmende.insight.indicators import queries, upload
from allmende.insight.indicators.actions import DefinitionRefused, define_indicator, save_figures
from allmende.insight.indicators.periods import read_period, written
from allmende.insight.indicators.report import report_of, xlsx
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.insight.indicators.conftest import NOW, entry

TODAY = date(2026, 3, 2)


def definition(name: str, **more: object) -> dict[str, object]:
    plain = {"about": {}, "formula": "", "unit": "visits", "decimals": 0, "period": "quarter", "direction": "none"}
    return {"name": translated({"en": name}, "en"), "subject": "organisation", "source": "", **plain, **more}


@pytest.fixture
def network(house: Organisation, anna: User) -> Network:
    """Anna's museum in a network that she coordinates, with a quarterly figure and the year that follows from it."""
    network = Network.objects.create(name="Museen", slug="museen", kind="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation=house, since=NOW)
    NetworkPerson.objects.create(network=network, user=anna, role="coordinator", since=NOW)
    define_indicator(network.pk, "guided_tours", definition("Guided tours"), by=anna, now=NOW)
    year = definition("Guided tours in the year", formula="sum(guided_tours)", period="year")
    define_indicator(network.pk, "guided_tours_year", year, by=anna, now=NOW)
    return network


def test_periods_are_read_as_people_write_them() -> None:
    third = date(2025, 7, 1)
    for text in ("2025-Q3", "Q3 2025", "2025 q3", "K3 2025", "T3/2025", "3. Quartal 2025", "3:e kvartalet 2025"):
        assert read_period(text, "quarter") == third, text
    assert read_period("3e trimestre 2025", "quarter") == third
    assert read_period("2025-07", "quarter") == third
    for text, kind in (
        ("2025-08", "quarter"), ("2025", "quarter"), ("2025-Q5", "quarter"), ("2025-Q3", "year"), ("2025-Q3", "month"),
        ("2025", "month"), ("1889", "year"), ("soon", "year"),
    ):  # fmt: skip
        assert read_period(text, kind) is None, text
    assert read_period("2025-03-01 00:00:00", "year") == date(2025, 1, 1)
    assert read_period("2025-03-01", "month") == date(2025, 3, 1)
    for kind in ("month", "quarter", "year"):
        start = date(2025, 10 if kind != "year" else 1, 1)
        assert read_period(written(kind, start), kind) == start


def test_a_table_of_quarters_is_read_and_comes_back_as_it_went_out(
    network: Network, house: Organisation, anna: User
) -> None:
    table = "code;period;value\nguided_tours;2025-Q1;10\nguided_tours;Q2 2025;20\nguided_tours;2025-05;5\n"
    told = upload.preview(house, io.BytesIO(table.encode()), language="en")
    assert [(one.entry.start, one.entry.value) for one in told.changes] == [
        (date(2025, 1, 1), 10),
        (date(2025, 4, 1), 20),
    ]
    assert told.problems == (("row 4", "“2025-05” is no such period. Write 2025-Q1."),)
    save_figures(house, [one.entry for one in told.changes], by=anna, now=NOW)
    sheet = queries.sheet(house, 2025, user=anna, language="en")
    assert sheet
    again = upload.preview(house, io.BytesIO(upload.csv_table(sheet, "en")), language="en")
    assert (again.changes, again.same) == ((), 2)


def test_four_quarters_are_a_year_and_three_are_none(network: Network, house: Organisation, anna: User) -> None:
    def year() -> float | None:
        sheet = queries.sheet(house, 2025, user=anna, language="en")
        assert sheet
        return {row.definition.code: row.now.value for row in sheet.computed}["guided_tours_year"]

    save_figures(house, [entry("guided_tours", 10.0, month=month) for month in (1, 4, 7)], by=anna, now=NOW)
    assert year() is None
    save_figures(house, [entry("guided_tours", 12.0, month=10)], by=anna, now=NOW)
    assert year() == 42
    refused = save_figures(house, [entry("guided_tours", 1.0, month=2)], by=anna, now=NOW).refused
    assert [one.message for one in refused] == ["This is no first day of such a period."]


def test_quarters_stand_in_the_portrait_and_in_the_report(network: Network, house: Organisation, anna: User) -> None:
    entries = [entry("guided_tours", 10.0 + month, year, month) for year in (2024, 2025) for month in (1, 4, 7, 10)]
    save_figures(house, entries, by=anna, now=NOW)
    shown = queries.portrait(house, user=anna, language="en", today=TODAY)
    assert shown
    assert shown.quarters.starts[0] == date(2024, 7, 1)
    assert shown.quarters.lines[0].values == (17, 20, 11, 14, 17, 20)
    for kind, pk in (("organisation", house.pk), ("network", network.pk)):
        report = report_of(kind, pk, user=anna, language="en", now=NOW, publisher="Allmende")
        assert report
        part = report.parts[-1]
        assert part.title.endswith("By quarter")
        assert part.columns[-3:] == ("Q3 2025", "Q4 2025", "Unit")
        rows = list(load_workbook(io.BytesIO(xlsx(report))).active.iter_rows(values_only=True))
        assert ("guided_tours", 2025, 4, 20) in [(row[1], row[4], row[5], row[6]) for row in rows]


def test_what_is_not_for_quarters_is_refused(network: Network, anna: User) -> None:
    for field, values in (
        ("formula", definition("Season", formula="gini(guided_tours)", unit="coefficient", period="year")),
        ("formula", definition("Plain", formula="guided_tours", period="year")),
        ("period", definition("By quarter", formula="2 * museum_visits")),
    ):
        with pytest.raises(DefinitionRefused) as refused:
            define_indicator(network.pk, "another", values, by=anna, now=NOW)
        assert refused.value.field == field
    with pytest.raises(DefinitionRefused, match="Other indicators are computed from it"):
        define_indicator(network.pk, "guided_tours", definition("Tours", period="year"), by=anna, now=NOW)


def test_a_formula_knows_twelve_months_from_four_quarters() -> None:
    formula = parse("sum(tours)")
    assert isinstance(formula, Formula)
    assert evaluate(formula, 2025, {}, {"tours": [1.0, 2.0, 3.0, 4.0]}).value == 10
    assert evaluate(formula, 2025, {}, {"tours": [1.0, None, 3.0, None]}).missing == ("tours:Q2,4",)
    shape = parse("gini(tours)")
    assert isinstance(shape, Formula)
    assert evaluate(shape, 2025, {}, {"tours": [1.0, 2.0, 3.0, 4.0]}).value is None
