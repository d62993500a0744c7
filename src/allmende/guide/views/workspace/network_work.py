"""Tasks and working groups of a network."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    day_in,
    network_page,
    number_in,
    show_network,
    text_in,
)
from allmende.partners.models import WorkingGroup
from allmende.partners.networks import actions
from allmende.partners.networks.queries import desk as desks
from allmende.partners.networks.queries.desk import Desk
from allmende.partners.networks.queries.people import people_of
from allmende.partners.tasks import actions as work
from allmende.partners.tasks.rules import homes_of

DONE_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tasks(request: HttpRequest, slug: str) -> HttpResponse:
    """What is to do, what is done, and a form for more."""
    desk, page = network_page(request, slug, gettext("Tasks"))
    if request.method != "POST":
        return _tasks(request, desk, page)
    found(desk.may_work or None)
    try:
        with as_not_there():
            return go(request, _back(request, slug), _change_task(request, desk, page))
    except (actions.NetworkRefused, work.TaskRefused) as error:
        return _tasks(request, desk, page, str(error))


def _back(request: HttpRequest, slug: str) -> str:
    group = number_in(request, "back_to_group")
    return f"/workspace/networks/{slug}/" + (f"groups/{group}/" if group else "tasks/")


def _change_task(request: HttpRequest, desk: Desk, page: Page) -> str:
    do = request.POST.get("do", "")
    told: dict[str, Any] = {"by": person(request), "now": page.now}
    if do in {"add", "save"}:
        words: dict[str, Any] = {
            "notes": text_in(request, "notes"),
            "due": day_in(request, "due"),
            "assigned_to": number_in(request, "assigned_to") or None,
            "group_id": number_in(request, "group") or None,
            **told,
        }
        if do == "add":
            work.make_task(text_in(request, "title"), f"network:{desk.network.pk}", **words)
            return gettext("The task is on the list.")
        found(work.change_task(_task_in(request, desk), text_in(request, "title"), **words))
        return gettext("Saved.")
    identifier = _task_in(request, desk)
    if do in {"done", "undo"}:
        found((work.finish_task if do == "done" else work.take_up_again)(identifier, **told))
        return gettext("Done. Well done.") if do == "done" else gettext("It is on the list again.")
    found(do == "remove" or None)
    found(work.remove_task(identifier, **told) or None)
    return gettext("The task is removed.")


def _task_in(request: HttpRequest, desk: Desk) -> int:
    """The task of the form, which is one of this network."""
    return int(found(desks.task_of(desk, number_in(request, "task"))).pk)


def _tasks(request: HttpRequest, desk: Desk, page: Page, error: str = "") -> HttpResponse:
    network = desk.network
    edited = request.GET.get("edit", "")
    open_ones = desks.tasks_of(network.pk)
    done_ones = desks.tasks_of(network.pk, is_done=True, limit=DONE_SHOWN)
    context = {
        "open_tasks": open_ones,
        "done_tasks": done_ones,
        "to_press": _to_press(request, desk, [*open_ones, *done_ones]),
        "people": people_of(network.pk),
        "groups": [group for group in desks.groups_of(network.pk) if group.ended_at is None],
        "edited": next((task for task in open_ones if str(task.id) == edited), None) if desk.may_work else None,
        "me": person(request).pk,
        "today": page.today,
        "error": error,
        "told": request.POST if error else {},
    }
    return show_network(request, desk, page, "tasks", context, status=422 if error else 200)


def _to_press(request: HttpRequest, desk: Desk, rows: list[desks.TaskRow]) -> set[int]:
    """The tasks of which the person may say that they are done, or are not after all."""
    homes, here = homes_of(person(request)), desk.network.pk
    return {row.id for row in rows if homes.may_finish_for(row.assigned_id, row.created_by_id, network_id=here)}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def groups(request: HttpRequest, slug: str) -> HttpResponse:
    """The working groups, and (coordinators) a form for another."""
    desk, page = network_page(request, slug, gettext("Working groups"))
    error = ""
    if request.method == "POST":
        found(desk.may_coordinate or None)
        try:
            with as_not_there():
                group = _save_group(request, desk, page)
            return go(
                request, f"/workspace/networks/{slug}/groups/{group.pk}/", gettext("The working group is founded.")
            )
        except actions.NetworkRefused as refused:
            error = str(refused)
    context = {
        "groups": desks.groups_of(desk.network.pk),
        "people": people_of(desk.network.pk) if desk.may_coordinate else [],
        "error": error,
        "told": request.POST if error else {},
    }
    return show_network(request, desk, page, "groups", context, status=422 if error else 200)


def _save_group(request: HttpRequest, desk: Desk, page: Page, change: WorkingGroup | None = None) -> WorkingGroup:
    return actions.save_group(
        desk.network,
        text_in(request, "name"),
        purpose=text_in(request, "purpose"),
        lead_id=number_in(request, "lead") or None,
        change=change,
        by=person(request),
        now=page.now,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def group(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One working group: purpose, people, tasks."""
    desk, page = network_page(request, slug, "")
    one = found(desks.group_of(desk, pk))
    page.title = one.name
    page.crumbs = (*page.crumbs, (gettext("Working groups"), f"{page.base}/workspace/networks/{slug}/groups/"))
    error = ""
    if request.method == "POST":
        try:
            with as_not_there():
                note = _change_group(request, desk, page, one)
            return go(request, f"/workspace/networks/{slug}/groups/{pk}/", note)
        except actions.NetworkRefused as refused:
            error = str(refused)
    inside = desks.group_people(one.pk)
    ids = {identifier for identifier, _ in inside}
    me = person(request).pk
    group_tasks = desks.tasks_of(desk.network.pk, group_id=one.pk)
    context: dict[str, Any] = {
        "group": one,
        "inside": inside,
        "me": me,
        "is_in": me in ids,
        "may_lead": desk.may_coordinate or (desk.may_work and one.lead_id == me),
        "people": people_of(desk.network.pk),
        "ids": ids,
        "group_tasks": group_tasks,
        "to_press": _to_press(request, desk, group_tasks),
        "today": page.today,
        "error": error,
        "told": request.POST if error else {},
    }
    return show_network(request, desk, page, "group", context, status=422 if error else 200)


def _change_group(request: HttpRequest, desk: Desk, page: Page, one: WorkingGroup) -> str:
    do = request.POST.get("do", "")
    told: dict[str, Any] = {"by": person(request), "now": page.now}
    if do == "save":
        _save_group(request, desk, page, one)
        return gettext("Saved.")
    if do in {"end", "reopen"}:
        actions.end_group(one, is_over=do == "end", **told)
        return gettext("The working group has ended.") if do == "end" else gettext("The working group goes on.")
    found(do in {"join", "leave"} or None)
    user_id = number_in(request, "user") or person(request).pk
    if do == "join":
        actions.join_group(one, user_id, **told)
        return gettext("In the working group now.")
    actions.leave_group(one, user_id, **told)
    return gettext("No longer in the working group.")
