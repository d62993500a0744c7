"""Deliveries of figures: upload, match, look, apply, take back."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.core import formats
from allmende.core.uploads import UploadRefused
from allmende.guide.page import Page
from allmende.guide.views.insight.crowding_tables import table_file
from allmende.guide.views.insight.delivery_conditions import is_conditions, posted_options, show_conditions
from allmende.guide.views.insight.delivery_words import (
    columns_of_problems,
    error_word,
    measure_words,
    period_words,
    role_words,
    state_look,
    work_words,
)
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.deliveries import actions, queries, working
from allmende.insight.deliveries.matching import Match
from allmende.insight.deliveries.saying import problem_told
from allmende.insight.deliveries.writing import UndoRefused, undo_delivery
from allmende.insight.models import Delivery
from allmende.insight.owners import owners_to_choose
from allmende.insight.sites import actions as site_actions
from allmende.insight.sites import queries as sites
from allmende.insight.values import Measure, Resolution, VisitorClass

STYLES: Final = ("guide/insight/deliveries.css",)
HERE: Final = "/workspace/insight/deliveries/"
MAKE: Final = "+"
LEAVE_OUT: Final = "-"
POLL_SECONDS: Final = 3


def delivery_page(request: HttpRequest, title: str) -> Page:
    """The frame of a page about deliveries."""
    page = insight_page(request, title, styles=STYLES)
    page.crumbs = ((gettext("Deliveries"), f"{page.base}{HERE}"),)
    return page


@require_safe
@signed_in
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was delivered to my organisations."""
    user = person(request)
    page = insight_page(request, gettext("Deliveries"), styles=STYLES)
    number, state = request.GET.get("page", "1"), request.GET.get("state", "")
    listing = queries.list_deliveries(
        user, state=state, page=int(number) if number.isdecimal() and len(number) < 7 else 1
    )
    context = {
        "listing": listing,
        "state": state,
        "states": Delivery.State.choices,
        "may_load": bool(owners_to_choose(user)),
        "look": state_look,
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "deliveries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_delivery(request: HttpRequest) -> HttpResponse:
    """Choose a file, and say from whom it is."""
    user = person(request)
    organisations = owners_to_choose(user)
    found(organisations or None)
    page = delivery_page(request, gettext("Load figures"))
    if request.method == "POST":
        return _keep(request, page, organisations)
    return _form(request, page, organisations, {})


def _form(
    request: HttpRequest, page: Page, organisations: list[tuple[int, str]], told: dict[str, Any], error: str = ""
) -> HttpResponse:
    user = person(request)
    chosen = clean(request.GET.get("site", "") or told.get("site", ""))
    site = sites.site_to_edit(user, chosen) if chosen else None
    context = {
        "organisations": organisations,
        "origins": Delivery.Origin.choices,
        "spaces": [("", "–"), *sites.spaces_to_share_in(user)],
        "site": site,
        "told": {
            "organisation": site.organisation_id if site else "",
            "origin": request.GET.get("origin", ""),
            **told,
        },
        "error": error,
    }
    return show_insight(request, page, "deliveries", "delivery_new.html", context, status=422 if error else 200)


def _keep(request: HttpRequest, page: Page, organisations: list[tuple[int, str]]) -> HttpResponse:
    user, told = person(request), request.POST.dict()
    owner = found(next((pk for pk, _ in organisations if str(pk) == told.get("organisation")), None))
    origin = told.get("origin", "")
    file = request.FILES.get("file")
    if file is None or origin not in Delivery.Origin.values:
        return _form(request, page, organisations, dict(told), gettext("Please choose a file first."))
    space = next((pk for pk, _ in sites.spaces_to_share_in(user) if str(pk) == told.get("network")), None)
    supply = actions.Supply(
        str(origin), clean(str(told.get("supplier", ""))), clean(str(told.get("agreement", ""))), space
    )
    site = sites.site_to_edit(user, clean(str(told.get("site", ""))))
    slug = site.slug if site and site.organisation_id == owner else ""
    try:
        delivery = actions.keep_delivery(
            owner, file.name or "", file.chunks(), supply, site=slug, by=user, now=page.now, is_large=working.is_large
        )
    except (UploadRefused, actions.DeliveryRefused) as error:
        return _form(request, page, organisations, dict(told), str(error))
    if not delivery.columns:
        working.ask(delivery, working.Task.READ, site=slug, by=user, now=page.now)
        return go(request, f"{HERE}{delivery.pk}/")
    try:
        actions.preview_delivery(delivery, by=user)
    except actions.DeliveryRefused:
        said = "" if is_conditions(delivery) else gettext("Now say which column is what.")
        return go(request, f"{HERE}{delivery.pk}/", said)
    return go(request, f"{HERE}{delivery.pk}/")


@require_safe
@signed_in
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """A delivery: what it would change, or what it did."""
    entry: Delivery = found(queries.delivery_to_see(person(request), pk))
    work = working.work_of(entry)
    if work and work.is_running:
        page = delivery_page(request, gettext("At work on %(file)s") % {"file": entry.name})
        context = {"entry": entry, "work": work, "step": work_words(work, page.language), "seconds": POLL_SECONDS}
        return show_insight(request, page, "deliveries", "delivery_at_work.html", context)
    return _show(request, entry, work.failure if work else "")


@require_safe
@signed_in
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is, for the page that waits for it."""
    entry: Delivery = found(queries.delivery_to_see(person(request), pk))
    page = delivery_page(request, "")
    work = working.work_of(entry)
    if work is None or not work.is_running:
        return private(JsonResponse({"is_running": False, "step": ""}))
    told = {"is_running": True, "step": work_words(work, page.language), "done": work.done, "total": work.total}
    return private(JsonResponse(told))


@require_POST
@signed_in
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the work; nothing of the figures is changed."""
    user = person(request)
    entry: Delivery = found(queries.delivery_to_see(user, pk))
    working.stop_work(entry, by=user, now=delivery_page(request, "").now)
    return go(request, f"{HERE}{pk}/", gettext("The work is being stopped. Nothing was changed."))


@require_safe
@signed_in
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """What was wrong, as a table in the reader's language."""
    entry: Delivery = found(queries.delivery_to_see(person(request), pk))
    told = [problem_told(problem) for problem in entry.problems]
    rows = [[error_word(one.is_error), one.where, one.message, one.remedy, one.code] for one in told]
    heads = columns_of_problems()
    head = [heads["kind"], heads["where"], heads["message"], heads["remedy"], heads["code"]]
    return private(table_file(head, rows, f"delivery-{entry.pk}-problems.csv"))


def _show(
    request: HttpRequest, entry: Delivery, error: str = "", match: Match | None = None, *, status: int = 200
) -> HttpResponse:
    page = delivery_page(request, entry.name)
    if is_conditions(entry):
        return show_conditions(request, page, entry, error, status=status)
    matched = queries.columns_to_match(entry) if entry.state in queries.STATES_OPEN else None
    preview = queries.preview_kept(entry)
    sites_here = queries.sites_to_fill(entry)
    columns = matched[1] if matched else []
    if match:
        columns = [queries.ColumnToMatch(one.name, one.samples, match.columns.get(one.name, "")) for one in columns]
    unknown = preview["unknown"] if preview else {}
    chosen = match or (matched[0] if matched else None)
    mapped = {word: slug or LEAVE_OUT for word, slug in chosen.sites.items()} if chosen else {}
    context = {
        "entry": entry,
        "is_open": entry.state in queries.STATES_OPEN,
        "look": state_look,
        "preview": preview,
        "columns": columns,
        "match": chosen,
        "sites": sites_here,
        "roles": role_words() + [(queries.WIDE + slug, f"{gettext('Figures of')} {name}") for slug, name in sites_here],
        "words": [(word, unknown.get(word, 0), mapped.get(word, "")) for word in {**unknown, **mapped}],
        "measures": Measure.choices,
        "measure_words": measure_words(),
        "resolutions": Resolution.choices,
        "classes": VisitorClass.choices,
        "class_words": {key: str(label) for key, label in VisitorClass.choices},
        "problems": [problem_told(problem) for problem in entry.problems],
        "has_file": queries.has_file(entry),
        "error_word": error_word,
        "problem_words": columns_of_problems(),
        "error": error,
        "folders": [
            folder for folder in queries.folders_of(person(request)) if folder.organisation_id == entry.organisation_id
        ],
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
        "clock_of": lambda period: period_words(period, page.zone, page.language),
    }
    return show_insight(request, page, "deliveries", "delivery_figures.html", context, status=status)


@require_POST
@signed_in
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the columns as chosen, make or name the places that are unknown, and look again."""
    user = person(request)
    entry: Delivery = found(queries.delivery_to_see(user, pk))
    now = delivery_page(request, "").now
    if not entry.columns:  # it was kept, and reading it was stopped or failed
        found((entry.state in queries.STATES_OPEN and queries.has_file(entry)) or None)
        working.ask(entry, working.Task.READ, by=user, now=now)
        return go(request, f"{HERE}{pk}/")
    if is_conditions(entry):
        return _match_conditions(request, entry)
    if queries.columns_to_match(entry) is None:
        found(entry.state in queries.STATES_OPEN or None)
        wanted = None
    else:
        wanted = _posted(request, entry)
    try:
        if wanted is not None:
            wanted = _with_new_sites(request, entry, wanted, now)
            actions.choose_match(entry, wanted, by=user)
        if working.is_large(entry):
            working.ask(entry, working.Task.PREVIEW, by=user, now=now)
            return go(request, f"{HERE}{pk}/")
        actions.preview_delivery(entry, by=user)
    except actions.DeliveryRefused as error:
        return _show(request, entry, str(error), wanted, status=422)
    return go(request, f"{HERE}{pk}/#preview")


def _match_conditions(request: HttpRequest, entry: Delivery) -> HttpResponse:
    """What a file of weather or holidays does not say itself."""
    user, told = person(request), posted_options(request.POST, entry)
    found(entry.state in queries.STATES_OPEN or None)
    try:
        actions.choose_options(entry, told, by=user)
        if working.is_large(entry):
            working.ask(entry, working.Task.PREVIEW, by=user, now=delivery_page(request, "").now)
            return go(request, f"{HERE}{entry.pk}/")
        actions.preview_delivery(entry, by=user)
    except actions.DeliveryRefused as error:
        page = delivery_page(request, entry.name)
        return show_conditions(request, page, entry, str(error), {**entry.columns, **told}, status=422)
    return go(request, f"{HERE}{entry.pk}/#preview")


def _posted(request: HttpRequest, entry: Delivery) -> Match:
    posted = request.POST
    columns = {
        posted[name]: posted.get(f"role.{name.removeprefix('column.')}", "")
        for name in posted
        if name.startswith("column.")
    }
    words = {
        posted[name]: posted.get(f"place.{name.removeprefix('word.')}", "")
        for name in posted
        if name.startswith("word.")
    }
    below = posted.get("suppressed_below", "").replace(",", ".").strip()
    minutes = posted.get("minutes", "60")
    return Match(
        columns={name: role for name, role in columns.items() if role},
        site=posted.get("site", ""),
        sites={word: "" if slug == LEAVE_OUT else slug for word, slug in words.items() if slug},
        timezone=posted.get("timezone", "").strip(),
        resolution=posted.get("resolution", ""),
        minutes=int(minutes) if minutes.isdecimal() and len(minutes) < 4 else 0,
        measure=posted.get("measure", ""),
        unit=clean(posted.get("unit", ""))[:20] or "people",
        visitor_class=posted.get("visitor_class", ""),
        suppressed=tuple(mark for mark in posted.get("suppressed", "").replace("\0", "").split() if mark != "(empty)")
        + (("",) if posted.get("empty_is_suppressed") else ()),
        suppressed_below=float(below) if len(below) < 10 and below.replace(".", "", 1).isdecimal() else None,
        decimal=posted.get("decimal", "") if posted.get("decimal", "") in {".", ","} else "",
    )


def _with_new_sites(request: HttpRequest, entry: Delivery, wanted: Match, now: Any) -> Match:
    """Places that were to be made are made, with the name that stands in the file."""
    zone = sites.usual_zone(entry.organisation_id, str(delivery_page(request, "").zone))
    made: dict[str, str] = {}
    for word, slug in wanted.sites.items():
        if slug == MAKE:
            facts = site_actions.SiteFacts(name=word[:200], timezone=wanted.timezone or zone)
            try:
                made[word] = site_actions.make_site(entry.organisation_id, facts, by=person(request), now=now).slug
            except site_actions.SiteRefused as error:
                raise actions.DeliveryRefused(str(error)) from error
    told = {**wanted.as_json(), "suppressed": wanted.suppressed, "sites": {**wanted.sites, **made}}
    return Match(**told)


@require_POST
@signed_in
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the good figures in."""
    user = person(request)
    entry: Delivery = found(queries.delivery_to_see(user, pk))
    now = delivery_page(request, "").now
    if entry.state == Delivery.State.PREVIEWED and working.is_large(entry):
        working.ask(entry, working.Task.APPLY, by=user, now=now)
        return go(request, f"{HERE}{pk}/")
    try:
        actions.apply_delivery(entry, by=user, now=now)
    except actions.DeliveryRefused as error:
        entry.refresh_from_db()
        return _show(request, entry, str(error), status=422)
    return go(request, f"{HERE}{pk}/", gettext("Applied. It can be taken back here."))


@require_POST
@signed_in
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw it away."""
    user = person(request)
    entry: Delivery = found(queries.delivery_to_see(user, pk))
    try:
        actions.discard_delivery(entry, by=user, now=delivery_page(request, "").now)
    except actions.DeliveryRefused as error:
        return _show(request, entry, str(error), status=422)
    return go(request, HERE, gettext("The upload is thrown away. Nothing was changed."))


@require_POST
@signed_in
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put everything back as it was before it."""
    user = person(request)
    entry: Delivery = found(queries.delivery_to_see(user, pk))
    try:
        undo_delivery(entry, by=user, now=delivery_page(request, "").now)
    except UndoRefused as error:
        return _show(request, entry, str(error), status=422)
    return go(request, f"{HERE}{pk}/", gettext("Taken back. The figures are as they were before."))
