"""Interventions that were published: what was done, what was expected, what came of it, also where nothing did."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.page import PUBLIC_SECONDS, Page, new_page, render
from allmende.guide.views.insight import intervention_words as words
from allmende.guide.views.insight.frame import STYLE as INSIGHT_STYLE
from allmende.guide.views.insight.intervention_results import as_file, result_context
from allmende.guide.views.insight.interventions import STYLE
from allmende.insight.interventions.queries import Detail, evaluation_in, public_intervention, public_interventions
from allmende.insight.models import Evaluation


def _page(request: HttpRequest) -> Page:
    page = new_page(request)
    page.styles = (INSIGHT_STYLE, "guide/insight/charts.css", STYLE)
    return page


@require_safe
def interventions(request: HttpRequest) -> HttpResponse:
    """All that were published."""
    page = _page(request)
    page.title = gettext("Interventions")
    page.description = gettext("What was done so that places are less crowded, and whether it worked.")
    rows = public_interventions(today=page.today)
    return render(page, "guide/insight/interventions.html", {"rows": rows, "words": words})


def _found(slug: str, pk: int | None, page: Page) -> tuple[Detail, Evaluation]:
    detail = public_intervention(slug, today=page.today)
    if detail is None or not detail.evaluations:
        raise Http404
    evaluation = detail.evaluations[0] if pk is None else evaluation_in(detail, pk)
    if evaluation is None:
        raise Http404
    return detail, evaluation


def _show(request: HttpRequest, slug: str, pk: int | None) -> HttpResponse:
    page = _page(request)
    page.scripts = ("guide/insight/charts.js",)
    detail, evaluation = _found(slug, pk, page)
    context = result_context(detail, evaluation, page)
    page.title = detail.intervention.title
    page.description = " ".join(context["sentences"])[:160]
    page.crumbs = ((gettext("Interventions"), f"{page.base}/interventions/"),)
    if detail.intervention.is_demo:
        page.robots = "noindex"
    context["here"] = f"{page.base}/interventions/{slug}/results/{evaluation.pk}/"
    return render(page, "guide/insight/intervention.html", context)


@require_safe
def intervention(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them with its newest published result."""
    return _show(request, slug, None)


@require_safe
def result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One of its published results, also an earlier one."""
    return _show(request, slug, pk)


@require_safe
def result_file(request: HttpRequest, slug: str, pk: int, form: str) -> HttpResponse:
    """The same as a file."""
    page = _page(request)
    detail, evaluation = _found(slug, pk, page)
    answer = as_file(detail, evaluation, page, form)
    answer["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return answer
