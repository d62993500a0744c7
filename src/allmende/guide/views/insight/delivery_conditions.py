"""A delivery of weather or holidays: what it would change, and what somebody says of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext, pgettext

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.insight.crowding_words import country
from allmende.guide.views.insight.delivery_words import columns_of_problems, error_word, period_words, state_look
from allmende.guide.views.insight.frame import show_insight
from allmende.guide.views.insight.weather_words import VARIABLES
from allmende.guide.views.workspace.frame import person
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.deliveries import queries
from allmende.insight.deliveries.saying import problem_told
from allmende.insight.holidays.queries import name_in
from allmende.insight.models import Delivery, HolidayPeriod, Use
from allmende.partners.rules import is_operator

STYLES: Final = ("guide/insight/deliveries.css", "guide/insight/weather.css")
LANGUAGES: Final = ("", "de", "sv", "da", "nl", "fr", "en")


def is_conditions(entry: Delivery) -> bool:
    """Whether it is a delivery of weather or holidays."""
    return entry.columns.get("shape") in {"weather", "holidays"}


def show_conditions(
    request: HttpRequest,
    page: Page,
    entry: Delivery,
    error: str = "",
    typed: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of such a delivery."""
    page.styles = (*page.styles, *STYLES[1:])
    uses = [pair for pair in Use.choices if _may_choose(pair[0], entry, request)]
    context = {
        "entry": entry,
        "is_open": entry.state in queries.STATES_OPEN,
        "look": state_look,
        "preview": queries.preview_kept(entry),
        "told": typed or entry.columns,
        "shape": entry.columns.get("shape"),
        "uses": uses,
        "kinds": _kinds(),
        "holiday_kinds": HolidayPeriod.Kind.choices,
        "languages": [(one, formats.language_name(one, page.language) if one else "–") for one in LANGUAGES],
        "problems": [problem_told(problem) for problem in entry.problems],
        "error_word": error_word,
        "problem_words": columns_of_problems(),
        "error": error,
        "variables": {key: str(label) for key, label in VARIABLES.items()},
        "country": lambda code: country(code, page.language),
        "name_in": lambda names: name_in(names, page.language),
        "day": lambda text: formats.day_medium(date.fromisoformat(text), page.language),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
        "clock_of": lambda period: period_words(period, page.zone, page.language),
        "kind_names": dict(HolidayPeriod.Kind.choices),
    }
    return show_insight(request, page, "deliveries", "delivery_conditions.html", context, status=status)


def _may_choose(use: str, entry: Delivery, request: HttpRequest) -> bool:
    if use == entry.columns.get("use") or use == Use.OWNER:
        return True
    return entry.network_id is not None if use == Use.NETWORK else is_operator(person(request))


def _kinds() -> list[tuple[str, str]]:
    return [
        ("auto", gettext("Observed until the delivery, a forecast from then on")),
        ("observed", pgettext("weather hours", "All observed")),
        ("forecast", pgettext("weather hours", "All a forecast")),
    ]


def posted_options(posted: QueryDict, entry: Delivery) -> dict[str, Any]:
    """What was typed, as the options of the delivery; numbers that are none stay words, and are refused."""
    told = {name: clean(posted.get(name, ""))[:120] for name in entry.columns if name not in {"shape", "lon", "lat"}}
    for name in ("country", "subdivision"):
        if name in told:
            told[name] = told[name].upper().strip()
    numbers = {name: _number(posted.get(name, "")) for name in ("lon", "lat") if name in entry.columns}
    return {**told, **numbers}


def _number(text: str) -> float | None:
    """A number as typed; far outside of the Earth where it is none, so that it is refused with its remedy."""
    plain = text.strip().replace(",", ".").replace("−", "-")
    if not plain:
        return None
    try:
        number = float(plain)
    except ValueError:
        return 1e9
    return number if abs(number) < 1e9 else 1e9
