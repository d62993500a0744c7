"""Tasks: mine, those of my networks and organisations, and what was done."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from allmende.guide.page import Page
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace.forms import REQUIRED
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.partners.tasks.actions import TaskForbidden, finish_task, make_task, take_up_again
from allmende.partners.tasks.queries import Show, TaskRow, homes_to_choose, task_to_see, tasks_of

BACK: Final = {"day": "/workspace/"}
"""Pages that a press may lead back to, beside the tasks."""
SHOWS: Final[dict[str, Show]] = {"shared": "shared", "done": "done"}
LIST: Final = "/workspace/tasks/"


class TaskForm(forms.Form):
    """A new task."""

    title = forms.CharField(max_length=200, error_messages=REQUIRED)
    notes = forms.CharField(max_length=4000, required=False)
    due = forms.DateField(
        required=False,
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day, such as 2026-12-05.")},
    )
    home = forms.ChoiceField(error_messages=REQUIRED)
    who = forms.ChoiceField(
        choices=[("me", gettext_lazy("me")), ("all", gettext_lazy("whoever gets to it first"))], initial="me"
    )

    def __init__(self, *args: Any, homes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["home"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = homes


def undo_of(request: HttpRequest, page: Page) -> TaskRow | None:
    """The task that was just finished, so that the page can offer to take that back."""
    told = request.GET.get("done", "")[:18]
    row = task_to_see(person(request), int(told), today=page.today) if told.isdecimal() else None
    return row if row and row.done_at and row.may_finish else None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tasks(request: HttpRequest) -> HttpResponse:
    """The lists, and a form for a new task."""
    user = found(person(request) if may_enter_workspace(person(request)) else None)
    page = workspace_page(request, "tasks", gettext("Tasks"))
    page.styles = (*page.styles, "guide/workspace/day.css")
    homes = [(home.key, home.name) for home in homes_to_choose(user)]
    form = TaskForm(request.POST or None, homes=homes)
    is_bad = request.method == "POST" and not form.is_valid()
    if request.method == "POST" and not is_bad:
        told = form.cleaned_data
        try:
            make_task(
                told["title"],
                told["home"],
                due=told["due"],
                notes=told["notes"],
                assigned_to=user.pk if told["who"] == "me" else None,
                by=user,
                now=page.now,
            )
        except TaskForbidden:
            found(None)
        return go(request, LIST, gettext("The task is on the list."))
    shown = SHOWS.get(request.GET.get("show", ""), "mine")
    page.query = f"show={shown}" if shown != "mine" else ""
    context = {
        "form": form,
        "homes": homes,
        "shown": shown,
        "rows": tasks_of(user, shown, today=page.today, now=page.now),
        "undo": undo_of(request, page),
    }
    return show(request, page, "tasks.html", context, status=422 if is_bad else 200)


def _press(request: HttpRequest, pk: int, *, is_done: bool) -> HttpResponse:
    page = workspace_page(request, "tasks", "")
    back = BACK.get(request.POST.get("back", ""), LIST)
    act = finish_task if is_done else take_up_again
    try:
        task = found(act(pk, by=person(request), now=page.now))
    except TaskForbidden:
        return go(request, back, gettext("Somebody else does this task."), is_good=False)
    if is_done:
        return go(request, f"{back}?done={task.pk}")
    return go(request, back, gettext("The task is open again."))


@require_POST
@signed_in
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """One press: the task is done."""
    return _press(request, pk, is_done=True)


@require_POST
@signed_in
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Take that back."""
    return _press(request, pk, is_done=False)
