"""A network's place in the workspace, as its people see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.models import (
    Network,
    NetworkDate,
    NetworkGuest,
    NetworkNews,
    NetworkOrganisation,
    Organisation,
    Task,
    WorkingGroup,
    WorkingGroupPerson,
)
from allmende.partners.networks.rules import COORDINATOR, EDITOR, MEMBER, reaches
from allmende.partners.rules import managed_ids, network_role

State = NetworkOrganisation.State
MOST_NEWS: Final = 50
MOST_DATES: Final = 200
MOST_TASKS: Final = 300
MOST_MEMBERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """A network and what the person who looks at it is there."""

    network: Network
    role: str | None
    """None: sees it from outside."""
    user_id: int

    @property
    def may_work(self) -> bool:
        return self.network.ended_at is None and reaches(self.role, MEMBER)

    @property
    def may_edit(self) -> bool:
        return self.network.ended_at is None and reaches(self.role, EDITOR)

    @property
    def may_coordinate(self) -> bool:
        return self.network.ended_at is None and reaches(self.role, COORDINATOR)

    def may_change(self, author_id: int | None, is_public: bool) -> bool:
        """Whether they may change what ``author_id`` wrote."""
        return self.may_edit or (self.may_work and not is_public and author_id == self.user_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """One of the person's organisations and how it stands to a network."""

    id: int
    name: str
    state: str
    """invited, asked, member, left; empty: nothing yet."""


