"""Figures are stored by those who may, kept private until shared, taken back as a whole, and computed from one another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from allmende.core.models import AuditEntry, User
from allmende.insight.indicators import queries
from allmende.insight.indicators.actions import (
    CannotUndo,
    FiguresForbidden,
    save_figures,
    share_figures,
    undo_batch,
)
from allmende.insight.models import IndicatorBatch, IndicatorValue
from allmende.partners.actions import found_organisation
from allmende.partners.models import Organisation, Territory
from tests.insight.indicators.conftest import NOW, Fill, entry

TODAY = date(2026, 3, 2)


def value_of(code: str) -> float:
    return IndicatorValue.objects.get(indicator__code=code).value


def test_an_editor_stores_figures_with_an_audit_line(house: Organisation, anna: User) -> None:
    saved = save_figures(house, [entry("museum_visits", 12_000.0, source="Kasse")], by=anna, now=NOW)
    assert (saved.created, saved.changed, saved.refused) == (1, 0, ())
    row = IndicatorValue.objects.get()
    assert (row.value, row.source, row.is_shared, row.entered_for) == (12_000.0, "Kasse", False, house)
    line = AuditEntry.objects.get(action="insight.save_figures")
    assert line.details["years"] == [2025]
    assert "12000" not in str(line.details)  # the trail names no figures: more people read it


def test_who_is_not_an_editor_stores_nothing(house: Organisation, mats: User, bob: User) -> None:
    for other in (mats, bob, None):
        with pytest.raises(FiguresForbidden):
            save_figures(house, [entry("museum_visits", 1.0)], by=other, now=NOW)
        with pytest.raises(FiguresForbidden):
            share_figures(house, year=2025, is_shared=True, by=other, now=NOW)
        with pytest.raises(FiguresForbidden):
            undo_batch(house, 1, by=other, now=NOW)
    assert not IndicatorValue.objects.exists()


def test_good_figures_go_in_beside_bad_ones(house: Organisation, anna: User) -> None:
    saved = save_figures(
        house,
        [
            entry("museum_visits", 10.0),
            entry("museum_visits_school", -1.0),
            entry("nights", 5.0),
            entry("museum_cost_per_visit", 5.0),
            entry("museum_volunteers", 5.0, month=3),
        ],
        by=anna,
        now=NOW,
    )
    assert saved.created == 1
    assert [one.code for one in saved.refused] == [
        "museum_visits_school",
        "nights",
        "museum_cost_per_visit",
        "museum_volunteers",
    ]


def test_the_same_figures_again_change_nothing(house: Organisation, fill: Fill) -> None:
    fill(house, {"museum_visits": 10.0})
    assert fill(house, {"museum_visits": 10.0}).batch_id is None
    assert IndicatorBatch.objects.count() == 1


def test_a_change_is_taken_back_as_a_whole(house: Organisation, anna: User, fill: Fill) -> None:
    first = fill(house, {"museum_visits": 10.0, "museum_volunteers": 4.0})
    later = [entry("museum_visits", 20.0), entry("museum_volunteers", None), entry("museum_paid_fte", 2.5)]
    second = save_figures(house, later, by=anna, now=NOW + timedelta(hours=1))
    assert (second.created, second.changed, second.removed) == (1, 1, 1)
    assert first.batch_id
    assert second.batch_id
    with pytest.raises(CannotUndo):
        undo_batch(house, first.batch_id, by=anna, now=NOW)
    assert undo_batch(house, second.batch_id, by=anna, now=NOW + timedelta(hours=2)) == 3
    assert value_of("museum_visits") == 10
    assert value_of("museum_volunteers") == 4
    assert not IndicatorValue.objects.filter(indicator__code="museum_paid_fte").exists()
    with pytest.raises(CannotUndo):
        undo_batch(house, second.batch_id, by=anna, now=NOW)
    assert undo_batch(house, first.batch_id, by=anna, now=NOW) == 2
    assert not IndicatorValue.objects.exists()


def test_sharing_is_taken_back_like_any_change(house: Organisation, anna: User, fill: Fill) -> None:
    fill(house, {"museum_visits": 10.0, "museum_volunteers": 4.0})
    shared = share_figures(house, year=2025, is_shared=True, by=anna, now=NOW)
    assert shared.changed == 2
    assert IndicatorValue.objects.filter(is_shared=True).count() == 2
    assert shared.batch_id
    undo_batch(house, shared.batch_id, by=anna, now=NOW)
    assert not IndicatorValue.objects.filter(is_shared=True).exists()


def test_own_figures_are_private_until_shared(
    house: Organisation, anna: User, mats: User, bob: User, fill: Fill
) -> None:
    def seen(user: User | None) -> list[str]:
        found = queries.portrait(house, user=user, language="en", today=TODAY)
        return [line.definition.code for _, lines in found.groups for line in lines] if found else []

    fill(house, {"museum_visits": 10.0, "museum_visits_under18": 3.0})
    both = ["museum_visits", "museum_visits_under18", "museum_under18_share"]
    assert seen(anna) == seen(mats) == both
    assert seen(bob) == seen(None) == []
    fill(house, {"museum_visits": 10.0}, is_shared=True)
    assert seen(bob) == ["museum_visits"]  # the share would tell the other figure
    fill(house, {"museum_visits_under18": 3.0}, is_shared=True)
    assert seen(bob) == both


def test_computed_figures_name_what_they_rest_on(house: Organisation, anna: User, fill: Fill) -> None:
    fill(house, {"museum_visits": 8000.0, "museum_expenditure": 100_000.0, "museum_own_income": 25_000.0})
    found = queries.portrait(house, user=anna, language="en", today=TODAY)
    assert found
    lines = {line.definition.code: line.last for _, group in found.groups for line in group}
    cost = lines["museum_cost_per_visit"]
    assert (cost.value, cost.origin, cost.rests_on) == (12.5, "computed", ("museum_expenditure", "museum_visits"))
    assert lines["museum_own_income_ratio"].value == 25
    assert "museum_visits_per_hour" not in lines  # no opening hours: not zero, not guessed


def test_a_sheet_has_last_years_figures_and_asks_about_slips(house: Organisation, anna: User, fill: Fill) -> None:
    fill(house, {"museum_visits": 1000.0, "museum_volunteers": 5.0}, 2024)
    fill(house, {"museum_visits": 9000.0, "museum_visits_under18": 9500.0, "museum_opening_days": 400.0})
    found = queries.sheet(house, 2025, user=anna, language="en")
    assert found
    rows = {row.definition.code: row for _, group in found.groups for row in group}
    assert rows["museum_visits"].before.value == 1000
    assert rows["museum_visits"].warnings == ("9 times last year’s figure. If that is so, say why in the note.",)
    assert rows["museum_visits_under18"].warnings == ("More than the whole: Visits is 9,000.",)
    assert rows["museum_opening_days"].warnings == ("That is more than a year has.",)
    assert rows["museum_volunteers"].now.value is None
    assert (found.filled, found.asked) == (3, 11)


def test_a_sheet_is_for_editors(house: Organisation, mats: User, bob: User) -> None:
    for other in (mats, bob, None):
        assert queries.sheet(house, 2025, user=other, language="en") is None


@pytest.fixture
def town(db: None) -> Organisation:
    area = Territory.objects.create(
        country="DE", level="municipality", code="1", name="Kleinstadt", slug="kleinstadt", population=4000
    )
    town = found_organisation("Stadt Kleinstadt", by=None, now=NOW, kind="municipality")
    town.municipality = area
    town.save()
    return town


def test_a_town_fills_in_months_and_learns_its_season(town: Organisation) -> None:
    nights = [310.0, 280.0, 310.0, 300.0, 310.0, 600.0, 620.0, 620.0, 300.0, 310.0, 300.0, 310.0]
    entries = [entry("nights", value, month=month) for month, value in enumerate(nights, 1)]
    entries += [entry("arrivals", 100.0, month=month) for month in range(1, 13)]
    assert save_figures(town, entries, by=None, now=NOW, trusted=True).created == 24
    operator = User.objects.create_user("op@example.org", "a long enough password", name="Op", is_operator=True)
    found = queries.portrait(town, user=operator, language="en", today=TODAY)
    assert found
    lines = {line.definition.code: line.last for _, group in found.groups for line in group}
    assert lines["nights_year"].value == 4570
    assert lines["length_of_stay"].value == pytest.approx(4570 / 1200)
    assert lines["residents"].origin == "register"
    assert lines["intensity"].value == pytest.approx(1000 * 4570 / 4000)
    assert lines["season_ratio"].value == pytest.approx(20 / 12.5)
    assert lines["season_gini"].value == pytest.approx(2 * (45 * 10 + 33 * 20) / (12 * 150) - 1 - 1 / 12)


def test_what_another_organisation_keeps_by_now_is_not_put_back_over_it(town: Organisation) -> None:
    other = found_organisation("Tourist-Info", by=None, now=NOW, kind="dmo")
    other.municipality = town.municipality
    other.save()
    operator = User.objects.create_user("op@example.org", "a long enough password", is_operator=True)
    save_figures(town, [entry("beds", 200.0)], by=None, now=NOW, trusted=True)
    gone = save_figures(town, [entry("beds", None)], by=None, now=NOW, trusted=True)
    save_figures(other, [entry("beds", 300.0)], by=None, now=NOW, trusted=True)
    assert gone.batch_id is not None
    with pytest.raises(CannotUndo, match="Another organisation"):
        undo_batch(town, gone.batch_id, by=operator, now=NOW)
    assert value_of("beds") == 300


def test_an_endless_figure_is_refused(house: Organisation, anna: User) -> None:
    for value in (float("nan"), float("inf")):
        saved = save_figures(house, [entry("museum_visits", value)], by=anna, now=NOW)
        assert ["no figure" in one.message for one in saved.refused] == [True]


def test_one_organisation_keeps_the_figures_of_an_area(town: Organisation) -> None:
    other = found_organisation("Tourist-Info", by=None, now=NOW, kind="dmo")
    other.municipality = town.municipality
    other.save()
    save_figures(town, [entry("beds", 200.0)], by=None, now=NOW, trusted=True)
    saved = save_figures(other, [entry("beds", 300.0)], by=None, now=NOW, trusted=True)
    assert [one.message for one in saved.refused] == ["Another organisation keeps this figure of the area."]
    assert value_of("beds") == 200
