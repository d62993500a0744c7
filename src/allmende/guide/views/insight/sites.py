"""Measured places: the list, a new one, its settings."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.site_form import FIELD_OF, SiteForm, as_typed, plain
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.insight.models import Site
from allmende.insight.owners import owners_to_choose
from allmende.insight.sites import actions, queries

STYLES: Final = ("guide/insight/sites.css",)
HERE: Final = "/workspace/insight/sites/"


def words_of(request: HttpRequest, name: str = "q") -> str:
    """What somebody looks for."""
    return request.GET.get(name, "").replace("\0", "").strip()[:80]


@require_safe
@signed_in
def sites(request: HttpRequest) -> HttpResponse:
    """The measured places that I see."""
    user = person(request)
    page = insight_page(request, gettext("Measured places"), styles=STYLES)
    wanted = {
        "q": words_of(request),
        "whose": request.GET.get("whose", ""),
        "kind": request.GET.get("kind", ""),
        "ended": request.GET.get("ended", ""),
    }
    number = request.GET.get("page", "1")
    listing = queries.list_sites(
        user,
        words=wanted["q"],
        whose=wanted["whose"],
        kind=wanted["kind"],
        ended=wanted["ended"] == "1",
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    context = {
        "listing": listing,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "kinds": Site.Kind.choices,
        "may_make": bool(owners_to_choose(user)),
        "query": urlencode({name: value for name, value in wanted.items() if value}),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "sites", "sites.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_site(request: HttpRequest) -> HttpResponse:
    """Begin to measure a place: one of the guide, or one that is in no guide."""
    user = person(request)
    organisations = owners_to_choose(user)
    found(organisations or None)
    page = _page(request, gettext("Measure a place"))
    chosen = request.GET.get("place", "")
    begun = queries.begin_with(user, int(chosen), page.language) if chosen.isdecimal() and len(chosen) < 16 else {}
    if request.method == "POST":
        return _make(request, page, organisations)
    typed = as_typed(actions.SiteFacts(name="", timezone=str(page.zone)))
    typed.update({name: value for name, value in begun.items() if value is not None})
    typed.update({name: plain(begun.get(name)) for name in ("lon", "lat")})
    context = {"typed": typed, "begun": begun, **_searched(request, page)}
    return _show(request, page, None, organisations, context)


def _searched(request: HttpRequest, page: Page) -> dict[str, Any]:
    words = words_of(request)
    found_places = queries.places_to_measure(person(request), words, page.language) if words else []
    return {"words": words, "found_places": found_places}


def _make(request: HttpRequest, page: Page, organisations: list[tuple[int, str]]) -> HttpResponse:
    user, form = person(request), SiteForm(request.POST)
    number = request.POST.get("organisation", "")
    owner = found(next((pk for pk, _ in organisations if str(pk) == number), None))
    calculated = _calculated(request)
    faults = _faults(form)
    if calculated is None and not faults:
        try:
            site = actions.make_site(owner, form.facts(), by=user, now=page.now)
        except actions.SiteRefused as error:
            faults = _by_field(error)
        else:
            note = gettext("%(site)s is on the list. Now load its figures, or connect a counter.")
            return go(request, f"{HERE}{site.slug}/settings/", note % {"site": site.name})
    return _again(request, page, None, organisations, faults, calculated)


def _page(request: HttpRequest, title: str) -> Page:
    page = insight_page(request, title, styles=STYLES)
    page.crumbs = ((gettext("Measured places"), f"{page.base}{HERE}"),)
    return page


def _faults(form: SiteForm) -> dict[str, str]:
    return {} if form.is_valid() else {name: str(errors[0]) for name, errors in form.errors.items()}


def _by_field(error: actions.SiteRefused) -> dict[str, str]:
    return {FIELD_OF.get(name, name): text for name, text in error.faults.items()}


def _calculated(request: HttpRequest) -> dict[str, str] | None:
    """What the little calculator says when its button was pressed; what was typed elsewhere stays."""
    if request.POST.get("do") != "calculate":
        return None
    try:
        area = float(request.POST.get("square_metres", "").replace(",", "."))
        each = float(request.POST.get("per_person", "").replace(",", "."))
    except ValueError:
        area = each = 0.0
    capacity = queries.capacity_from_area(area, each)
    if capacity is None:
        return {"error": gettext("Write two numbers: the usable area, and how much of it one person needs.")}
    note = gettext("%(area)s m² at %(each)s m² for each person.") % {"area": f"{area:g}", "each": f"{each:g}"}
    return {"capacity": str(capacity), "capacity_basis": Site.CapacityBasis.AREA, "capacity_note": note}


def _again(
    request: HttpRequest,
    page: Page,
    site: Site | None,
    organisations: list[tuple[int, str]],
    faults: dict[str, str],
    calculated: dict[str, str] | None,
) -> HttpResponse:
    """The form once more with everything that was typed."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in SiteForm.base_fields}
    typed["may_be_suggested"] = bool(request.POST.get("may_be_suggested"))
    wrong = (calculated or {}).get("error", "")
    if calculated is not None:
        faults = {}
        typed.update({name: value for name, value in calculated.items() if name in SiteForm.base_fields})
    context = {
        "typed": typed,
        "faults": faults,
        "chosen": request.POST.get("organisation", ""),
        "calculator": {
            "square_metres": request.POST.get("square_metres", ""),
            "per_person": request.POST.get("per_person", ""),
            "error": wrong,
            "done": bool(calculated and not wrong),
        },
    }
    return _show(request, page, site, organisations, context, status=422 if faults or wrong else 200)


