"""Interventions in the workspace: the lists, the steps in which one is written down, and its own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.forms import DateField
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.guide.page import Page
from allmende.guide.views.insight import intervention_words as words
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.intervention_forms import (
    ExpectationForm,
    WhatForm,
    initial_expectation,
    initial_what,
)
from allmende.guide.views.insight.intervention_plan_words import plan_sentences
from allmende.guide.views.insight.intervention_report import facts_of, lock_rows, sentences_of
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.insight.interventions import actions
from allmende.insight.interventions.actions import InterventionForbidden, InterventionRefused
from allmende.insight.interventions.lock import is_late
from allmende.insight.interventions.queries import (
    WHOSE,
    Detail,
    candidates_for,
    intervention_to_see,
    interventions_to_list,
    is_stale,
    may_begin,
    sites_to_choose,
    spaces_to_choose,
)
from allmende.insight.interventions.values import Part, State, Where
from allmende.insight.models import EvaluationRequest, Intervention
from allmende.insight.owners import owners_to_choose

STYLE: Final = "guide/insight/interventions.css"
TAB: Final = "interventions"
SECONDS: Final = 2
STEPS: Final = (
    ("what", gettext_lazy("What and when")),
    ("where", gettext_lazy("Where")),
    ("others", gettext_lazy("Compared with")),
    ("expectation", gettext_lazy("What you expect")),
)
LISTS: Final = (
    ("own", pgettext_lazy("interventions", "Ours")),
    ("shared", pgettext_lazy("interventions", "In our spaces")),
    ("public", pgettext_lazy("interventions", "Published by others")),
)
STEP_WORDS: Final[dict[str, Any]] = {
    "": gettext_lazy("It waits for its turn; that takes at most a minute."),
    "reading": gettext_lazy("Reading the figures …"),
    "counting": gettext_lazy("Comparing places, and pretending interventions where there were none …"),
    "writing": gettext_lazy("Writing down what was found …"),
}


def path_of(slug: str, below: str = "") -> str:
    """The address of an intervention's page in the workspace."""
    return f"/workspace/insight/interventions/{slug}/{below}"


def page_of(request: HttpRequest, title: str, *, with_charts: bool = False) -> Page:
    """The frame of a page of interventions."""
    page = insight_page(request, title, styles=("guide/insight/charts.css", STYLE) if with_charts else (STYLE,))
    if with_charts:
        page.scripts = (*page.scripts, "guide/insight/charts.js")
    return page


def detail_of(request: HttpRequest, slug: str, page: Page) -> Detail:
    """The intervention, or the answer that there is no such page."""
    detail: Detail = found(intervention_to_see(person(request), slug, today=page.today))
    return detail


def to_edit(request: HttpRequest, slug: str, page: Page) -> Detail:
    """The same for who may change it."""
    detail = detail_of(request, slug, page)
    found(detail if detail.may_edit else None)
    return detail


@require_safe
@signed_in
def interventions(request: HttpRequest) -> HttpResponse:
    """The lists: ours, those in our spaces, those that others published."""
    page = page_of(request, gettext("Interventions"))
    asked = request.GET.get("show", "")
    whose = asked if asked in WHOSE else "own"
    page.query = f"show={whose}" if whose != "own" else ""
    rows = interventions_to_list(person(request), whose, today=page.today)
    context = {"rows": rows, "whose": whose, "lists": LISTS, "may_begin": may_begin(person(request)), "words": words}
    return show_insight(request, page, TAB, "interventions.html", context)


# ---------------------------------------------------------------------- steps


