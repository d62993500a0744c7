"""My day, tasks, notices, letters and the calendar as people use them, and what the pages cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from icalendar import Calendar

from allmende.core.calendar_feeds import renew_feed
from allmende.core.models import LetterChoice, Notice, NoticeMute, User
from allmende.core.notices import tell
from allmende.partners.models import Membership, Network, NetworkOrganisation, Organisation, Task
from allmende.partners.tasks.actions import make_task
from tests.guide.workspace.conftest import NOW, Deliver, People, event

MESSAGE = "%(name)s finished “%(task)s”."
TODAY = NOW.date()


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def town() -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


def task(title: str, *, by: str = "editor", due: date | None = None, for_me: bool = True) -> Task:
    return make_task(
        title, f"organisation:{town().pk}", due=due, assigned_to=user(by).pk if for_me else None, by=user(by), now=NOW
    )


def notify(*names: str, number: int = 1, path: str = "/workspace/plan/") -> None:
    facts = {"name": "Zoe", "task": f"Job {number}"}
    tell([user(name) for name in names], "partners.task_done", MESSAGE, subject=("task", number), path=path,
         facts=facts, now=NOW)  # fmt: skip


def page_of(client: Any, path: str = "") -> str:
    answer = client.get(f"/en/workspace/{path}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_day_shows_what_waits_what_runs_out_and_what_is_new(people: People) -> None:
    task("Posters", due=TODAY - timedelta(days=1))
    task("Opening hours", due=TODAY + timedelta(days=3))
    notify("editor")
    html = page_of(people.editor)
    order = ["What waits for you", "Posters", "What runs out soon", "Opening hours", "What is new", "Zoe finished"]
    assert [html.index(text) for text in order] == sorted(html.index(text) for text in order)
    for other in (people.colleague, people.member):
        text = page_of(other)
        assert "Posters" not in text
        assert "Zoe" not in text
    assert "Nothing waits. All is well." in page_of(people.member)


def test_a_press_on_the_day_finishes_a_task_and_can_be_taken_back(people: People) -> None:
    job = task("Posters")
    done = people.editor.post(f"/en/workspace/tasks/{job.pk}/done/", {"back": "day"})
    assert done["Location"] == f"/en/workspace/?done={job.pk}"
    html = str(people.editor.get(done["Location"]).content.decode())
    assert "Done: Posters" in html
    assert f"/workspace/tasks/{job.pk}/open/" in html
    assert "Posters" not in str(people.colleague.get(done["Location"]).content.decode())
    people.editor.post(f"/en/workspace/tasks/{job.pk}/open/", {"back": "day"})
    job.refresh_from_db()
    assert job.done_at is None
    assert people.colleague.post(f"/en/workspace/tasks/{job.pk}/done/").status_code == 404


def test_a_new_task_goes_where_one_belongs(people: People) -> None:
    told = {"title": "Posters", "due": "2030-01-02", "who": "all", "home": f"organisation:{town().pk}", "notes": "A3"}
    assert people.member.post("/en/workspace/tasks/", told).status_code == 303
    job = Task.objects.get()
    assert (job.title, job.assigned_to, job.notes) == ("Posters", None, "A3")
    assert people.colleague.post("/en/workspace/tasks/", told).status_code == 422
    assert Task.objects.count() == 1


def test_the_bell_counts_and_opening_the_thing_reads_it(people: People) -> None:
    notify("editor", "colleague")
    notify("editor", number=2, path="/workspace/season/")
    assert '<b class="bubble"><span class="sr">, </span>2<' in page_of(people.editor)
    page_of(people.editor, "plan/")
    assert '<b class="bubble"><span class="sr">, </span>1<' in page_of(people.editor)
    assert '<b class="bubble"><span class="sr">, </span>1<' in page_of(people.colleague)


def test_notices_are_marked_read_and_that_can_be_taken_back(people: People) -> None:
    for number in (1, 2):
        notify("editor", "colleague", number=number)
    done = people.editor.post("/en/workspace/notices/read/", {"all": "1"})
    html = str(people.editor.get(done["Location"]).content.decode())
    assert "2 notices are marked as read." in html
    moment = html.partition('name="read" value="')[2].partition('"')[0]
    assert people.colleague.post("/en/workspace/notices/unread/", {"read": moment}).status_code == 303
    assert Notice.objects.filter(read_at=None).count() == 2
    people.editor.post("/en/workspace/notices/unread/", {"read": moment})
    assert Notice.objects.filter(read_at=None).count() == 4
    mine = Notice.objects.filter(user=user("editor"))[0]
    people.colleague.post("/en/workspace/notices/read/", {"id": str(mine.pk)})
    mine.refresh_from_db()
    assert mine.read_at is None
    assert people.editor.post("/en/workspace/notices/unread/", {"read": "x"}).status_code == 404


def test_only_ones_own_networks_can_be_muted(people: People) -> None:
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation=town(), since=NOW)
    told = {"within": f"network:{network.pk}", "mute": "1"}
    assert people.colleague.post("/en/workspace/notices/mute/", told).status_code == 404
    assert people.member.post("/en/workspace/notices/mute/", told).status_code == 303
    assert "quiet" in page_of(people.member, "letters/")
    people.member.post("/en/workspace/notices/mute/", told | {"mute": "0"})
    assert NoticeMute.objects.count() == 0


def test_letters_and_kinds_are_chosen(people: People) -> None:
    told = {"every": "day", "weekday": "2", "hour": "18", "way.partners.task_done": "letter"}
    assert people.editor.post("/en/workspace/letters/", told).status_code == 303
    choice = LetterChoice.objects.get()
    assert (choice.every, choice.hour, choice.user) == ("day", 18, user("editor"))
    notify("editor")
    assert Notice.objects.get().wants_letter is True
    assert people.editor.post("/en/workspace/letters/", told | {"hour": "24"}).status_code == 422


def test_the_calendar_holds_what_the_person_may_see_at_this_moment(people: People) -> None:
    job = task("Posters; big, red", by="member", due=TODAY + timedelta(days=30))
    task("No day", by="member")
    answer = people.member.post("/en/workspace/calendar/")
    token = str(answer.content.decode()).partition("calendar.ics?token=")[2].partition('"')[0]
    path = f"/en/workspace/calendar.ics?token={token}"
    guest = people.stranger
    first = guest.get(path)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in first["Cache-Control"]
    (entry,) = Calendar.from_ical(first.content).walk("VEVENT")
    assert (str(entry["SUMMARY"]), entry["DTSTART"].dt) == ("Posters; big, red", TODAY + timedelta(days=30))
    assert str(entry["UID"]).startswith(f"task-{job.pk}@")
    assert str(entry["TRANSP"]) == "TRANSPARENT"
    assert "DTSTAMP" in entry
    assert guest.get(path).content == first.content
    again = guest.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Membership.objects.filter(user=user("member")).delete()
    assert Calendar.from_ical(guest.get(path).content).walk("VEVENT") == []
    renew_feed(user("member"), now=NOW)
    assert guest.get(path).status_code == 404
    assert guest.get("/en/workspace/calendar.ics").status_code == 404


@pytest.mark.parametrize("path", ["", "tasks/", "notices/", "letters/", "audit/"])
def test_pages_cost_the_same_with_one_row_and_with_three(
    people: People, deliver: Deliver, path: str, django_assert_max_num_queries: Any
) -> None:
    def queries(times: int) -> int:
        for number in range(times):
            deliver(event(f"{times}{number}", f"Event {times}{number}"))
            task(f"Job {times}{number}", by="manager", due=TODAY)
            task(f"Help {times}{number}", by="editor", due=TODAY)
            notify("manager", number=10 * times + number)
        page_of(people.manager, path)  # what a process remembers is remembered now
        with django_assert_max_num_queries(80) as counted:
            page_of(people.manager, path)
        return len(counted)

    cache.clear()
    assert queries(1) == queries(3)
