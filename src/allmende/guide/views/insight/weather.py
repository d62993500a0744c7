"""Delivered weather and holidays: which stations there are, for whose places they count, whose holidays are known."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core import formats
from allmende.guide.views.insight.crowding_words import country
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.site_form import NUMBER
from allmende.guide.views.workspace.forms import REQUIRED
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.insight.holidays.queries import listed
from allmende.insight.models import HolidayPeriod, Use, WeatherStation
from allmende.insight.owners import owners_to_choose
from allmende.insight.rules import may_edit_for
from allmende.insight.sites import queries as sites
from allmende.insight.weather.actions import StationFacts, StationRefused, change_station
from allmende.insight.weather.queries import station_to_see, stations_of
from allmende.partners.rules import is_operator

STYLES: Final = ("guide/insight/weather.css",)
HERE: Final = "/workspace/insight/weather/"


@require_safe
@signed_in
def weather(request: HttpRequest) -> HttpResponse:
    """Stations and holidays that I see."""
    user = person(request)
    page = insight_page(request, gettext("Weather and holidays"), styles=STYLES)
    page.crumbs = ((gettext("Deliveries"), f"{page.base}/workspace/insight/deliveries/"),)
    context = {
        "stations": stations_of(user),
        "holidays": listed(user),
        "may_load": bool(owners_to_choose(user)),
        "uses": dict(Use.choices),
        "kinds": dict(HolidayPeriod.Kind.choices),
        "country": lambda code: country(code, page.language),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "weather.html", context)


class StationForm(forms.Form):
    """What is told of a station."""

    name = forms.CharField(max_length=120, error_messages=REQUIRED)
    lon = forms.FloatField(required=False, error_messages=NUMBER)
    lat = forms.FloatField(required=False, error_messages=NUMBER)
    source = forms.CharField(max_length=200, required=False)
    licence = forms.CharField(max_length=300, required=False)
    use = forms.ChoiceField(choices=Use.choices)
    network = forms.IntegerField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def weather_station(request: HttpRequest, pk: int) -> HttpResponse:
    """One station; its editors change it."""
    station: WeatherStation = found(station_to_see(person(request), pk))
    may_edit = may_edit_for(person(request), station.organisation_id)
    if request.method == "POST":
        found(may_edit or None)
        return _change(request, station)
    return _show(request, station, _typed(station), {}, may_edit=may_edit)


def _change(request: HttpRequest, station: WeatherStation) -> HttpResponse:
    form = StationForm(request.POST)
    typed: dict[str, Any] = request.POST.dict()
    if not form.is_valid():
        faults = {name: str(errors[0]) for name, errors in form.errors.items()}
        return _show(request, station, typed, faults, may_edit=True)
    told = form.cleaned_data
    facts = StationFacts(
        told["name"].strip(), told["lon"], told["lat"], told["source"].strip(), told["licence"].strip(), told["use"], told["network"]
    )  # fmt: skip
    try:
        change_station(station, facts, by=person(request), now=insight_page(request, "").now)
    except StationRefused as refused:
        station.refresh_from_db()
        return _show(request, station, typed, refused.faults, may_edit=True)
    return go(request, f"{HERE}{station.pk}/", gettext("Saved."))


def _typed(station: WeatherStation) -> dict[str, Any]:
    told = {name: getattr(station, name) for name in ("name", "lon", "lat", "source", "licence", "use")}
    return {key: "" if value is None else value for key, value in told.items()} | {"network": station.network_id or ""}


def _show(
    request: HttpRequest, station: WeatherStation, typed: dict[str, Any], faults: dict[str, str], *, may_edit: bool
) -> HttpResponse:
    user = person(request)
    page = insight_page(request, station.name, styles=STYLES)
    page.crumbs = ((gettext("Weather and holidays"), f"{page.base}{HERE}"),)
    uses = [one for one in Use.choices if one[0] != Use.EVERYONE or station.use == Use.EVERYONE or is_operator(user)]
    spaces: list[tuple[int | str, str]] = [("", "–"), *sites.spaces_to_share_in(user)]
    if station.network and all(pk != station.network_id for pk, _ in spaces):
        spaces.append((station.network.pk, station.network.name))
    context = {
        "station": station,
        "typed": typed,
        "faults": faults,
        "may_edit": may_edit,
        "uses": uses,
        "spaces": spaces,
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "weather_station.html", context, status=422 if faults else 200)
