"""Tasks: who sees them, who may finish them, and what that costs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from allmende.core.models import AuditEntry, Notice, User
from allmende.core.notices import in_words
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Membership, Network, NetworkOrganisation, NetworkPerson, Organisation, Task
from allmende.partners.tasks import actions
from allmende.partners.tasks.actions import (
    TaskForbidden,
    TaskRefused,
    change_task,
    finish_task,
    remove_task,
    take_up_again,
)
from allmende.partners.tasks.queries import (
    homes_to_choose,
    people_with_tasks_due,
    silent_people,
    task_to_see,
    tasks_of,
    turns_in,
)
from allmende.partners.tasks.rules import homes_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


class Cast:
    """Anna (manager) and Bo (member) of the museum; Cleo, manager of the farm; Dora coordinates; Ed observes."""

    def __init__(self) -> None:
        self.museum = found_organisation("Museum", by=None, now=NOW)
        self.farm = found_organisation("Farm", by=None, now=NOW)
        self.network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
        NetworkOrganisation.objects.create(network=self.network, organisation=self.museum, since=NOW)
        names = ("anna", "bo", "cleo", "dora", "ed")
        self.anna, self.bo, self.cleo, self.dora, self.ed = (
            User.objects.create_user(f"{name}@example.org", name=name.title()) for name in names
        )
        join_organisation(self.anna, self.museum, "manager", by=None, now=NOW)
        join_organisation(self.bo, self.museum, "member", by=None, now=NOW)
        join_organisation(self.cleo, self.farm, "manager", by=None, now=NOW)
        NetworkPerson.objects.create(network=self.network, user=self.dora, role="coordinator", since=NOW)
        NetworkPerson.objects.create(network=self.network, user=self.ed, role="observer", since=NOW)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def make_task(title: str, home: str, *, for_me: bool = True, by: User, **more: Any) -> Task:
    return actions.make_task(title, home, assigned_to=by.pk if for_me else None, by=by, **more)


def titles(user: User, show: Any = "mine") -> list[str]:
    return [row.title for row in tasks_of(user, show, today=TODAY, now=NOW)]


def in_museum(cast: Cast) -> str:
    return f"organisation:{cast.museum.pk}"


def test_a_task_is_seen_by_its_home_and_nobody_else(cast: Cast) -> None:
    make_task("Sweep", in_museum(cast), for_me=False, by=cast.bo, now=NOW)
    make_task("Invite", f"network:{cast.network.pk}", by=cast.dora, now=NOW)
    assert titles(cast.anna) == ["Sweep"]
    assert titles(cast.anna, "shared") == ["Invite"]
    assert titles(cast.ed, "shared") == ["Invite"]
    assert titles(cast.dora) == ["Invite"]
    assert titles(cast.cleo) == titles(cast.cleo, "shared") == []
    assert task_to_see(cast.cleo, Task.objects.first().pk, today=TODAY) is None


def test_who_has_left_does_not_see_even_their_own_task(cast: Cast) -> None:
    make_task("Sweep", in_museum(cast), by=cast.bo, now=NOW)
    Membership.objects.filter(user=cast.bo).delete()
    assert titles(cast.bo) == []
    cast.anna.is_active = False
    cast.anna.save()
    assert titles(cast.anna, "shared") == []


def test_tasks_are_made_where_one_belongs_only(cast: Cast) -> None:
    for who, home in ((cast.cleo, in_museum(cast)), (cast.ed, f"network:{cast.network.pk}"), (cast.bo, "x:1")):
        with pytest.raises(TaskForbidden):
            make_task("No", home, by=who, now=NOW)
    assert [home.name for home in homes_to_choose(cast.anna)] == ["Museum", "Culture"]
    assert [home.name for home in homes_to_choose(cast.dora)] == ["Culture"]
    assert homes_to_choose(cast.ed) == []


def test_who_may_say_that_it_is_done(cast: Cast) -> None:
    mine = make_task("Mine", in_museum(cast), by=cast.anna, now=NOW)
    everybodys = make_task("Everybody's", f"network:{cast.network.pk}", for_me=False, by=cast.dora, now=NOW)
    with pytest.raises(TaskForbidden):
        finish_task(mine.pk, by=cast.bo, now=NOW)
    with pytest.raises(TaskForbidden):
        finish_task(everybodys.pk, by=cast.ed, now=NOW)
    assert finish_task(mine.pk, by=cast.cleo, now=NOW) is None
    assert finish_task(everybodys.pk, by=cast.bo, now=NOW) is not None
    assert titles(cast.dora, "done") == ["Everybody's"]


def test_who_made_it_hears_that_it_is_done_and_it_can_be_taken_back(cast: Cast) -> None:
    task = make_task("Invite", f"network:{cast.network.pk}", for_me=False, by=cast.dora, now=NOW)
    finish_task(task.pk, by=cast.bo, now=NOW)
    finish_task(task.pk, by=cast.bo, now=NOW)  # pressed twice
    notice = Notice.objects.get()
    assert (notice.user_id, notice.times, notice.within) == (cast.dora.pk, 1, f"network:{cast.network.pk}")
    take_up_again(task.pk, by=cast.bo, now=NOW)
    task.refresh_from_db()
    assert (task.done_at, task.done_by) == (None, None)
    done = AuditEntry.objects.filter(subject_type="task").order_by("pk").values_list("action", flat=True)
    assert list(done) == ["partners.make_task", "partners.finish_task", "partners.reopen_task"]


def test_a_task_is_given_to_somebody_who_takes_part_and_who_is_told(cast: Cast) -> None:
    culture = f"network:{cast.network.pk}"
    for home, who in ((culture, cast.cleo), (in_museum(cast), cast.dora)):
        with pytest.raises(TaskRefused, match="takes part"):
            actions.make_task("Call", home, assigned_to=who.pk, by=cast.anna, now=NOW)
    with pytest.raises(TaskRefused, match="what is to do"):
        make_task("  ", culture, by=cast.bo, now=NOW)
    task = actions.make_task("Call", culture, assigned_to=cast.bo.pk, by=cast.anna, now=NOW)
    notice = Notice.objects.get()
    assert (notice.user_id, in_words(notice)) == (cast.bo.pk, "Culture: Call was given to you.")
    told: dict[str, Any] = {"due": TODAY, "notes": "", "group_id": None, "now": NOW}
    assert change_task(task.pk, "Write", assigned_to=cast.bo.pk, by=cast.dora, **told) is not None
    assert Notice.objects.count() == 1, "it was theirs before"
    assert change_task(task.pk, "X", assigned_to=None, by=cast.cleo, **told) is None
    with pytest.raises(TaskForbidden):
        change_task(task.pk, "X", assigned_to=None, by=cast.ed, **told)
    task.refresh_from_db()
    assert (task.title, task.due, task.assigned_to_id) == ("Write", TODAY, cast.bo.pk)


def test_a_task_is_taken_off_by_its_maker_and_who_runs_its_home(cast: Cast) -> None:
    one, two = (make_task(title, f"network:{cast.network.pk}", by=cast.anna, now=NOW) for title in ("A", "B"))
    for who in (cast.bo, cast.ed):
        with pytest.raises(TaskForbidden):
            remove_task(one.pk, by=who, now=NOW)
    assert not remove_task(one.pk, by=cast.cleo, now=NOW)
    assert remove_task(one.pk, by=cast.anna, now=NOW)
    assert remove_task(two.pk, by=cast.dora, now=NOW)
    line = AuditEntry.objects.filter(action="partners.remove_task").last()
    assert line is not None
    assert (line.subject_type, line.subject_id) == ("network", cast.network.pk)
    assert not Task.objects.exists()


def test_the_first_due_comes_first_and_what_has_no_day_last(cast: Cast) -> None:
    for title, due in (("some day", None), ("late", TODAY - timedelta(days=2)), ("soon", TODAY + timedelta(days=2))):
        make_task(title, in_museum(cast), due=due, by=cast.bo, now=NOW)
    assert titles(cast.bo) == ["late", "soon", "some day"]
    assert [row.is_late for row in tasks_of(cast.bo, "mine", today=TODAY, now=NOW)] == [True, False, False]
    assert people_with_tasks_due(TODAY, date.max) == {cast.bo.pk}
    assert people_with_tasks_due(TODAY + timedelta(days=3), date.max) == set()


@pytest.mark.parametrize("n", [1, 3])
def test_lists_cost_the_same_however_long(cast: Cast, n: int, django_assert_num_queries: Any) -> None:
    for number in range(n):
        home = Organisation.objects.create(
            name=f"O{number}", slug=f"o{number}", name_key=f"o{number}", created_at=NOW, updated_at=NOW
        )
        join_organisation(cast.bo, home, "member", by=None, now=NOW)
        make_task(f"T{number}", f"organisation:{home.pk}", by=cast.bo, now=NOW)
    with django_assert_num_queries(4):
        assert len(titles(cast.bo)) == n


def test_whoever_runs_it_sees_whose_turn_it_is(cast: Cast) -> None:
    make_task("Late", in_museum(cast), due=TODAY - timedelta(days=1), by=cast.bo, now=NOW)
    make_task("Later", in_museum(cast), by=cast.bo, now=NOW)
    turns = turns_in(homes_of(cast.anna), today=TODAY)
    assert [(turn.name, turn.n, turn.late) for turn in turns] == [("Bo", 2, 1)]
    for other in (cast.bo, cast.cleo, cast.dora, cast.ed):
        assert turns_in(homes_of(other), today=TODAY) == []
    User.objects.filter(pk__in=[cast.bo.pk, cast.ed.pk]).update(last_login=NOW - timedelta(days=200))
    User.objects.exclude(pk__in=[cast.bo.pk, cast.ed.pk]).update(last_login=NOW)
    assert silent_people(homes_of(cast.anna), now=NOW) == ["Bo"]
    assert silent_people(homes_of(cast.dora), now=NOW) == ["Ed"]
    assert silent_people(homes_of(cast.bo), now=NOW) == []
