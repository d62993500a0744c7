"""Last year's events are copied with their dates moved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import edit_item, withdraw_item
from allmende.catalogue.actions.copying import copy_event_to
from allmende.catalogue.models import Event
from allmende.catalogue.queries.editorial.next_year import NextYear, events_for_another_year
from allmende.catalogue.rules import EditForbidden
from allmende.core.models import AuditEntry, User
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, signed_in, words

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/records/event/next-year/"
TODAY = date(2026, 3, 1)


def editor() -> User:
    return User.objects.get(email="editor@example.org")


def scheduled(concert: Event, start: str, end: str | None = None, **more: Any) -> None:
    schedule = {"start": start, "end": end, **more}
    edit_item("event", concert.pk, {"schedule": schedule, "timezone": "Europe/Paris"}, by=editor(), now=NOW)


def proposed(concert: Event, **more: Any) -> NextYear:
    options = {"year": None, "way": "near", "chosen": {}, "today": TODAY, "language": "en"} | more
    return events_for_another_year(editor(), [concert.pk], **options)[0]


def what(one: NextYear) -> list[str]:
    return [check.what for check in one.checks]


def test_it_moves_to_the_same_weekday_and_says_what_to_check(concert: Event) -> None:
    scheduled(
        concert,
        "2025-12-24T19:30:00",
        "2025-12-24T22:00:00",
        rrule="FREQ=WEEKLY;COUNT=3",
        exdates=["2025-12-31T19:30:00"],
    )
    changes = {
        "country": "FR",
        "prices": [{"min": "8", "max": "12", "currency": "EUR", "label": {}}],
        "status": "cancelled",
    }
    edit_item("event", concert.pk, changes, by=editor(), now=NOW)
    one = proposed(concert)
    assert one.first == date(2026, 12, 23)
    assert one.schedule == {
        "start": "2026-12-23T19:30:00",
        "end": "2026-12-23T22:00:00",
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "exdates": ["2026-12-30T19:30:00"],
    }
    assert what(one) == ["exceptions", "status", "prices"]
    holiday = proposed(concert, chosen={concert.pk: date(2026, 12, 25)})
    assert holiday.schedule
    assert holiday.schedule["exdates"] == ["2027-01-01T19:30:00"]
    assert what(holiday) == ["holiday", "weekday", "exceptions", "status", "prices"]
    assert holiday.checks[0].days == (date(2026, 12, 25),)
    assert what(proposed(concert, chosen={concert.pk: date(2026, 2, 4)}))[0] == "past"


def test_a_rule_of_dates_and_one_without_end_are_said(concert: Event) -> None:
    scheduled(concert, "2025-07-14", "2025-07-14", rrule="FREQ=YEARLY")
    one = proposed(concert)
    assert (one.first, what(one)) == (date(2026, 7, 14), ["by_date", "endless"])


def test_the_draft_is_made_and_a_second_one_only_if_it_is_wanted(people: People, concert: Event) -> None:
    address = f"{HERE}?id={concert.pk}"
    page = words(people.editor.get(address))
    assert 'value="2031-12-04"' in page
    sent = {"do": "make", "id": concert.pk, f"copy.{concert.pk}": "1", f"day.{concert.pk}": "2031-12-04"}
    answer = people.editor.post(HERE, sent)
    copy = Event.objects.exclude(pk=concert.pk).get()
    assert answer["Location"] == f"/en/workspace/records/event/{copy.pk}/"
    assert note_of(answer)[0].startswith("This is the copy, a draft on its new day.")
    assert (copy.state, copy.source_id, copy.schedule["start"], copy.organisation_id) == (
        "draft",
        None,
        "2031-12-04T19:30:00",
        concert.organisation_id,
    )
    assert copy.name == concert.name
    assert AuditEntry.objects.get(action="catalogue.copy").details["original"] == concert.pk
    again = people.editor.post(HERE, sent)
    assert again.status_code == 422
    assert "Some seem to be there already. Nothing was made." in words(again)
    assert f'name="copy.{concert.pk}" value="again" checked' in words(again)
    assert f'name="copy.{concert.pk}" value="again">' in words(people.editor.get(address))
    assert people.editor.post(HERE, sent | {f"copy.{concert.pk}": "again"}).status_code == 303
    assert Event.objects.count() == 3


def test_what_stands_in_the_form_is_made_and_another_year_proposes_anew(people: People, concert: Event) -> None:
    pk = concert.pk
    sent = {"do": "show", "id": pk, "year": "", "way": "near", f"copy.{pk}": "1"}
    as_shown = {f"day.{pk}": "2031-12-04", f"shown.{pk}": "2031-12-04"}
    first = words(people.editor.post(HERE, sent | as_shown | {"way": "ordinal"}))
    assert f'name="day.{pk}" type="date" value="2031-12-04"' in first  # the first Thursday, too
    typed = words(people.editor.post(HERE, sent | as_shown | {f"day.{pk}": "2031-12-06"}))
    assert "Another weekday: Saturday instead of Thursday." in typed
    wrong = people.editor.post(HERE, sent | as_shown | {"do": "make", f"day.{pk}": "soon"})
    assert wrong.status_code == 422
    assert Event.objects.count() == 1
    people.editor.post(HERE, sent | as_shown | {"do": "make", f"day.{pk}": "2031-12-06"})
    assert Event.objects.latest("pk").schedule["end"] == "2031-12-06T22:00:00"


def test_several_at_once_and_all_that_the_filter_finds(people: People, deliver: Deliver) -> None:
    last = NOW.year - 1
    deliver(event("a", "Fair", start=f"{last}0612T193000"), event("b", "Ball", start=f"{last}0613T193000"), event("c"))
    listing = words(people.editor.get("/en/workspace/records/?kind=event&when=last_year"))
    assert "All 2 records found" in listing
    page = words(people.editor.get(f"{HERE}?kind=event&when=last_year&all=1"))
    sent: dict[str, Any] = {"do": "make"}
    for pk in Event.objects.filter(starts_at__year=last).values_list("pk", flat=True):
        assert f'name="id" value="{pk}"' in page
        sent.setdefault("id", []).append(pk)
        sent[f"copy.{pk}"] = "1"
    answer = people.editor.post(HERE, sent)
    assert note_of(answer) == ["2 drafts made on their new days."]
    made = Event.objects.filter(state="draft").order_by("sort_name")
    assert [one.sort_name for one in made] == ["ball", "fair"]
    assert all(one.starts_at > NOW - timedelta(days=1) for one in made)
    assert [one.starts_at.weekday() for one in made] == [
        datetime(last, 6, 13).weekday(),
        datetime(last, 6, 12).weekday(),
    ]
    assert "Tick at least one event first." in note_of(people.editor.get(HERE))


@pytest.mark.parametrize(("when", "names"), [("past", ["old"]), ("coming", ["new"]), ("", ["new", "old"])])
def test_the_list_shows_what_is_over(people: People, deliver: Deliver, when: str, names: list[str]) -> None:
    deliver(event("a", "Old", start=f"{NOW.year - 2}0612T193000"), event("b", "New"))
    page = words(people.editor.get(f"/en/workspace/records/?kind=event&when={when}"))
    assert [name for name in ("new", "old") if f"<span>{name.title()}</span>" in page] == names


def test_only_those_who_edit_for_the_owner_copy(people: People, concert: Event) -> None:
    network = Network.objects.create(name="Culture", slug="culture", kind="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation_id=concert.organisation_id, since=NOW)
    user, moderator = signed_in("network@example.org")
    NetworkPerson.objects.create(network=network, user=user, role="editor", since=NOW)
    address = f"{HERE}?id={concert.pk}"
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda client: client.get(address)) == expected
    sent = {"do": "make", "id": concert.pk, f"copy.{concert.pk}": "1"}
    assert people.colleague.post(HERE, sent).status_code == 404
    assert people.stranger.post(HERE, sent).status_code == 302
    assert [moderator.get(address).status_code, moderator.post(HERE, sent).status_code] == [404, 404]
    assert Event.objects.count() == 1
    with pytest.raises(EditForbidden):
        copy_event_to(concert.pk, concert.schedule, by=user, now=NOW)


def test_a_withdrawn_record_can_be_copied_and_takes_place(people: People, concert: Event) -> None:
    withdraw_item("event", concert.pk, by=editor(), now=NOW)
    people.editor.post(HERE, {"do": "make", "id": concert.pk, f"copy.{concert.pk}": "1"})
    assert Event.objects.latest("pk").state == "draft"


def test_the_page_asks_the_same_number_of_questions_for_three_events(people: People, deliver: Deliver) -> None:
    deliver(event("a"), event("b", "Ball"), event("c", "Fair"))
    ids = list(Event.objects.values_list("pk", flat=True))
    people.editor.get(f"{HERE}?id={ids[0]}")
    counts = []
    for chosen in (ids[:1], ids):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            people.editor.get(HERE + "?" + "&".join(f"id={pk}" for pk in chosen))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 22
