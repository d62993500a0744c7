"""Queries whose SQL is made once: the same answers as without, and no wrong one by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from allmende.core.models import Notice, User
from allmende.core.prepared import prepared
from allmende.partners.models import Membership, Network, Organisation, Task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 9, 30, 15, 120, tzinfo=UTC)


@pytest.fixture
def region() -> Network:
    """Three organisations with people, and a network with tasks."""
    for number in range(3):
        owner = Organisation.objects.create(
            name=f"Museum {number}",
            slug=f"m{number}",
            name_key=f"museum {number}",
            kind="museum",
            created_at=NOW,
            updated_at=NOW,
        )
        user = User.objects.create(email=f"p{number}@example.org", name=f"P{number}", password="!")
        Membership.objects.create(user=user, organisation=owner, role="editor", since=NOW)
    network = Network.objects.create(
        name="Culture", slug="culture", kind="culture", moderated_kinds=["event"], created_at=NOW, updated_at=NOW
    )
    for number in range(3):
        Task.objects.create(
            network=network, title=f"Task {number}", due=date(2026, 11, number + 1), created_at=NOW,
            assigned_to=User.objects.get(email=f"p{number}@example.org"),
        )  # fmt: skip
    return network


def test_numbers_and_lists_of_any_length(region: Network) -> None:
    @prepared
    def members(organisations: Sequence[int]) -> QuerySet[Membership, int]:
        rows = Membership.objects.filter(organisation__in=organisations)
        return rows.order_by("pk").values_list("organisation_id", flat=True)

    owners = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    assert members(owners) == owners
    for some in ([], owners[:1], owners[1:2], owners[:2], owners[1:], [999_999], tuple(owners[:2]), set(owners[:1])):
        assert members(some) == list(members.__wrapped__(list(some)))  # type: ignore[attr-defined]
    assert members([*owners, *range(10_000, 12_000)]) == owners  # more than a prepared list holds


def test_what_is_not_in_a_list(region: Network) -> None:
    @prepared
    def others(organisations: Sequence[int]) -> QuerySet[Organisation, tuple[int, str]]:
        return Organisation.objects.exclude(pk__in=organisations).order_by("pk").values_list("pk", "name")

    pairs = list(Organisation.objects.order_by("pk").values_list("pk", "name"))
    assert others([]) == pairs
    assert others([pairs[0][0]]) == pairs[1:]
    assert others([pair[0] for pair in pairs]) == []


def test_days_moments_text_and_json_come_out_as_they_went_in(region: Network) -> None:
    @prepared
    def due(
        first: date, since: datetime, slug: str, *, limit: int
    ) -> QuerySet[Task, tuple[str, date, datetime, list[str]]]:
        rows = Task.objects.filter(due__gte=first, created_at__lte=since, network__slug=slug).order_by("due")
        return rows.values_list("title", "due", "created_at", "network__moderated_kinds")[:limit]

    found = due(date(2026, 11, 2), NOW, "culture", limit=5)
    assert found == [(f"Task {n}", date(2026, 11, n + 1), NOW, ["event"]) for n in (1, 2)]
    assert due(date(2026, 11, 3), NOW, "culture", limit=5) == found[1:]
    assert due(date(2026, 11, 1), NOW, "culture", limit=1) == [("Task 0", date(2026, 11, 1), NOW, ["event"])]
    assert due(date(2026, 11, 1), NOW - timedelta(seconds=1), "culture", limit=5) == []
    assert due(date(2026, 11, 1), NOW, "'; --", limit=5) == []


def test_whole_rows_with_what_hangs_on_them(region: Network) -> None:
    @prepared
    def tasks(network: int) -> QuerySet[Task, Task]:
        rows = Task.objects.filter(network_id=network).select_related("network", "assigned_to", "organisation")
        return rows.defer("notes").annotate(people=Count("network__people")).order_by("pk")

    found = tasks(region.pk)
    assert [task.title for task in found] == ["Task 0", "Task 1", "Task 2"]
    with CaptureQueriesContext(connection) as asked:
        assert {(task.network.name, task.organisation) for task in found if task.network} == {("Culture", None)}
        assert [task.assigned_to.email for task in found if task.assigned_to] == [f"p{n}@example.org" for n in range(3)]
        assert {getattr(task, "people") for task in found} == {0}  # noqa: B009  an annotation
    assert len(asked) == 0
    assert found[0].notes == ""  # deferred: asked for now
    found[0].title = "Other"
    found[0].save()
    assert tasks(region.pk)[0].title == "Other"


def test_sql_is_made_once_and_asked_each_time(region: Network) -> None:
    made = []

    @prepared
    def of(user: int) -> QuerySet[Membership, int]:
        made.append(user)
        return Membership.objects.filter(user_id=user).values_list("organisation_id", flat=True)

    pairs = list(Membership.objects.order_by("pk").values_list("user_id", "organisation_id"))
    with CaptureQueriesContext(connection) as asked:
        assert [of(user) for user, _ in pairs] == [[owner] for _, owner in pairs]
    assert len(asked) == 3
    assert len(made) == 2  # with two sets of stand-ins, at the first call
    assert not set(made) & {user for user, _ in pairs}


def test_each_form_has_its_own_sql(region: Network) -> None:
    @prepared
    def tasks(network: int, *, is_open: bool) -> QuerySet[Task, str]:
        return (
            Task.objects.filter(network_id=network, done_at__isnull=is_open)
            .order_by("pk")
            .values_list("title", flat=True)
        )

    Task.objects.filter(title="Task 1").update(done_at=NOW)
    assert tasks(region.pk, is_open=True) == ["Task 0", "Task 2"]
    assert tasks(region.pk, is_open=False) == ["Task 1"]


def test_none_asks_something_else(region: Network) -> None:
    @prepared
    def members(organisations: Sequence[int] | None, role: str) -> QuerySet[Membership, int]:
        rows = Membership.objects.filter(role=role).order_by("organisation_id")
        rows = rows if organisations is None else rows.filter(organisation__in=organisations)
        return rows.values_list("organisation_id", flat=True)

    owners = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    assert members(None, "editor") == owners
    assert members(owners[:1], "editor") == owners[:1]
    assert members(None, "manager") == []


def test_a_moment_that_the_function_takes_itself_is_refused() -> None:
    @prepared
    def late(user: int) -> QuerySet[Notice, int]:
        return Notice.objects.filter(user_id=user, at__lt=timezone.now()).values_list("pk", flat=True)

    with pytest.raises(TypeError, match="found anew each time"):
        late(5)


def test_a_value_that_is_changed_on_its_way_is_refused() -> None:
    @prepared
    def late(at: datetime) -> QuerySet[Notice, int]:
        return Notice.objects.filter(at__lt=at - timedelta(days=1)).values_list("pk", flat=True)

    @prepared
    def named(word: str) -> QuerySet[Organisation, int]:
        return Organisation.objects.filter(name__contains=word).values_list("pk", flat=True)

    with pytest.raises(TypeError, match="is made from a value"):
        late(NOW)
    with pytest.raises(TypeError, match="is made from a value"):
        named("x")


def test_a_value_that_decides_over_the_query_is_refused() -> None:
    @prepared
    def some(limit: int) -> QuerySet[Organisation, int]:
        return Organisation.objects.values_list("pk", flat=True)[:limit]

    @prepared
    def lost(first: int, second: int) -> QuerySet[Organisation, int]:
        return Organisation.objects.filter(pk=first).values_list("pk", flat=True)

    with pytest.raises(TypeError, match="hand that in by name"):
        some(5)
    with pytest.raises(TypeError, match="value 2 is not in its SQL"):
        lost(1, 2)
    with pytest.raises(TypeError, match="hand True in by name"):
        lost(1, True)
    with pytest.raises(TypeError, match="one plain kind"):
        lost([1, None], 2)  # type: ignore[arg-type]


def test_a_condition_that_nothing_fulfils_is_left_to_django(region: Network) -> None:
    @prepared
    def either(organisations: Sequence[int], networks: Sequence[int]) -> QuerySet[Task, str]:
        rows = Task.objects.filter(Q(organisation__in=organisations) | Q(network__in=networks))
        return rows.order_by("pk").values_list("title", flat=True)

    assert either([], []) == []
    assert either([], [region.pk]) == ["Task 0", "Task 1", "Task 2"]
    assert either([1], []) == []


def test_numbers_that_no_column_holds_find_nothing(region: Network) -> None:
    @prepared
    def names(number: int, among: Sequence[int]) -> QuerySet[Organisation, str]:
        return Organisation.objects.filter(Q(pk=number) | Q(pk__in=among)).order_by("pk").values_list("name", flat=True)

    first, second = Organisation.objects.order_by("pk").values_list("pk", flat=True)[:2]
    assert names(first, [second]) == ["Museum 0", "Museum 1"]
    assert names(10**30, [second]) == ["Museum 1"]
    assert names(-(10**30), [second]) == ["Museum 1"]
    assert names(2**40, [2**40]) == []


def test_members_of_enumerations_are_values(region: Network) -> None:
    @prepared
    def people(role: str, kinds: Sequence[str]) -> QuerySet[Membership, int]:
        rows = Membership.objects.filter(role=role, organisation__kind__in=kinds)
        return rows.order_by("pk").values_list("pk", flat=True)

    wanted = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    assert people(Membership.Role.EDITOR, [Organisation.Kind.MUSEUM, "farm"]) == wanted
    assert people("manager", ["museum"]) == []
