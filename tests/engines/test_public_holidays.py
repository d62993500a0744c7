"""Public holidays by country and subdivision."""

from __future__ import annotations

from datetime import date

from allmende.engines.holidays import is_public_holiday


def test_a_national_holiday() -> None:
    assert is_public_holiday("FR", "", date(2026, 7, 14)) is True
    assert is_public_holiday("FR", "", date(2026, 7, 15)) is False
    assert is_public_holiday("de", "", date(2026, 10, 3)) is True


def test_a_holiday_of_one_subdivision_only() -> None:
    assert is_public_holiday("DE", "BY", date(2026, 1, 6)) is True
    assert is_public_holiday("DE", "HE", date(2026, 1, 6)) is False


def test_an_unknown_subdivision_has_the_holidays_of_its_country() -> None:
    assert is_public_holiday("DE", "ZZ", date(2026, 10, 3)) is True


def test_an_unknown_country_has_none() -> None:
    assert is_public_holiday("XX", "", date(2026, 1, 1)) is False
    assert is_public_holiday("Germany", "", date(2026, 1, 1)) is False
    assert is_public_holiday("", "", date(2026, 1, 1)) is False
