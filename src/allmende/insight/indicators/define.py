"""Networks define indicators of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.models import User
from allmende.insight.bridges import indicators as engine
from allmende.insight.indicators.refusals import DefinitionRefused, FiguresForbidden
from allmende.insight.models import BenchmarkRelease, Indicator, IndicatorValue
from allmende.insight.rules import may_define_for


def define_indicator(
    network_id: int, code: str, values: Mapping[str, Any], *, by: User | None, now: datetime
) -> Indicator:
    """Define an indicator for the members of a network, or change one that the network has defined.

    ``values``: name and about (translated text), formula, unit, decimals, period, subject, direction, source, owner_id.
    What figures exist for keeps its unit, period and subject.  Raises :class:`FiguresForbidden`,
    :class:`DefinitionRefused`.
    """
    if not may_define_for(by, network_id):
        raise FiguresForbidden("Only coordinators of a network define its indicators.")
    _check_definition(code, values)
    with transaction.atomic():
        row = Indicator.objects.select_for_update().filter(code=code).first()
        if row is not None and row.network_id != network_id:
            raise DefinitionRefused("code", gettext("This short name is taken. Choose another one."))
        fixed = ("unit", "period", "subject")
        differs = row is not None and (any(values[name] != getattr(row, name) for name in fixed) or values["formula"])
        if differs and IndicatorValue.objects.filter(indicator=row).exists():
            message = gettext("There are figures of it already: unit, period and subject stay as they are.")
            raise DefinitionRefused("unit", message)
        if row is not None and values["formula"] != row.formula and _was_shown(row):
            # Group after group of another formula of the same figures would tell these one by one.
            raise DefinitionRefused("code", gettext("This short name is taken. Choose another one."))
        if row is not None and values["period"] != row.period and _is_needed(code):
            message = gettext("Other indicators are computed from it: its period stays as it is.")
            raise DefinitionRefused("period", message)
        row = row or Indicator(code=code, network_id=network_id, set="own")
        _check_formula(code, network_id, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        record("insight.define_indicator", ("network", network_id), by=by, now=now, code=code)
    return row


def _is_needed(code: str) -> bool:
    formulas = Indicator.objects.filter(formula__contains=code).values_list("formula", flat=True)
    return any(code in engine.understood(formula).codes() for formula in formulas)


def _was_shown(row: Indicator) -> bool:
    return BenchmarkRelease.objects.filter(indicator=row, released_at__isnull=False).exists()


def _check_definition(code: str, values: Mapping[str, Any]) -> None:
    if (
        not code
        or not code.isascii()
        or not code.replace("_", "").isalnum()
        or not code[0].islower()
        or code != code.lower()
    ):
        message = gettext("Use small letters, digits and the underscore, a letter first: visitors_by_bus.")
        raise DefinitionRefused("code", message)
    if not values["name"]:
        raise DefinitionRefused("name", gettext("Give it a name."))
    if values["unit"] not in engine.UNITS:
        raise DefinitionRefused("unit", gettext("Choose a unit from the list."))


def _check_formula(code: str, network_id: int, values: Mapping[str, Any]) -> None:
    """Refuse a formula that is not understood, takes what is not there, mixes units or needs itself."""
    if not values["formula"]:
        return
    if values["period"] != Indicator.Period.YEAR:
        raise DefinitionRefused("period", gettext("What is computed is computed for a year. Choose the year."))
    formula = engine.parse(values["formula"])
    if isinstance(formula, engine.FormulaError):
        words = {"at": formula.at, "word": formula.word or "…"}
        message = gettext(
            "It is not understood at character %(at)s (%(word)s). Write numbers, short names of indicators, + - * / and brackets."
        )
        raise DefinitionRefused("formula", message % words)
    there = Indicator.objects.exclude(code=code)
    known = {
        row.code: row for row in there if row.network_id in {None, network_id} and row.subject == values["subject"]
    }
    unknown = [one for one in formula.codes() if one not in known and one != code]
    if unknown:
        message = gettext("There is no indicator “%(code)s” of the same subject.")
        raise DefinitionRefused("formula", message % {"code": unknown[0]})
    formulas = {row.code: engine.understood(row.formula) for row in known.values() if row.formula}
    order = engine.order_of({**formulas, code: formula})
    if order and not isinstance(order[0], str):
        raise DefinitionRefused("formula", gettext("It needs itself: %(ring)s.") % {"ring": " → ".join(order[0])})
    for needed, function in formula.parts():
        message = _misuse(known[needed].period, function)
        if message:
            raise DefinitionRefused("formula", message % {"code": needed})
    problem = engine.unit_problem(formula, values["unit"], {one: row.unit for one, row in known.items()})
    if problem:
        raise DefinitionRefused("formula", gettext("The units do not go together: the formula gives something else."))


def _misuse(period: str, function: str) -> str:
    """What is wrong with a function (or none) around a figure of this period; empty: nothing."""
    if period == Indicator.Period.YEAR:
        return gettext("“%(code)s” is a yearly figure: write it without a function.") if function else ""
    if period == Indicator.Period.QUARTER and function not in engine.OF_QUARTERS:
        return gettext("“%(code)s” is a quarterly figure: write sum(%(code)s).")
    return "" if function else gettext("“%(code)s” is a monthly figure: write sum(%(code)s).")
