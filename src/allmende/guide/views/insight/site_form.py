"""The form of a measured place: what a person types, as typed, and the facts that it means."""

from __future__ import annotations

import json
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, gettext_lazy

from allmende.guide.views.workspace.forms import REQUIRED
from allmende.insight.models import Site
from allmende.insight.sites.actions import SiteFacts

NUMBER: Final = {"invalid": gettext_lazy("Write a number, such as 43.6.")}
WHOLE: Final = {"invalid": gettext_lazy("Write a whole number of people from 1 on, or nothing.")}
FIELD_OF: Final = {"place_id": "place", "territory_id": "territory", "network_id": "network"}


def _no_number(word: str) -> float:
    """NaN and Infinity are in no JSON, and no database keeps them in one."""
    raise ValueError(word)


class SiteForm(forms.Form):
    """Everything that is told of a site.  Shares of the capacity are typed in per cent."""

    name = forms.CharField(max_length=200, error_messages=REQUIRED)
    kind = forms.ChoiceField(choices=Site.Kind.choices)
    about = forms.CharField(max_length=4000, required=False)
    place = forms.IntegerField(required=False)
    territory = forms.IntegerField(required=False)
    lon = forms.FloatField(required=False, error_messages=NUMBER)
    lat = forms.FloatField(required=False, error_messages=NUMBER)
    outline = forms.CharField(max_length=2_000_000, required=False)
    timezone = forms.CharField(max_length=60)
    subdivision = forms.CharField(max_length=10, required=False)
    capacity = forms.IntegerField(required=False, error_messages=WHOLE)
    capacity_basis = forms.ChoiceField(choices=[("", "–"), *Site.CapacityBasis.choices], required=False)
    capacity_note = forms.CharField(max_length=500, required=False)
    lively_from = forms.FloatField(error_messages=NUMBER)
    full_from = forms.FloatField(error_messages=NUMBER)
    sharing = forms.ChoiceField(choices=Site.Sharing.choices)
    network = forms.IntegerField(required=False)
    shown = forms.ChoiceField(choices=Site.Shown.choices)
    may_be_suggested = forms.BooleanField(required=False)

    def clean_outline(self) -> dict[str, Any] | None:
        text = str(self.cleaned_data["outline"]).strip()
        if not text:
            return None
        try:
            told = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                gettext("Paste a GeoJSON polygon in longitude and latitude, of at most 20,000 points.")
            ) from error
        if isinstance(told, dict) and told.get("type") == "FeatureCollection" and len(told.get("features") or []) == 1:
            told = told["features"][0]
        if isinstance(told, dict) and told.get("type") == "Feature":
            told = told.get("geometry")
        # Nothing but the shape: what else stands there is nobody's business here.
        return {key: told.get(key) for key in ("type", "coordinates")} if isinstance(told, dict) else {}

    def facts(self) -> SiteFacts:
        """What was typed, of a valid form."""
        told = self.cleaned_data
        return SiteFacts(
            name=told["name"].strip(),
            kind=told["kind"],
            about=told["about"].strip(),
            place_id=told["place"],
            territory_id=told["territory"],
            lon=told["lon"],
            lat=told["lat"],
            outline=told["outline"],
            timezone=told["timezone"].strip(),
            subdivision=told["subdivision"].strip().upper(),
            capacity=told["capacity"],
            capacity_basis=told["capacity_basis"],
            capacity_note=told["capacity_note"].strip(),
            lively_from=round(told["lively_from"] / 100, 4),
            full_from=round(told["full_from"] / 100, 4),
            sharing=told["sharing"],
            network_id=told["network"],
            shown=told["shown"],
            may_be_suggested=told["may_be_suggested"],
        )


def as_typed(facts: SiteFacts) -> dict[str, Any]:
    """What stands in the form of a site with these facts."""
    return {
        "name": facts.name,
        "kind": facts.kind,
        "about": facts.about,
        "place": facts.place_id or "",
        "territory": facts.territory_id or "",
        "lon": plain(facts.lon),
        "lat": plain(facts.lat),
        "outline": json.dumps(facts.outline) if facts.outline else "",
        "timezone": facts.timezone,
        "subdivision": facts.subdivision,
        "capacity": facts.capacity or "",
        "capacity_basis": facts.capacity_basis,
        "capacity_note": facts.capacity_note,
        "lively_from": plain(facts.lively_from * 100),
        "full_from": plain(facts.full_from * 100),
        "sharing": facts.sharing,
        "network": facts.network_id or "",
        "shown": facts.shown,
        "may_be_suggested": facts.may_be_suggested,
    }


def plain(value: float | None) -> str:
    """A number as one types it."""
    return "" if value is None else f"{value:.10g}"
