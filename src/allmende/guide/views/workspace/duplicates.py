"""What may be listed twice: questions side by side, what is joined, and what is kept twice."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.catalogue import vocabulary
from allmende.catalogue.actions import answer_match, separate
from allmende.catalogue.actions.answers import ANSWERS
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import FieldPair, Question
from allmende.catalogue.values import KINDS
from allmende.guide.labels import look
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.inputs.schedule import rule_in_words, when_in_words
from allmende.guide.views.workspace.reasons import reason_lines

HERE = "/workspace/duplicates/"


def _page(request: HttpRequest) -> Page:
    page = workspace_page(request, "duplicates", gettext("Listed twice?"))
    if not editing.may_decide(person(request)):
        raise Http404
    return page


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in KINDS else ""


def _words_of(pair: FieldPair, columns: dict[str, Any], text: str, language: str) -> str:
    """A field as people say it, where what is stored are keys and numbers."""
    if pair.field == "categories":
        return ", ".join(look(key, language).one for key in columns["categories"])
    if pair.field == "status":
        labels = next((status.labels for status in vocabulary.statuses() if status.key == columns["status"]), {})
        return labels.get(language) or labels.get("en", text)
    if pair.field == "schedule":
        when = when_in_words(columns["schedule"], language)
        rule = rule_in_words(columns["schedule"], columns["timezone"], language)
        return ". ".join(part for part in (when, rule) if part)
    return text


def _fields(question: Question, language: str) -> list[tuple[FieldPair, str, str]]:
    found = []
    for pair in question.fields:
        left, right = pair.columns
        words_left, words_right = (
            _words_of(pair, left, pair.left, language),
            _words_of(pair, right, pair.right, language),
        )
        found.append((pair, words_left, words_right))
    return found


def _question(request: HttpRequest, page: Page, question: Question | None, *, is_next: bool) -> HttpResponse:
    user = person(request)
    done = editing.question_to_see(user, _number(request.GET.get("done", "")), language=page.language)
    context = {
        "tab": "questions",
        "question": question,
        "fields": _fields(question, page.language) if question else [],
        "reasons": reason_lines(question.match.reasons, page.language) if question else [],
        "counts": editing.question_counts(user, now=page.now),
        "kind": _kind(request),
        "done": done,
        "is_next": is_next,
        "latest": [] if question else editing.answered(user),
        "words": words,
    }
    return show(request, page, "duplicates.html", context)


@require_safe
@signed_in
def questions(request: HttpRequest) -> HttpResponse:
    """The next pair to decide."""
    page = _page(request)
    question = editing.next_question(person(request), kind=_kind(request), language=page.language, now=page.now)
    return _question(request, page, question, is_next=True)


@require_safe
@signed_in
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One pair, decided or not."""
    page = _page(request)
    shown = found(editing.question_to_see(person(request), pk, language=page.language))
    return _question(request, page, shown, is_next=False)


@require_POST
@signed_in
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person says of a pair; an empty answer takes the last one back."""
    page = _page(request)
    found(editing.question_to_see(person(request), pk, language=page.language))
    said = request.POST.get("answer", "")
    if said not in (*ANSWERS, ""):
        raise Http404
    answer_match(pk, said, by=person(request), now=page.now)
    if not said:
        return go(request, f"{HERE}{pk}/", gettext("Taken back. The question is open again."))
    kind = _kind(request)
    return go(request, f"{HERE}?done={pk}" + (f"&kind={kind}" if kind else ""))


@require_safe
@signed_in
def joined(request: HttpRequest) -> HttpResponse:
    """What is shown as one."""
    page = _page(request)
    kind = _kind(request) or "event"
    listing = editing.joined_records(
        person(request), kind=kind, page=_number(request.GET.get("page", "")) or 1, language=page.language
    )
    context = {"tab": "joined", "kind": kind, "listing": listing, "words": words}
    return show(request, page, "duplicates_joined.html", context)


@require_POST
@signed_in
def take_out(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Separate a record from those it is shown with."""
    page = _page(request)
    found(editing.record_to_separate(person(request), kind, pk))
    separate(kind, pk, by=person(request), now=page.now)
    back = request.POST.get("back", "")
    here = f"/workspace/records/{kind}/{pk}/" if back == "record" else f"{HERE}joined/?kind={kind}"
    return go(request, here, gettext("Separated. It has a page of its own again, and stays apart."))


@require_safe
@signed_in
def parallel(request: HttpRequest) -> HttpResponse:
    """Which sources keep the same facts."""
    page = _page(request)
    context = {"tab": "parallel", "rows": editing.parallel_work(person(request)), "words": words}
    return show(request, page, "duplicates_parallel.html", context)
