"""The forms of the steps in which an intervention is written down."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.guide.views.workspace.forms import REQUIRED
from allmende.insight.interventions.values import Expectation, What
from allmende.insight.models import Intervention

DAY: Final = {"invalid": _("Write the day as year-month-day, such as 2026-12-05."), **REQUIRED}
NUMBER: Final = {"invalid": _("Write a number, such as 10 or 12.5.")}
CURRENCIES: Final = tuple((code, code) for code in ("EUR", "DKK", "SEK", "NOK", "CHF", "GBP"))
HOURS: Final = tuple((str(hour), f"{hour % 24:02d}:00") for hour in range(25))


class WhatForm(forms.Form):
    """What is done, and when."""

    organisation = forms.TypedChoiceField(coerce=int, error_messages=REQUIRED)
    network = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    title = forms.CharField(max_length=200, error_messages=REQUIRED)
    kind = forms.ChoiceField(choices=Intervention.Kind.choices, error_messages=REQUIRED)
    what = forms.CharField(max_length=8000, error_messages=REQUIRED)
    starts_on = forms.DateField(error_messages=DAY)
    ends_on = forms.DateField(required=False, error_messages=DAY)
    from_hour = forms.TypedChoiceField(coerce=int, choices=(("", ""), *HOURS[:24]), required=False, empty_value=None)
    until_hour = forms.TypedChoiceField(coerce=int, choices=(("", ""), *HOURS[1:]), required=False, empty_value=None)
    weekdays = forms.TypedMultipleChoiceField(
        coerce=int, choices=[(str(day), str(day)) for day in range(7)], required=False
    )

    def __init__(self, *args: Any, homes: list[tuple[int, str]], spaces: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("organisation", homes), ("network", [("", ""), *spaces])):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("from_hour"), told.get("until_hour")
        if (first is None) != (last is None):
            self.add_error("until_hour", _("Choose both hours, or none for the whole day."))
        elif first is not None and last is not None and last <= first:
            self.add_error("until_hour", _("It ends before it begins."))
        return told

    def told(self) -> What:
        """What was said."""
        data = self.cleaned_data
        first, last = data["from_hour"], data["until_hour"]
        return What(
            organisation_id=data["organisation"],
            network_id=data["network"],
            title=data["title"],
            kind=data["kind"],
            what=data["what"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            hours=tuple(range(first, last)) if first is not None else (),
            weekdays=tuple(data["weekdays"]),
        )


def initial_what(one: Intervention) -> dict[str, Any]:
    """What stands in the first step of a draft."""
    return {
        "organisation": one.organisation_id,
        "network": one.network_id or "",
        "title": one.title,
        "kind": one.kind,
        "what": one.what,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat() if one.ends_on else "",
        "from_hour": one.hours[0] if one.hours else "",
        "until_hour": one.hours[-1] + 1 if one.hours else "",
        "weekdays": one.weekdays,
    }


class ExpectationForm(forms.Form):
    """What should come of it."""

    hypothesis = forms.CharField(max_length=8000, error_messages=REQUIRED)
    direction = forms.ChoiceField(choices=Intervention.Direction.choices, error_messages=REQUIRED)
    expected_percent = forms.FloatField(error_messages={**REQUIRED, **NUMBER}, localize=False)
    cost = forms.DecimalField(max_digits=12, decimal_places=2, required=False, error_messages=NUMBER)
    currency = forms.ChoiceField(choices=CURRENCIES, required=False)

    def told(self) -> Expectation:
        """What was said."""
        data = self.cleaned_data
        return Expectation(
            data["hypothesis"], data["direction"], data["expected_percent"], data["cost"], data["currency"] or "EUR"
        )


def initial_expectation(one: Intervention) -> dict[str, Any]:
    """What stands in the third step of a draft."""
    percent = one.expected_percent
    return {
        "hypothesis": one.hypothesis,
        "direction": one.direction,
        "expected_percent": "" if percent is None else f"{abs(percent):g}",
        "cost": "" if one.cost is None else f"{one.cost:g}" if one.cost == int(one.cost) else str(one.cost),
        "currency": one.currency,
    }