def _show(
    request: HttpRequest,
    page: Page,
    site: Site | None,
    organisations: list[tuple[int, str]],
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    spaces = queries.spaces_to_share_in(user)
    if site and site.network and site.network_id not in dict(spaces):
        spaces = [*spaces, (site.network.pk, site.network.name)]
    area = queries.area_of(site.outline) if site else None
    values: dict[str, Any] = {
        "site": site,
        "organisations": organisations,
        "spaces": [("", "–"), *spaces],
        "territories": [("", "–"), *queries.municipalities()],
        "kinds": Site.Kind.choices,
        "bases": [("", "–"), *Site.CapacityBasis.choices],
        "sharings": Site.Sharing.choices,
        "showns": Site.Shown.choices,
        "faults": {},
        "chosen": "",
        "calculator": {"square_metres": f"{area:.0f}" if area else "", "per_person": "", "error": "", "done": False},
        **context,
    }
    return show_insight(request, page, "sites", "site_settings.html", values, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What is told of a site; only for its owner's editors."""
    site: Site = found(queries.site_to_edit(person(request), slug))
    page = _page(request, gettext("Settings of %(site)s") % {"site": site.name})
    if request.method == "POST":
        return _change(request, page, site)
    return _settings(request, page, site, {"typed": as_typed(actions.facts_of(site))})


def _settings(request: HttpRequest, page: Page, site: Site, context: dict[str, Any]) -> HttpResponse:
    values = {
        "past": queries.capacity_from_past(site, now=page.now),
        "changes": queries.changes_of(site),
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
        "day": lambda at: formats.day_medium(at, page.language),
        "today": page.today.isoformat(),
        **context,
    }
    return _show(request, page, site, [], values)


def _change(request: HttpRequest, page: Page, site: Site) -> HttpResponse:
    user, wish = person(request), request.POST.get("do", "save")
    here = f"{HERE}{site.slug}/settings/"
    if wish in {"end", "reopen"}:
        typed = request.POST.get("ended_on", "").strip()
        day = _day(typed) if typed else page.today
        if day is None:
            return go(request, here, gettext("Write the day as year-month-day, such as 2026-12-05."), is_good=False)
        actions.end_site(site, day if wish == "end" else None, by=user, now=page.now)
        ended = gettext("It is measured no longer. Its figures stay, and it can be taken up again.")
        return go(request, here, ended if wish == "end" else gettext("It is measured again."))
    if wish == "undo":
        number = request.POST.get("change", "")
        entry = found(
            queries.change_to_put_back(site, int(number)) if number.isdecimal() and len(number) < 16 else None
        )
        try:
            actions.put_back(site, entry, by=user, now=page.now)
        except actions.SiteRefused as error:
            return go(request, here, str(error), is_good=False)
        return go(request, here, gettext("Put back as it was."))
    return _save(request, page, site, wish)


def _save(request: HttpRequest, page: Page, site: Site, wish: str) -> HttpResponse:
    user, form = person(request), SiteForm(request.POST)
    calculated = _from_past(request, page, site) if wish == "past" else _calculated(request)
    faults = _faults(form)
    if calculated is None and not faults:
        try:
            changed = actions.change_site(site, form.facts(), by=user, now=page.now)
        except actions.SiteRefused as error:
            faults = _by_field(error)
        else:
            n = len(changed)
            note = ngettext("%(n)s field changed.", "%(n)s fields changed.", n) % {"n": n}
            return go(request, f"{HERE}{site.slug}/settings/", note if n else gettext("Nothing was changed."))
    return _again(request, page, site, [], faults, calculated)


def _from_past(request: HttpRequest, page: Page, site: Site) -> dict[str, str]:
    """The capacity that the past suggests, written into the form."""
    past = found(queries.capacity_from_past(site, now=page.now))
    note = gettext("Only 1 of 100 counted hours from %(first)s to %(last)s was above it (%(n)s hours).") % {
        "first": past.first.isoformat(),
        "last": past.last.isoformat(),
        "n": past.hours,
    }
    return {"capacity": str(past.capacity), "capacity_basis": Site.CapacityBasis.PAST, "capacity_note": note}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
