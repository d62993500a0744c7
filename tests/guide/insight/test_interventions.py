"""The pages of interventions: written down in steps, evaluated, read by those who may, downloaded, published."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.core.models import User
from allmende.insight.interventions.actions import publish_evaluation
from allmende.insight.interventions.jobs import jobs
from allmende.insight.interventions.running import make_evaluation, make_plan
from allmende.insight.models import Evaluation, EvaluationRequest, Intervention, Site
from allmende.partners.models import Network, NetworkOrganisation
from tests.insight.interventions.coast import NOW, START, TODAY, Coast, draft, locked, make_coast, person

pytestmark = pytest.mark.django_db
DESK = "/en/workspace/insight/interventions/"
SLUG = "signs-to-the-south-beach"


@pytest.fixture
def coast(db: None) -> Coast:
    return make_coast(comparisons=6)


def client(user: User | None = None) -> Client:
    one = Client(headers={"accept-language": "en"})
    if user is not None:
        one.force_login(user)
    return one


def read(who: Client, path: str, status: int = 200) -> str:
    answer = who.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


@pytest.fixture
def result(coast: Coast) -> Evaluation:
    return make_evaluation(locked(coast), by=coast.editor, now=NOW)


def test_four_steps_lead_from_nothing_to_the_lock(coast: Coast) -> None:
    desk = client(coast.editor)
    start = TODAY + timedelta(days=400)
    first = {
        "organisation": coast.owner.pk,
        "title": "Signs",
        "kind": "information",
        "what": "Signs at the fork.",
        "starts_on": start.isoformat(),
        "from_hour": "10",
        "until_hour": "14",
        "weekdays": ["5", "6"],
    }
    answer = desk.post(f"{DESK}new/", first)
    assert answer.headers["location"] == f"{DESK}signs/where/"
    one = Intervention.objects.get()
    assert (one.hours, one.weekdays) == ([10, 11, 12, 13], [5, 6])
    assert "Nordstrand" in read(desk, f"{DESK}signs/where/")
    answer = desk.post(f"{DESK}signs/where/", {"site": [coast.treated.pk]})
    assert answer.headers["location"] == f"{DESK}signs/others/"
    suggested = read(desk, f"{DESK}signs/others/")
    assert "Suggested by distance" in suggested
    assert "2 km" in suggested
    parts = {f"part-{one.pk}": "comparison" for one in coast.comparisons} | {f"part-{coast.neighbour.pk}": "neighbour"}
    assert desk.post(f"{DESK}signs/others/", parts).headers["location"] == f"{DESK}signs/expectation/"
    told = {"hypothesis": "They go south.", "direction": "fewer", "expected_percent": "12.5", "currency": "EUR"}
    assert desk.post(f"{DESK}signs/expectation/", told).headers["location"] == f"{DESK}signs/"
    assert "Lock it" in read(desk, f"{DESK}signs/")
    desk.post(f"{DESK}signs/lock/")
    one.refresh_from_db()
    assert one.locked["expected_percent"] == -12.5
    page = read(desk, f"{DESK}signs/")
    assert one.lock in page
    assert "Lock it" not in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "Please fill this in."),
        ({"starts_on": "soon"}, "Write the day as year-month-day"),
        ({"starts_on": "0001-01-01"}, "Write the day as year-month-day"),
        ({"ends_on": "9999-12-31"}, "Write the day as year-month-day"),
        ({"ends_on": "2020-01-01"}, "It ends before it begins."),
        ({"from_hour": "10"}, "Choose both hours"),
        ({"from_hour": "14", "until_hour": "10"}, "It ends before it begins."),
    ],
)
def test_a_mistake_in_a_step_is_named_where_it_is(coast: Coast, more: dict[str, str], said: str) -> None:
    told = {
        "organisation": coast.owner.pk,
        "title": "Signs",
        "kind": "information",
        "what": "x",
        "starts_on": START.isoformat(),
    } | more
    answer = client(coast.editor).post(f"{DESK}new/", told)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Intervention.objects.exists()


def test_a_late_lock_wants_a_tick_and_says_so_for_ever(coast: Coast) -> None:
    draft(coast)
    desk = client(coast.editor)
    assert "It has begun already" in read(desk, f"{DESK}{SLUG}/")
    desk.post(f"{DESK}{SLUG}/lock/")
    assert Intervention.objects.get().locked_at is None
    desk.post(f"{DESK}{SLUG}/lock/", {"is_late": "1"})
    assert "Written down after the start." in read(desk, f"{DESK}{SLUG}/")


def test_asking_waits_on_the_page_until_it_is_done(coast: Coast) -> None:
    locked(coast)
    desk = client(coast.editor)
    desk.post(f"{DESK}{SLUG}/ask/evaluation/")
    assert "data-poll" in read(desk, f"{DESK}{SLUG}/")
    assert desk.get(f"{DESK}{SLUG}/state.json").json()["is_running"] is True
    jobs()["evaluate interventions"](NOW)
    assert desk.get(f"{DESK}{SLUG}/state.json").json() == {"is_running": False, "step": ""}
    page = read(desk, f"{DESK}{SLUG}/")
    assert "data-poll" not in page
    assert "Fewer visitors at Nordstrand" in page


def test_what_could_not_be_done_says_why_and_what_helps(coast: Coast) -> None:
    locked(coast, hours=(11,))
    desk = client(coast.editor)
    desk.post(f"{DESK}{SLUG}/ask/evaluation/")
    jobs()["evaluate interventions"](NOW)
    assert EvaluationRequest.objects.get().failure
    assert "Nordstrand is counted by day: choose no hours." in read(desk, f"{DESK}{SLUG}/")


def test_the_answer_stands_in_plain_words_beside_what_was_expected(coast: Coast, result: Evaluation) -> None:
    page = read(client(coast.editor), f"{DESK}{SLUG}/results/{result.pk}/")
    assert "Fewer visitors at Nordstrand: −" in page
    assert "of them came to Sydstrand" in page
    assert "In none of 6 placebo runs was the change as large." in page
    assert "Expected: −15 %." in page
    assert result.intervention.lock in page
    for title in (
        "Observed, and what would have been without it",
        "All methods side by side",
        "Where nothing was done",
    ):
        assert title in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Weniger Besucher"),
        ("sv", "Färre besökare"),
        ("da", "Færre besøgende"),
        ("nl", "Minder bezoekers"),
        ("fr", "Moins de visiteurs"),
    ],
)
def test_it_is_said_in_every_language(coast: Coast, result: Evaluation, language: str, said: str) -> None:
    page = read(client(coast.editor), f"/{language}/workspace/insight/interventions/{SLUG}/results/{result.pk}/")
    assert said in page
    assert "Fewer visitors" not in page
    assert "would have been" not in page


def test_a_refusal_names_its_reason_and_remedy() -> None:
    coast = make_coast(comparisons=6, last=START + timedelta(days=3))
    refused = make_evaluation(locked(coast), by=coast.editor, now=NOW)
    assert refused.verdict == "refused"
    page = read(client(coast.editor), f"{DESK}{SLUG}/results/{refused.pk}/")
    assert "The data allow no answer." in page
    assert "Wait until there are more figures since the start" in page


def test_the_plan_says_beforehand_whether_it_could_be_seen(coast: Coast) -> None:
    one = draft(coast)
    make_plan(one, by=coast.editor, now=NOW)
    desk = client(coast.editor)
    page = read(desk, f"{DESK}{SLUG}/plan/")
    assert "or more would be found in 8 of 10 cases." in page
    assert "The 15 % that you expect would be found in" in page
    assert desk.get(f"{DESK}{SLUG}/plan.pdf").content.startswith(b"%PDF")
    assert read(desk, f"{DESK}signs/plan/", 404)


def test_without_a_plan_there_is_no_page_of_it(coast: Coast) -> None:
    draft(coast)
    desk = client(coast.editor)
    read(desk, f"{DESK}{SLUG}/plan/", 404)
    read(desk, f"{DESK}{SLUG}/plan.pdf", 404)


def test_files_hold_what_the_page_shows(coast: Coast, result: Evaluation) -> None:
    desk = client(coast.editor)
    here = f"{DESK}{SLUG}/results/{result.pk}/result"
    told = json.loads(desk.get(f"{here}.json").content)
    assert told["percent"] == [result.effect_percent, result.low_percent, result.high_percent]
    assert told["lock"] == result.intervention.lock
    assert told["locked"] == result.intervention.locked
    assert {name for name, _ in told["placebos"]["in_space"]} == {one.name for one in coast.comparisons}
    assert told["course"]["is_index"] is False
    rows = list(csv.reader(io.StringIO(desk.get(f"{here}.csv").content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["table", "name", "value", "low", "high", "unit"]
    assert {row[0] for row in rows} >= {"answer", "estimate", "placebo in space", "check", "observed", "without it"}
    report = desk.get(f"{here}.pdf")
    assert report.headers["content-type"] == "application/pdf"
    assert report.content.startswith(b"%PDF")
    assert desk.get(f"{here}.exe").status_code == 404


def test_strangers_find_nothing_before_it_is_published_and_all_of_it_afterwards(
    coast: Coast, result: Evaluation
) -> None:
    anyone = client()
    page = f"/en/interventions/{SLUG}/"
    assert "Nothing has been published yet." in read(anyone, "/en/interventions/")
    read(anyone, page, 404)
    read(anyone, f"{page}results/{result.pk}/", 404)
    publish_evaluation(result.pk, "Det virkede.", by=coast.manager, now=NOW)
    assert "Signs to the south beach" in read(anyone, "/en/interventions/")
    shown = read(anyone, page)
    assert "Fewer visitors at Nordstrand" in shown
    assert "Det virkede." in shown
    for form in ("csv", "json", "pdf"):
        assert anyone.get(f"{page}results/{result.pk}/result.{form}").status_code == 200


def test_only_a_manager_of_the_owner_publishes(coast: Coast, result: Evaluation) -> None:
    here = f"{DESK}{SLUG}/results/{result.pk}/"
    assert client(coast.editor).post(f"{here}publish/").status_code == 404
    assert client(coast.stranger).post(f"{here}publish/").status_code == 404
    assert "Show it to everyone" not in read(client(coast.editor), here)
    manager = client(coast.manager)
    assert "Show it to everyone" in read(manager, here)
    assert manager.post(f"{here}publish/", {"comment": "Good."}).status_code == 303
    result.refresh_from_db()
    assert (result.published_by, result.comment) == (coast.manager, "Good.")


def test_an_earlier_published_result_stays_linked_from_the_newer(coast: Coast, result: Evaluation) -> None:
    publish_evaluation(result.pk, "", by=coast.manager, now=NOW)
    later = make_evaluation(Intervention.objects.get(), by=coast.editor, now=NOW + timedelta(days=1))
    read(client(), f"/en/interventions/{SLUG}/results/{later.pk}/", 404)
    publish_evaluation(later.pk, "", by=coast.manager, now=NOW + timedelta(days=1))
    assert f"/en/interventions/{SLUG}/results/{result.pk}/" in read(client(), f"/en/interventions/{SLUG}/")
    assert "There is a newer result." in read(client(), f"/en/interventions/{SLUG}/results/{result.pk}/")


def test_places_that_are_not_public_have_no_name_and_no_figures_outside(coast: Coast, result: Evaluation) -> None:
    publish_evaluation(result.pk, "", by=coast.manager, now=NOW)
    hidden = [coast.treated, coast.neighbour, coast.comparisons[0]]
    Site.objects.filter(pk__in=[one.pk for one in hidden]).update(sharing="owner")
    for path in ("", f"results/{result.pk}/result.json", f"results/{result.pk}/result.csv"):
        shown = read(client(), f"/en/interventions/{SLUG}/{path}")
        assert [one.name for one in hidden if one.name in shown] == []
    told = json.loads(client().get(f"/en/interventions/{SLUG}/results/{result.pk}/result.json").content)
    assert told["course"]["is_index"] is True
    before = [seen for day, seen, _ in told["course"]["points"] if day < START.isoformat()]
    assert sum(before) / len(before) == pytest.approx(100, abs=5)
    assert "Fewer visitors at a treated place" in read(client(), f"/en/interventions/{SLUG}/")
    assert "Nordstrand" in read(client(coast.editor), f"{DESK}{SLUG}/results/{result.pk}/")


def test_what_came_to_the_neighbours_does_not_betray_how_many_come_to_a_hidden_place(
    coast: Coast, result: Evaluation
) -> None:
    publish_evaluation(result.pk, "", by=coast.manager, now=NOW)
    here = f"/en/interventions/{SLUG}/"

    def rings(who: Client) -> tuple[int, bool, bool]:
        told = json.loads(who.get(f"{here}results/{result.pk}/result.json").content)
        table = who.get(f"{here}results/{result.pk}/result.csv").content.decode()
        return len(told["displacement"]["rings"]), "\nring;" in table, "Around the treated places" in read(who, here)

    assert rings(client()) == (1, True, True)
    Site.objects.filter(pk=coast.treated.pk).update(sharing="owner")
    assert rings(client()) == (0, False, False)
    told = json.loads(client().get(f"{here}results/{result.pk}/result.json").content)
    assert told["displacement"]["share"] is not None


def test_who_only_shares_the_space_is_not_told_at_which_place_an_evaluation_failed(coast: Coast) -> None:
    space = Network.objects.create(name="Kyst", slug="kyst", kind="insight", created_at=NOW, updated_at=NOW)
    for organisation in (coast.owner, coast.other):
        NetworkOrganisation.objects.create(network=space, organisation=organisation, since=NOW)
    locked(coast, hours=(11,), network_id=space.pk)
    Site.objects.filter(pk=coast.treated.pk).update(sharing="owner")
    client(coast.editor).post(f"{DESK}{SLUG}/ask/evaluation/")
    jobs()["evaluate interventions"](NOW)
    assert "Nordstrand" in read(client(coast.editor), f"{DESK}{SLUG}/")
    assert "Nordstrand" not in read(client(coast.stranger), f"{DESK}{SLUG}/")


def test_a_mistake_in_the_places_is_named_and_what_was_chosen_stays(coast: Coast) -> None:
    draft(coast)
    desk, pk = client(coast.editor), coast.neighbour.pk
    for typed in ("soon", "0001-01-01"):
        answer = desk.post(f"{DESK}{SLUG}/where/", {"site": [pk, "9" * 5000], f"starts-{pk}": typed})
        page = answer.content.decode()
        assert (answer.status_code, "Write the day as year-month-day" in page) == (422, True)
        assert f'value="{pk}" checked' in page
        assert f'value="{typed}"' in page
    late = (START + timedelta(days=30)).isoformat()
    assert desk.post(f"{DESK}{SLUG}/where/", {"site": [pk], f"starts-{pk}": late}).status_code == 303
    assert Intervention.objects.get().sites.get(part="treated").starts_on == START + timedelta(days=30)


def test_a_colleague_elsewhere_sees_no_drafts_and_changes_nothing(coast: Coast) -> None:
    draft(coast)
    other, member = client(coast.stranger), client(person("mia", coast.owner, "member"))
    for path in ("", "what/", "where/", "others/", "expectation/", "state.json"):
        read(other, f"{DESK}{SLUG}/{path}", 404)
    read(member, f"{DESK}{SLUG}/")
    for path in ("what/", "where/", "others/", "expectation/"):
        read(member, f"{DESK}{SLUG}/{path}", 404)
    for who in (other, member):
        for act in ("lock", "cancel", "amend", "ask/plan"):
            assert who.post(f"{DESK}{SLUG}/{act}/").status_code == 404
    assert not EvaluationRequest.objects.exists()


def test_an_amendment_names_the_old_one_on_its_page(coast: Coast) -> None:
    locked(coast)
    desk = client(coast.editor)
    assert desk.post(f"{DESK}{SLUG}/amend/").headers["location"] == f"{DESK}{SLUG}-2/"
    assert "It amends:" in read(desk, f"{DESK}{SLUG}-2/")
    assert "It was amended:" in read(desk, f"{DESK}{SLUG}/")


def test_the_lists_ask_the_same_for_one_and_three(coast: Coast) -> None:
    desk = client(coast.editor)

    def publish() -> None:
        publish_evaluation(make_evaluation(locked(coast), by=coast.editor, now=NOW).pk, "", by=coast.manager, now=NOW)

    def questions(path: str) -> int:
        desk.get(path)
        with CaptureQueriesContext(connection) as asked:
            read(desk, path)
        return len(asked)

    publish()
    for_one = [questions(path) for path in (DESK, "/en/interventions/")]
    publish()
    publish()
    assert [questions(path) for path in (DESK, "/en/interventions/")] == for_one
