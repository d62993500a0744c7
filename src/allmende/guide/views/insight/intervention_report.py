"""A plan or an evaluation as a report to print, to read out, to lay before a council."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext

from allmende.core import formats as fmt
from allmende.guide.bridges.paper import Fact, Report, Section, Table, pdf, picture, table
from allmende.guide.page import Page
from allmende.guide.views.insight.intervention_charts import Picture, key_figures, pictures_of, plan_pictures
from allmende.guide.views.insight.intervention_plan_words import false_alarm_sentence, plan_sentences
from allmende.guide.views.insight.intervention_words import (
    answer_sentences,
    check_rows,
    dates_text,
    expectation_sentence,
    percent,
    place_names,
    when_text,
)
from allmende.guide.views.insight.lots_words import lot_pictures, lot_sentences, lots_of
from allmende.insight.interventions.lock import is_late
from allmende.insight.interventions.queries import Detail
from allmende.insight.interventions.values import Part
from allmende.insight.models import Evaluation, InterventionPlan


def sentences_of(detail: Detail, evaluation: Evaluation, language: str) -> list[str]:
    """The answer in words, of whatever kind the evaluation is."""
    if (lots := lots_of(evaluation)) is not None:
        return lot_sentences(detail, evaluation, lots, language)
    return answer_sentences(detail, evaluation, language)


def all_pictures(detail: Detail, evaluation: Evaluation, language: str) -> list[Picture]:
    """Its pictures."""
    if (lots := lots_of(evaluation)) is not None:
        return lot_pictures(detail, evaluation, lots, language)
    return pictures_of(detail, evaluation, language)


def facts_of(detail: Detail, language: str) -> list[tuple[str, str]]:
    """What was done, where, when and at what cost, as (name, words)."""
    one = detail.intervention
    rows = [
        (gettext("Kind"), one.get_kind_display()),
        (gettext("Who"), one.organisation.name),
        (gettext("When"), dates_text(one, language)),
        (gettext("Hours and weekdays"), when_text(one, language)),
        (gettext("Treated"), place_names(detail, Part.TREATED, language)),
        (gettext("Neighbours"), place_names(detail, Part.NEIGHBOUR, language)),
        (gettext("Compared with"), place_names(detail, Part.COMPARISON, language)),
        (gettext("Cost"), fmt.money(one.cost, one.currency, language) if one.cost is not None else ""),
    ]
    return [(name, words) for name, words in rows if words]


def lock_rows(detail: Detail, page: Page) -> list[tuple[str, str]]:
    """What was locked, as (name, words)."""
    one = detail.intervention
    if one.locked_at is None:
        return []
    expected = one.expected_percent
    when = fmt.at_local(one.locked_at.astimezone(page.zone), page.language)
    return [
        (gettext("Hypothesis"), one.hypothesis),
        (gettext("Expected"), percent(expected, page.language) if expected is not None else ""),
        (
            gettext("Locked"),
            gettext("%(when)s, after the start") % {"when": when} if is_late(one) else when,
        ),
        (gettext("Seal (SHA-256)"), one.lock),
        (
            gettext("The lock"),
            gettext("holds: nothing was changed since")
            if detail.lock_holds
            else gettext("is broken: something was changed"),
        ),
    ]


def source_rows(detail: Detail, evaluation: Evaluation, page: Page) -> list[tuple[str, str]]:
    """With what it was computed, as (name, words)."""
    data, language = evaluation.data, page.language
    parameters = data["parameters"]
    options = parameters["options"]
    return [
        (
            gettext("Figures"),
            fmt.day_interval(
                date.fromisoformat(parameters["first"]), date.fromisoformat(parameters["until"]), language
            ),
        ),
        (gettext("Figures until"), fmt.day_medium(evaluation.data_until, language)),
        (gettext("Evaluated on"), fmt.day_medium(evaluation.made_at.astimezone(page.zone).date(), language)),
        (
            gettext("Compared by"),
            gettext("month") if parameters["resolution"] == "month" else gettext("day"),
        ),
        (gettext("Level of the intervals"), percent(100 * options["level"], language, is_signed=False)),
        (gettext("Program"), f"{data['engine']} · seed {options['seed']}"),
        (gettext("Public holidays considered"), gettext("yes") if parameters["with_holidays"] else gettext("no")),
    ]


def _both(title: str, rows: list[tuple[str, str]]) -> Table:
    return Table(title, (gettext("What"), gettext("Answer")), tuple(rows), names=2)


def _section(one: Picture) -> Section:
    # The long tables of the course stand at the end.
    tables = () if one.key in {"course", "difference"} else (table(one.chart, 24),)
    return Section(one.title, (one.says,), pictures=(picture(one.chart),), tables=tables)


def evaluation_pdf(detail: Detail, evaluation: Evaluation, page: Page) -> bytes:
    """The report of one evaluation in the language of the page."""
    one, language = detail.intervention, page.language
    effect, ends = key_figures(evaluation, language)
    pictures = all_pictures(detail, evaluation, language)
    facts = [Fact(str(evaluation.get_verdict_display()), gettext("Answer"))]
    if effect:
        facts.insert(0, Fact(effect, gettext("Effect"), ends))
    if one.expected_percent is not None:
        facts.append(
            Fact(
                percent(one.expected_percent, language),
                gettext("Expected"),
                gettext("locked before the start") if not is_late(one) else gettext("written down after the start"),
            )
        )
    checks = tuple(
        (row["name"], gettext("passed") if row["is_passed"] else gettext("not passed"), row["figure"] or "–")
        for row in check_rows(evaluation.data, language)
    )
    sections = [
        Section(
            gettext("What was done"),
            tuple(part for part in one.what.splitlines() if part.strip()),
            tables=(_both(gettext("The intervention"), facts_of(detail, language)),),
        ),
        Section(
            gettext("What was expected"),
            tuple(filter(None, [expectation_sentence(one, evaluation, language)])),
            tables=(_both(gettext("What was locked"), lock_rows(detail, page)),),
        ),
        *(_section(shown) for shown in pictures),
        Section(
            gettext("Checks"),
            (gettext("What must hold for the answer to be believed."),),
            tables=(
                Table(
                    gettext("Checks"),
                    (gettext("Check"), gettext("Outcome"), gettext("Figure")),
                    checks,
                    names=3,
                    widths=(3, 1, 2),
                ),
            ),
        ),
        Section(
            gettext("How it was computed"),
            tables=(_both(gettext("Parameters and sources"), source_rows(detail, evaluation, page)),),
        ),
    ]
    if numbers := next((shown for shown in pictures if shown.key == "course"), None):
        sections.append(Section(gettext("The figures"), (numbers.title,), tables=(table(numbers.chart, 400),)))
    if evaluation.comment:
        paragraphs = tuple(part for part in evaluation.comment.splitlines() if part.strip())
        sections.insert(
            0,
            Section(gettext("What %(organisation)s says to it") % {"organisation": one.organisation.name}, paragraphs),
        )
    report = _report(
        detail,
        page,
        gettext("Evaluation: %(title)s") % {"title": one.title},
        sentences_of(detail, evaluation, language),
        facts,
        sections,
    )
    return pdf(report, made=evaluation.made_at)


def plan_pdf(detail: Detail, plan: InterventionPlan, page: Page) -> bytes:
    """The one-page plan in the language of the page."""
    one, language = detail.intervention, page.language
    alarms = false_alarm_sentence(plan.data, language)
    shown = plan_pictures(one, plan.data, language)
    says = tuple(row.says for row in shown)
    sections = [
        Section(
            gettext("How likely an effect is found"),
            (*says, alarms) if alarms else says,
            pictures=tuple(picture(row.chart, row.title, is_narrow=True) for row in shown),
            beside=True,
        ),
        Section(
            gettext("What is planned"),
            tuple(part for part in (one.what, one.hypothesis) if part),
            tables=(_both(gettext("The intervention"), facts_of(detail, language)),),
        ),
    ]
    title = gettext("Plan: %(title)s") % {"title": one.title}
    return pdf(_report(detail, page, title, plan_sentences(one, plan.data, language), [], sections), made=plan.made_at)


def _report(
    detail: Detail, page: Page, title: str, lead: list[str], facts: list[Fact], sections: list[Section]
) -> Report:
    one = detail.intervention
    return Report(
        language=page.language,
        title=title,
        subtitle=f"{one.organisation.name} · {dates_text(one, page.language)}",
        label=gettext("Demonstration with made-up figures") if one.is_demo else "",
        lead=tuple(lead),
        facts=tuple(facts),
        sections=tuple(sections),
        foot=f"{page.brand.name} · {page.origin}{page.base}/interventions/{one.slug}/"
        if one.is_public
        else page.brand.name,
        page_of=gettext("Page {page} of {pages}"),
        author=one.organisation.name,
        brand=page.brand.primary,
    )
