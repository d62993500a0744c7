"""The plan and the results of an intervention in the workspace, as pages and files, and publishing one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.guide.page import Page
from allmende.guide.views.insight import intervention_words as words
from allmende.guide.views.insight.frame import show_insight
from allmende.guide.views.insight.intervention_charts import key_figures, plan_pictures
from allmende.guide.views.insight.intervention_files import as_csv, as_json
from allmende.guide.views.insight.intervention_plan_words import false_alarm_sentence, plan_sentences
from allmende.guide.views.insight.intervention_report import (
    all_pictures,
    evaluation_pdf,
    facts_of,
    lock_rows,
    plan_pdf,
    sentences_of,
    source_rows,
)
from allmende.guide.views.insight.interventions import TAB, detail_of, page_of, path_of
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.insight.interventions.actions import InterventionForbidden, InterventionRefused, publish_evaluation
from allmende.insight.interventions.lock import is_late
from allmende.insight.interventions.queries import Detail, evaluation_in, is_stale
from allmende.insight.models import Evaluation


@require_safe
@signed_in
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """The one-page plan."""
    page = page_of(request, gettext("Plan"), with_charts=True)
    detail = detail_of(request, slug, page)
    made = found(detail.plan)
    page.title = gettext("Plan: %(title)s") % {"title": detail.intervention.title}
    context = {
        "detail": detail,
        "one": detail.intervention,
        "plan": made,
        "sentences": plan_sentences(detail.intervention, made.data, page.language),
        "alarms": false_alarm_sentence(made.data, page.language),
        "pictures": plan_pictures(detail.intervention, made.data, page.language),
        "facts": facts_of(detail, page.language),
        "is_stale": is_stale(made, detail.intervention),
        "left_out": left_out(detail, made.data, page.language),
        "first": date.fromisoformat(made.data["parameters"]["first"]),
        "until": date.fromisoformat(made.data["parameters"]["until"]),
    }
    return show_insight(request, page, TAB, "intervention_plan.html", context)


@require_safe
@signed_in
def plan_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as PDF."""
    page = page_of(request, "")
    detail = detail_of(request, slug, page)
    return private(file_answer(plan_pdf(detail, found(detail.plan), page), f"{slug}-plan.{page.language}.pdf"))


def file_answer(content: bytes, name: str, kind: str = "application/pdf") -> HttpResponse:
    """A file to keep."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def left_out(detail: Detail, data: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """Sites that were not looked at, and why."""
    return [
        (words.unit_name(detail, one["site"], language), words.say(words.LEFT_OUT, one["why"]))
        for one in data["parameters"]["left_out"]
    ]


def result_context(detail: Detail, evaluation: Evaluation, page: Page) -> dict[str, Any]:
    """What the page of a result shows, to people of the owner and to everyone."""
    language = page.language
    effect, ends = key_figures(evaluation, language)
    expected = detail.intervention.expected_percent
    return {
        "detail": detail,
        "one": detail.intervention,
        "evaluation": evaluation,
        "sentences": sentences_of(detail, evaluation, language),
        "effect": effect,
        "expected": "" if expected is None else words.percent(expected, language),
        "ends": ends,
        "expectation": words.expectation_sentence(detail.intervention, evaluation, language),
        "is_late": is_late(detail.intervention),
        "pictures": all_pictures(detail, evaluation, language),
        "checks": words.check_rows(evaluation.data, language),
        "methods": [
            (words.say(words.METHODS, row["method"]), words.say(words.METHODS_SAY, row["method"]), note_of(row))
            for row in evaluation.data["estimates"]
        ],
        "facts": facts_of(detail, language),
        "locked": lock_rows(detail, page),
        "sources": source_rows(detail, evaluation, page),
        "left_out": left_out(detail, evaluation.data, language),
        "others": [row for row in detail.evaluations if row.pk != evaluation.pk],
        "newer": next((row for row in detail.evaluations if row.made_at > evaluation.made_at), None),
    }


def note_of(estimate: dict[str, Any]) -> str:
    """What limits an estimate, in words."""
    return words.say(words.NOTES, estimate["note"]) if estimate["note"] else ""


def _one(request: HttpRequest, slug: str, pk: int, page: Page) -> tuple[Detail, Evaluation]:
    detail = detail_of(request, slug, page)
    evaluation: Evaluation = found(evaluation_in(detail, pk))
    return detail, evaluation


@require_safe
@signed_in
def result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One result."""
    page = page_of(request, gettext("Result"), with_charts=True)
    detail, evaluation = _one(request, slug, pk, page)
    page.title = detail.intervention.title
    context = result_context(detail, evaluation, page) | {"here": page.base + path_of(slug, f"results/{pk}/")}
    return show_insight(request, page, TAB, "intervention_result.html", context)


@require_safe
@signed_in
def result_file(request: HttpRequest, slug: str, pk: int, form: str) -> HttpResponse:
    """One result as a file."""
    page = page_of(request, "")
    detail, evaluation = _one(request, slug, pk, page)
    return private(as_file(detail, evaluation, page, form))


def as_file(detail: Detail, evaluation: Evaluation, page: Page, form: str) -> HttpResponse:
    """``csv``, ``json`` or ``pdf``."""
    name = f"{detail.intervention.slug}-{evaluation.pk}.{page.language}.{form}"
    if form == "csv":
        return file_answer(as_csv(detail, evaluation, page.language), name, "text/csv; charset=utf-8")
    if form == "json":
        answer = JsonResponse(as_json(detail, evaluation, page.language), json_dumps_params={"ensure_ascii": False})
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    found(form if form == "pdf" else None)
    return file_answer(evaluation_pdf(detail, evaluation, page), name)


@require_POST
@signed_in
def publish(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show it to everyone."""
    page = page_of(request, "")
    _, evaluation = _one(request, slug, pk, page)
    back = path_of(slug, f"results/{pk}/")
    try:
        publish_evaluation(evaluation.pk, request.POST.get("comment", ""), by=person(request), now=page.now)
    except InterventionForbidden:
        found(None)
    except InterventionRefused as error:
        return go(request, back, str(error), is_good=False)
    return go(request, back, gettext("It is published. Everyone finds it under Interventions."))
