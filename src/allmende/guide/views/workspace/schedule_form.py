"""The form that says where and when a source is fetched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models import Source
from allmende.guide.views.workspace.feed_words import UNITS

WHOLE = {"invalid": _("Write a whole number.")}
BELIEVED = 100
TOO_FAR = {name: _("Between −100 and 100, please.") for name in ("min_value", "max_value")}


class ScheduleForm(forms.Form):
    """Where, how often, and what follows from it."""

    location = forms.CharField(max_length=1000, required=False)
    every = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        error_messages={
            **WHOLE,
            "min_value": _("Between 5 minutes and 30 days, please."),
            "max_value": _("Between 5 minutes and 30 days, please."),
        },
    )
    unit = forms.ChoiceField(choices=[*UNITS.items()])
    is_paused = forms.BooleanField(required=False)
    precedence = forms.IntegerField(
        required=False, min_value=-BELIEVED, max_value=BELIEVED, error_messages={**WHOLE, **TOO_FAR}
    )
    is_indexed = forms.BooleanField(required=False)
    inside_only = forms.BooleanField(required=False)

    def changes(self) -> dict[str, Any]:
        """What was filled in, under the names of the source's columns."""
        told = self.cleaned_data
        every = told["every"]
        return {
            "location": told["location"],
            "every_minutes": every * int(told["unit"]) if every else None,
            "is_paused": told["is_paused"],
            "precedence": told["precedence"] or 0,
            "is_indexed": told["is_indexed"],
            "inside_only": told["inside_only"],
        }


def schedule_form(source: Source) -> ScheduleForm:
    """The form as the source is now."""
    minutes = source.every_minutes
    unit = next((unit for unit in (1440, 60) if minutes and minutes % unit == 0), 1 if minutes else 60)
    return ScheduleForm(
        initial={
            "location": source.location if "://" in source.location else "",
            "every": minutes // unit if minutes else None,
            "unit": str(unit),
            "is_paused": source.is_paused,
            "precedence": source.precedence,
            "is_indexed": source.is_indexed,
            "inside_only": source.inside_only,
        }
    )
