"""Reads of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db.models import Count, Q, QuerySet

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.partners.models import Membership, Network, NetworkPerson, Organisation, Task
from allmende.partners.tasks.rules import Homes, homes_of, visible_in

Show = Literal["mine", "shared", "done"]
MOST: Final = 300
DONE_DAYS: Final = 90
SILENT: Final = timedelta(days=180)
"""Who has not signed in for so long is worth a word."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list."""

    id: int
    title: str
    notes: str
    due: date | None
    is_late: bool
    home: str
    """Name of the network or organisation."""
    for_whom: str
    """Whose task it is; "" where it is everybody's."""
    is_mine: bool
    may_finish: bool
    path: str
    created_at: datetime
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person may make a task."""

    key: str
    """``organisation:5`` or ``network:7``."""
    name: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody with open tasks in what one coordinates."""

    name: str
    n: int
    late: int


def _name(user: User | None) -> str:
    return (user.name or user.email) if user else ""


def _row(task: Task, homes: Homes, today: date) -> TaskRow:
    home = task.network or task.organisation
    return TaskRow(
        id=task.pk,
        title=task.title,
        notes=task.notes,
        due=task.due,
        is_late=bool(task.due and task.due < today and not task.done_at),
        home=home.name if home else "",
        for_whom=_name(task.assigned_to),
        is_mine=task.assigned_to_id == homes.user_id,
        may_finish=homes.may_finish(task),
        path=task.path,
        created_at=task.created_at,
        done_at=task.done_at,
        done_by=_name(task.done_by),
    )


def _tasks() -> QuerySet[Task]:
    return Task.objects.select_related("network", "organisation", "assigned_to", "done_by")


@prepared
def _open(
    user_id: int, own: Sequence[int], organisations: Sequence[int] | None, networks: Sequence[int] | None, *, show: Show
) -> QuerySet[Task]:
    """Of the person: given to them, or to nobody in an organisation of theirs (``own``).  Else those of the others."""
    tasks = _tasks().filter(visible_in(organisations, networks), done_at=None)
    mine = Q(assigned_to=user_id) | Q(assigned_to=None, organisation__in=own)
    return (tasks.filter(mine) if show == "mine" else tasks.exclude(mine))[:MOST]


@prepared
def _done(since: datetime, organisations: Sequence[int] | None, networks: Sequence[int] | None) -> QuerySet[Task]:
    tasks = _tasks().filter(visible_in(organisations, networks), done_at__gte=since)
    return tasks.order_by("-done_at", "-id")[:MOST]


def tasks_of(user: User, show: Show, *, today: date, now: datetime) -> list[TaskRow]:
    """Tasks that ``user`` may see: theirs, those of others in their networks and organisations, or those done lately."""
    homes = homes_of(user)
    if show == "done":
        tasks = _done(now - timedelta(days=DONE_DAYS), *homes.places)
    else:
        tasks = _open(user.pk, list(homes.organisations), *homes.places, show=show)
    rows = [_row(task, homes, today) for task in tasks]
    # Databases do not agree on where an empty day goes.
    return rows if show == "done" else sorted(rows, key=lambda row: (row.due or date.max, row.id))


def task_to_see(user: User, identifier: int, *, today: date) -> TaskRow | None:
    """The task if ``user`` may see it."""
    homes = homes_of(user)
    task = _tasks().filter(homes.visible(), pk=identifier).first()
    return _row(task, homes, today) if task else None


def homes_to_choose(user: User) -> list[Home]:
    """Where ``user`` may make a task: the own organisations first, then the networks they take part in."""
    homes = homes_of(user)
    networks = [pk for pk in homes.networks if homes.takes_part(network_id=pk)]
    mine = Organisation.objects.filter(pk__in=list(homes.organisations)).order_by("name", "pk")
    found = [Home(f"organisation:{pk}", name) for pk, name in mine.values_list("pk", "name")]
    run = Network.objects.filter(pk__in=networks).order_by("name", "pk")
    return found + [Home(f"network:{pk}", name) for pk, name in run.values_list("pk", "name")]


def networks_of(user: User) -> list[Home]:
    """The networks of a person, by name."""
    networks = Network.objects.filter(pk__in=list(homes_of(user).networks)).order_by("name", "pk")
    return [Home(f"network:{pk}", name) for pk, name in networks.values_list("pk", "name")]


def turns_in(homes: Homes, *, today: date) -> list[Turn]:
    """Who has open tasks in the networks and organisations that the person runs, the most overdue first."""
    if not homes.coordinated and not homes.managed:
        return []
    rows = _turns(homes.user_id, homes.coordinated, homes.managed, today)
    return [Turn(name or email, n, late) for name, email, n, late in rows]


@prepared
def _turns(
    user_id: int, networks: Sequence[int], organisations: Sequence[int], today: date
) -> QuerySet[Task, tuple[str, str, int, int]]:
    late = Count("pk", filter=Q(due__lt=today))
    tasks = Task.objects.filter(Q(network__in=networks) | Q(organisation__in=organisations), done_at=None)
    others = tasks.exclude(assigned_to=None).exclude(assigned_to=user_id)
    rows = others.order_by().values_list("assigned_to__name", "assigned_to__email").annotate(n=Count("pk"), late=late)
    return rows.order_by("-late", "-n")[:8]


def silent_people(homes: Homes, *, now: datetime) -> list[str]:
    """Names of those who have not signed in for half a year, or never, in what the person runs."""
    if not homes.coordinated and not homes.managed:
        return []
    return [name or email for name, email in _silent(homes.user_id, homes.coordinated, homes.managed, now - SILENT)]


@prepared
def _silent(
    user_id: int, networks: Sequence[int], organisations: Sequence[int], since: datetime
) -> QuerySet[User, tuple[str, str]]:
    members = Membership.objects.filter(organisation__in=organisations).values("user_id")
    people = NetworkPerson.objects.filter(network__in=networks).values("user_id")
    quiet = Q(last_login__lt=since) | Q(last_login=None, date_joined__lt=since)
    # A union: for "one or the other" PostgreSQL would look at everybody.
    found = User.objects.filter(quiet, pk__in=members.union(people, all=True), is_active=True).exclude(pk=user_id)
    return found.order_by("last_login", "pk").values_list("name", "email")[:8]


def people_with_tasks_due(first: date, last: date) -> set[int]:
    """Accounts that were given a task due on one of these days."""
    tasks = Task.objects.filter(done_at=None, due__gte=first, due__lte=last).exclude(assigned_to=None)
    return set(tasks.values_list("assigned_to_id", flat=True).distinct())