@dataclass(frozen=True, slots=True)
class News:
    id: int
    title: Picked
    text: Picked
    is_public: bool
    is_pinned: bool
    author_id: int | None
    author: str
    at: datetime
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A date of a network: ``at`` and ``until`` are local hours, None: the whole day."""

    id: int
    kind: str
    title: str
    notes: str
    place: str
    day: date
    at: time | None
    until: time | None
    is_public: bool
    by_id: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaskRow:
    id: int
    title: str
    notes: str
    due: date | None
    assigned_id: int | None
    assigned: str
    group_id: int | None
    group: str
    created_by_id: int | None
    done_at: datetime | None
    done_by: str

    def is_overdue(self, today: date) -> bool:
        return self.done_at is None and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation in a network, invited to it or asking."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    municipality: str
    about: Picked
    url: str
    state: str
    is_guest: bool
    is_trusted: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    purpose: str
    lead_id: int | None
    lead: str
    people: int
    open_tasks: int
    ended_at: datetime | None


def _shown(name: str | None, email: str | None) -> str:
    return name or (email or "").partition("@")[0]


def open_desk(user: User, slug: str) -> Desk | None:
    """The network for its people; None for everybody else."""
    network = _network(slug)
    role = network_role(user, network.pk) if network else None
    return Desk(network, role, user.pk) if network and role else None


def _network(slug: str) -> Network | None:
    return next(iter(_by_slug(slug)), None)


@prepared
def _by_slug(slug: str) -> QuerySet[Network]:
    return Network.objects.select_related("territory").defer("territory__outline").filter(slug=slug)


def look_at(user: User, slug: str) -> Desk | None:
    """The network from outside: for its people, for whoever is invited, and for everybody if it is public."""
    network = _network(slug)
    if network is None:
        return None
    role = network_role(user, network.pk)
    is_shown = network.is_public and network.ended_at is None
    if role or is_shown or any(one.state == State.INVITED for one in standings(user, network.pk)):
        return Desk(network, role, user.pk)
    return None


def standings(user: User, network_id: int) -> list[Standing]:
    """How the organisations that ``user`` manages stand to a network; by name."""
    managed = managed_ids(user)
    if not managed:
        return []
    names = dict(_names(managed))
    states = dict(_states(network_id, list(names)))
    return [Standing(pk, name, states.get(pk, "")) for pk, name in names.items()]


@prepared
def _names(organisations: Sequence[int]) -> QuerySet[Organisation, tuple[int, str]]:
    return Organisation.objects.filter(pk__in=organisations).order_by("name").values_list("pk", "name")[:100]


@prepared
def _states(network_id: int, organisations: Sequence[int]) -> QuerySet[NetworkOrganisation, tuple[int, str]]:
    rows = NetworkOrganisation.objects.filter(network_id=network_id, organisation__in=organisations)
    return rows.order_by().values_list("organisation_id", "state")


def news_of(
    network_id: int, language: str, *, only_public: bool = False, limit: int = MOST_NEWS, pk: int | None = None
) -> list[News]:
    """News, what is pinned first, then the newest; one query."""
    return [
        News(
            row[0],
            pick(row[1], language),
            pick(row[2], language),
            row[3],
            row[4],
            row[5],
            _shown(row[6], row[7]),
            row[8],
            tuple(row[1].get("texts", ())),
        )
        for row in _news(network_id, pk, only_public=only_public, limit=limit)
    ]


@prepared
def _news(network_id: int, pk: int | None, *, only_public: bool, limit: int) -> QuerySet[NetworkNews, Any]:
    rows = NetworkNews.objects.filter(network_id=network_id)
    rows = rows.filter(is_public=True) if only_public else rows
    rows = rows.filter(pk=pk) if pk is not None else rows
    fields = (
        "pk", "title", "text", "is_public", "is_pinned", "author_id", "author__name", "author__email", "posted_at",
    )  # fmt: skip
    return rows.values_list(*fields)[:limit]


def dates_of(
    network_id: int, since: date | None, *, only_public: bool = False, limit: int = MOST_DATES
) -> list[Meeting]:
    """Dates from ``since`` on (None: all), soonest first; one query."""
    return [Meeting(*row) for row in _dates(network_id, since, only_public=only_public, limit=limit)]


@prepared
def _dates(network_id: int, since: date | None, *, only_public: bool, limit: int) -> QuerySet[NetworkDate, Any]:
    rows = NetworkDate.objects.filter(network_id=network_id)
    rows = rows.filter(day__gte=since) if since else rows
    rows = rows.filter(is_public=True) if only_public else rows
    fields = (
        "pk", "kind", "title", "notes", "place", "day", "at", "until", "is_public", "created_by_id", "updated_at",
    )  # fmt: skip
    return rows.values_list(*fields)[:limit]


def tasks_of(
    network_id: int, *, is_done: bool = False, group_id: int | None = None, limit: int = MOST_TASKS
) -> list[TaskRow]:
    """Open tasks by their due day (those without one last), or done ones, the newest first; one query."""
    return [
        TaskRow(
            row[0], row[1], row[2], row[3], row[4], _shown(row[5], row[6]), row[7], row[8] or "", row[9], row[10],
            _shown(row[11], row[12]),
        )
        for row in _tasks(network_id, group_id, is_done=is_done, limit=limit)
    ]  # fmt: skip


@prepared
def _tasks(network_id: int, group_id: int | None, *, is_done: bool, limit: int) -> QuerySet[Task, Any]:
    rows = Task.objects.filter(network_id=network_id, done_at__isnull=not is_done)
    rows = rows.filter(group_id=group_id) if group_id is not None else rows
    order = ("-done_at", "-pk") if is_done else (F("due").asc(nulls_last=True), "pk")
    fields = (
        "pk", "title", "notes", "due", "assigned_to_id", "assigned_to__name", "assigned_to__email", "group_id",
        "group__name", "created_by_id", "done_at", "done_by__name", "done_by__email",
    )  # fmt: skip
    return rows.order_by(*order).values_list(*fields)[:limit]


def members_of(
    network_id: int, language: str, *, states: Iterable[str] = (State.MEMBER,), newest: int = 0
) -> list[Member]:
    """Organisations of a network by name, or the ``newest``; one query."""
    labels = {kind: str(label) for kind, label in Organisation.Kind.choices}
    return [
        Member(
            row[0], row[1], row[2], row[3], labels.get(row[3], row[3]), row[4] or "", pick(row[5], language), row[6],
            *row[7:],
        )
        for row in _members(network_id, states=tuple(states), newest=newest)
    ]  # fmt: skip


@prepared
def _members(network_id: int, *, states: tuple[str, ...], newest: int) -> QuerySet[NetworkOrganisation, Any]:
    rows = NetworkOrganisation.objects.filter(network_id=network_id, state__in=states)
    fields = (
        "organisation_id", "organisation__slug", "organisation__name", "organisation__kind",
        "organisation__municipality__name", "organisation__about", "organisation__url", "state", "is_guest",
        "is_trusted", "since",
    )  # fmt: skip
    ordered = rows.order_by("-since", "-pk") if newest else rows.order_by("organisation__name", "pk")
    return ordered.values_list(*fields)[: newest or MOST_MEMBERS]


@prepared
def member_ids(network_id: int) -> QuerySet[NetworkOrganisation, int]:
    """Ids of the organisations in a network; one query."""
    rows = NetworkOrganisation.objects.filter(network_id=network_id, state=State.MEMBER)
    return rows.order_by("organisation_id").values_list("organisation_id", flat=True)


def guests_of(network_id: int) -> list[NetworkGuest]:
    """Organisations from elsewhere that are known by name alone."""
    return _guests(network_id)


@prepared
def _guests(network_id: int) -> QuerySet[NetworkGuest]:
    return NetworkGuest.objects.filter(network_id=network_id)[:MOST_MEMBERS]


def groups_of(network_id: int) -> list[Group]:
    """Working groups, those at work first; one query."""
    rows = (
        WorkingGroup.objects.filter(network_id=network_id)
        .annotate(
            n_people=Count("people", distinct=True),
            n_tasks=Count("tasks", filter=Q(tasks__done_at=None), distinct=True),
        )
        .order_by(F("ended_at").asc(nulls_first=True), "name", "pk")
        .values_list("pk", "name", "purpose", "lead_id", "lead__name", "lead__email", "n_people", "n_tasks", "ended_at")
    )
    return [Group(row[0], row[1], row[2], row[3], _shown(row[4], row[5]), row[6], row[7], row[8]) for row in rows[:200]]


def group_people(group_id: int) -> list[tuple[int, str]]:
    """(id, name) of the people of a working group."""
    rows = WorkingGroupPerson.objects.filter(group_id=group_id).values_list("user_id", "user__name", "user__email")
    return sorted(((row[0], _shown(row[1], row[2])) for row in rows), key=lambda one: one[1].casefold())


def news_to_change(desk: Desk, pk: int) -> NetworkNews | None:
    """News that the person may change."""
    found = NetworkNews.objects.select_related("network").filter(network=desk.network, pk=pk).first()
    return found if found and desk.may_change(found.author_id, found.is_public) else None


def date_to_change(desk: Desk, pk: int) -> NetworkDate | None:
    """A date that the person may change."""
    found = NetworkDate.objects.select_related("network").filter(network=desk.network, pk=pk).first()
    return found if found and desk.may_change(found.created_by_id, found.is_public) else None


def task_of(desk: Desk, pk: int) -> Task | None:
    """A task of the network."""
    return Task.objects.select_related("network").filter(network=desk.network, pk=pk).first()


def group_of(desk: Desk, pk: int) -> WorkingGroup | None:
    """A working group of the network."""
    return WorkingGroup.objects.select_related("network", "lead").filter(network=desk.network, pk=pk).first()


def organisations_by_name(words: str, without: Iterable[int], limit: int = 20) -> list[Organisation]:
    """Organisations whose name has ``words`` in it, to be invited."""
    found = Organisation.objects.filter(name__icontains=words).exclude(pk__in=list(without))
    return list(found.select_related("municipality").order_by("name")[:limit])