def _frame(detail: Detail | None, step: str) -> dict[str, Any]:
    done = {"what": detail is not None, "where": False, "others": False, "expectation": False}
    if detail is not None:
        done["where"] = bool(detail.treated)
        done["others"] = any(one.part != Part.TREATED for one in detail.sites)
        done["expectation"] = bool(detail.intervention.hypothesis)
    return {"detail": detail, "step": step, "steps": [(key, label, done[key]) for key, label in STEPS]}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """The first step of a new one."""
    page = page_of(request, gettext("New intervention"))
    found(may_begin(person(request)) or None)
    return _what(request, page, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def what(request: HttpRequest, slug: str) -> HttpResponse:
    """The first step of a draft again."""
    page = page_of(request, gettext("What and when"))
    return _what(request, page, to_edit(request, slug, page))


def _what(request: HttpRequest, page: Page, detail: Detail | None) -> HttpResponse:
    user = person(request)
    homes = owners_to_choose(user)
    if detail and detail.intervention.organisation_id not in dict(homes):  # it has ended since
        homes.append((detail.intervention.organisation_id, detail.intervention.organisation.name))
    initial = initial_what(detail.intervention) if detail else {"organisation": homes[0][0] if homes else ""}
    form = WhatForm(request.POST or None, initial=initial, homes=homes, spaces=spaces_to_choose(user))
    if request.method == "POST" and form.is_valid():
        try:
            if detail is None:
                one = actions.begin_intervention(form.told(), by=user, now=page.now)
            else:
                one = actions.say_what(detail.intervention.pk, form.told(), by=user, now=page.now)
            return go(request, path_of(one.slug, "where/"))
        except InterventionForbidden:
            found(None)
        except InterventionRefused as error:
            form.add_error(error.field or None, str(error))
    weekdays = [(day, words.weekdays_text([day], page.language)) for day in range(7)]
    context = {**_frame(detail, "what"), "form": form, "weekdays": weekdays}
    return show_insight(
        request, page, TAB, "intervention_what.html", context, status=422 if request.method == "POST" else 200
    )


def _day(text: str) -> date | None:
    """The day that was typed; raises ``ValidationError`` for what is none."""
    day: date | None = DateField(required=False).clean(text)
    return day


def _starts(request: HttpRequest, chosen: set[int]) -> tuple[dict[int, date | None], str]:
    """The first day of each chosen place, and what is wrong with them."""
    starts: dict[int, date | None] = {}
    for pk in sorted(chosen):
        try:
            starts[pk] = _day(request.POST.get(f"starts-{pk}", ""))
        except ValidationError:
            return {}, gettext("Write the day as year-month-day, such as 2026-12-05.")
    return starts, ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def where(request: HttpRequest, slug: str) -> HttpResponse:
    """The second step: the treated places."""
    page = page_of(request, gettext("Where"))
    detail = to_edit(request, slug, page)
    sites = sites_to_choose(person(request))
    error = ""
    if request.method == "POST":
        posted = set(request.POST.getlist("site"))
        chosen = {site.pk for site in sites if str(site.pk) in posted}
        starts, error = _starts(request, chosen)
        kept = [one for one in detail.rows if one.part != Part.TREATED and one.site_id not in chosen]
        wheres = [
            *(Where(pk, Part.TREATED, day) for pk, day in starts.items()),
            *(Where(one.site_id, one.part) for one in kept),
        ]
        if not chosen:
            error = gettext("Choose at least one place.")
        elif not error and not (error := _choose(request, detail, wheres, page)):
            return go(request, path_of(slug, "others/"))
    treated = {
        one.site_id: one.starts_on.isoformat() if one.starts_on else ""
        for one in detail.rows
        if one.part == Part.TREATED
    }
    if error:  # what was chosen and typed stays
        treated = {pk: request.POST.get(f"starts-{pk}", "") for pk in chosen}
    context = {**_frame(detail, "where"), "sites": sites, "treated": treated, "error": error}
    return show_insight(request, page, TAB, "intervention_where.html", context, status=422 if error else 200)


def _choose(request: HttpRequest, detail: Detail, wheres: list[Where], page: Page) -> str:
    """Keep them; the sentence of why not, or empty."""
    try:
        actions.choose_sites(detail.intervention.pk, wheres, by=person(request), now=page.now)
    except InterventionRefused as error:
        return str(error)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def others(request: HttpRequest, slug: str) -> HttpResponse:
    """The third step: neighbours and comparisons, suggested by distance and by likeness."""
    page = page_of(request, gettext("Compared with"))
    detail = to_edit(request, slug, page)
    treated = {one.site_id for one in detail.rows if one.part == Part.TREATED}
    if not treated:
        return go(request, path_of(slug, "where/"), gettext("Choose the treated places first."), is_good=False)
    sites = sites_to_choose(person(request))
    error = ""
    if request.method == "POST":
        parts = {site.pk: request.POST.get(f"part-{site.pk}", "") for site in sites if site.pk not in treated}
        wheres = [Where(one.site_id, one.part, one.starts_on) for one in detail.rows if one.part == Part.TREATED]
        wheres += [Where(pk, part) for pk, part in parts.items() if part in {Part.NEIGHBOUR, Part.COMPARISON}]
        if not (error := _choose(request, detail, wheres, page)):
            return go(request, path_of(slug, "expectation/"))
    before = min(actions.first_start(detail.intervention, detail.rows), page.today)
    rows = candidates_for(sites, treated, before=before)
    chosen = {one.site_id: one.part for one in detail.rows if one.part != Part.TREATED}
    if error:  # what was chosen stays
        chosen = {one.pk: request.POST.get(f"part-{one.pk}", "") for one in sites}
    context = {
        **_frame(detail, "others"),
        "rows": rows,
        "chosen": chosen or {one.site.pk: one.suggested for one in rows if one.suggested},
        "is_suggestion": not chosen,
        "error": error,
        "words": words,
    }
    return show_insight(request, page, TAB, "intervention_others.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def expectation(request: HttpRequest, slug: str) -> HttpResponse:
    """The fourth step: what should come of it."""
    page = page_of(request, gettext("What you expect"))
    detail = to_edit(request, slug, page)
    form = ExpectationForm(request.POST or None, initial=initial_expectation(detail.intervention))
    if request.method == "POST" and form.is_valid():
        try:
            actions.say_expectation(detail.intervention.pk, form.told(), by=person(request), now=page.now)
            return go(request, path_of(slug))
        except InterventionRefused as error:
            form.add_error(error.field or None, str(error))
    context = {**_frame(detail, "expectation"), "form": form}
    return show_insight(
        request, page, TAB, "intervention_expectation.html", context, status=422 if request.method == "POST" else 200
    )


# ---------------------------------------------------------------------- one of them


@require_safe
@signed_in
def intervention(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything about one: what is next, what was written down, the plan, the results."""
    page = page_of(request, gettext("Intervention"))
    detail = detail_of(request, slug, page)
    page.title = detail.intervention.title
    one = detail.intervention
    missing = actions.missing_for_lock(one, detail.rows)
    context = {
        "detail": detail,
        "one": one,
        "facts": facts_of(detail, page.language),
        "locked": lock_rows(detail, page),
        "missing": missing,
        "steps": [(key, label) for key, label in STEPS],
        "is_draft": detail.state == State.DRAFT,
        "has_begun": actions.first_start(one, detail.rows) <= page.today,
        "is_late": is_late(one),
        "plan_says": plan_sentences(one, detail.plan.data, page.language) if detail.plan else [],
        "plan_is_stale": detail.plan is not None and is_stale(detail.plan, one),
        "results": [(row, sentences_of(detail, row, page.language)[0]) for row in detail.evaluations],
        "failures": failures(detail),
        "is_answered": one.is_public and any(row.published_at for row in detail.evaluations),
        "is_working": is_working(detail),
        "seconds": SECONDS,
        "step": step_of(detail),
    }
    return show_insight(request, page, TAB, "intervention.html", context)


def is_working(detail: Detail) -> bool:
    """Whether something that was asked for is not done yet."""
    return any(not one.failure for one in detail.requests.values())


def step_of(detail: Detail) -> str:
    """How far it is, in words."""
    steps = [one.step for one in detail.requests.values() if not one.failure]
    return str(STEP_WORDS.get(max(steps), "")) if steps else ""


def failures(detail: Detail) -> dict[str, str]:
    """Task -> why it could not be done, in words."""
    return {
        task: words.failure_sentence(one.failure, one.failed_about)
        for task, one in detail.requests.items()
        if one.failure
    }


@require_safe
@signed_in
def state(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the work is, for the page that waits for it."""
    page = page_of(request, "")
    detail = detail_of(request, slug, page)
    return private(JsonResponse({"is_running": is_working(detail), "step": step_of(detail)}))


def _act(
    request: HttpRequest, slug: str, act: Callable[[Detail, Page], Intervention | EvaluationRequest], note: str
) -> HttpResponse:
    page = page_of(request, "")
    detail = to_edit(request, slug, page)
    try:
        done = act(detail, page)
    except InterventionForbidden:
        found(None)
        raise
    except InterventionRefused as error:
        return go(request, path_of(slug), str(error), is_good=False)
    return go(request, path_of(done.slug if isinstance(done, Intervention) else slug), note)


@require_POST
@signed_in
def lock(request: HttpRequest, slug: str) -> HttpResponse:
    """Lock what was written down."""

    def act(detail: Detail, page: Page) -> Intervention:
        return actions.lock_intervention(
            detail.intervention.pk,
            today=page.today,
            is_late_on_purpose=request.POST.get("is_late") == "1",
            by=person(request),
            now=page.now,
        )

    return _act(request, slug, act, gettext("It is locked. From now on nobody changes a word of it."))


@require_POST
@signed_in
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Call it off."""

    def act(detail: Detail, page: Page) -> Intervention:
        return actions.cancel_intervention(detail.intervention.pk, by=person(request), now=page.now)

    return _act(request, slug, act, gettext("It is called off, and stays on record."))


@require_POST
@signed_in
def amend(request: HttpRequest, slug: str) -> HttpResponse:
    """A new draft that names this one."""

    def act(detail: Detail, page: Page) -> Intervention:
        return actions.amend_intervention(detail.intervention.pk, by=person(request), now=page.now)

    return _act(request, slug, act, gettext("This is a new draft with the same words. The old one stays as it is."))


@require_POST
@signed_in
def ask(request: HttpRequest, slug: str, task: str) -> HttpResponse:
    """Ask for a plan or an evaluation."""
    found(task if task in EvaluationRequest.Task.values else None)

    def act(detail: Detail, page: Page) -> EvaluationRequest:
        return actions.ask_for(detail.intervention.pk, task, by=person(request), now=page.now)

    return _act(request, slug, act, "")
