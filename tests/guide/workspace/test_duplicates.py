"""What may be listed twice: who sees what, questions with one key, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import ImportOptions, compare_all, match_due, open_source, run_import
from allmende.catalogue.models import Event, Match, MatchDue
from allmende.engines.linkage import SENTENCES as ENGINE
from allmende.guide.views.workspace.reasons import SENTENCES, reason_lines
from tests.guide.workspace.conftest import NOW, People, calendar, event, note_of, words

Ask = Callable[[Any], Any]
HERE = "/en/workspace/duplicates/"


def take_in(slug: str, organisation: str, folder: Path, *events: str) -> None:
    source = open_source(
        slug,
        defaults={"title": slug.title(), "organisation": organisation, "language": "fr", "timezone": "Europe/Paris"},
        now=NOW,
    )
    path = folder / f"{slug}.ics"
    path.write_bytes(calendar(*events))
    run_import(source, path, options=ImportOptions(), by=None, now=NOW, trusted=True)


@pytest.fixture
def pair(people: People, tmp_path: Path) -> Match:
    """An event of the museum and one of the theatre, of which nobody knows whether they are the same."""
    take_in("museum", "Musée de Nîmes", tmp_path, event("m1", "Concert"))
    take_in("theatre", "Théâtre de Nîmes", tmp_path, event("t1", "Soirée musicale"))
    MatchDue.objects.all().delete()
    left, right = Event.objects.order_by("pk").values_list("pk", flat=True)
    reasons = [
        {"code": "same-start", "weight": 2.0},
        {"code": "name-differs", "weight": -1.5, "left": "A", "right": "B"},
    ]
    return Match.objects.create(
        kind="event", left_id=left, right_id=right, band="ask", probability=0.5, reasons=reasons, decided_at=NOW
    )


PAGES = ("", "joined/", "parallel/")


@pytest.mark.parametrize("page", PAGES)
def test_who_sees_the_pages(people: People, pair: Match, page: str) -> None:
    answers = people.answers(lambda client: client.get(HERE + page))
    assert answers == {
        "member": 404, "editor": 404, "manager": 200, "colleague": 200, "operator": 200, "stranger": 302,
    }  # fmt: skip


def test_who_sees_and_answers_a_question(people: People, pair: Match) -> None:
    """The manager of the region's destination organisation, and whoever coordinates one of the two."""
    expected = {"member": 404, "editor": 404, "manager": 200, "colleague": 200, "operator": 200, "stranger": 302}
    assert people.answers(lambda client: client.get(f"{HERE}{pair.pk}/")) == expected
    take = {name: 303 if status == 200 else status for name, status in expected.items()}
    assert people.answers(lambda client: client.post(f"{HERE}{pair.pk}/answer/", {"answer": "later"})) == take


def test_a_manager_of_neither_sees_nothing(people: People, pair: Match, tmp_path: Path) -> None:
    take_in("choir", "Chorale", tmp_path, event("c1"))
    Event.objects.filter(pk__in=(pair.left_id, pair.right_id)).update(
        organisation=Event.objects.latest("pk").organisation
    )
    assert people.colleague.get(f"{HERE}{pair.pk}/").status_code == 404
    assert people.colleague.post(f"{HERE}{pair.pk}/answer/", {"answer": "same"}).status_code == 404
    assert "No question waits" in words(people.colleague.get(HERE))


def test_the_same_joins_and_undo_separates(people: People, pair: Match) -> None:
    page = words(people.colleague.get(HERE))
    assert "Are these the same?" in page
    assert "Both start at the same time." in page
    assert "The names differ: A, B." in page
    answer = people.colleague.post(f"{HERE}{pair.pk}/answer/", {"answer": "same"})
    assert answer["Location"] == f"{HERE}?done={pair.pk}"
    assert Event.objects.filter(is_union=True, state="published").count() == 1
    after = words(people.colleague.get(answer["Location"]))
    assert "You said: the same." in after
    people.colleague.post(f"{HERE}{pair.pk}/answer/", {"answer": ""})
    assert Event.objects.filter(state="published", is_union=False).count() == 2


def test_different_keeps_them_apart_for_good(people: People, pair: Match) -> None:
    people.colleague.post(f"{HERE}{pair.pk}/answer/", {"answer": "different"})
    compare_all()
    match_due(now=NOW)
    assert not Event.objects.filter(is_union=True).exists()
    assert Match.objects.get(left_id=pair.left_id, right_id=pair.right_id).answer == "different"


def test_what_is_no_answer_is_refused(people: People, pair: Match) -> None:
    assert people.colleague.post(f"{HERE}{pair.pk}/answer/", {"answer": "perhaps"}).status_code == 404
    assert people.colleague.get(f"{HERE}{pair.pk}/answer/").status_code == 405
    assert people.colleague.get(f"{HERE}999999/").status_code == 404


def test_separating_asks_for_an_own_record(people: People, pair: Match) -> None:
    people.operator.post(f"{HERE}{pair.pk}/answer/", {"answer": "same"})
    theatre = Event.objects.get(source__slug="theatre", is_union=False).pk
    museum = Event.objects.get(source__slug="museum", is_union=False).pk
    path = HERE + "joined/event/{}/separate/"
    assert people.colleague.post(path.format(theatre)).status_code == 404
    assert people.member.post(path.format(museum)).status_code == 404
    answer = people.colleague.post(path.format(museum))
    assert note_of(answer) == ["Separated. It has a page of its own again, and stays apart."]
    assert not Event.objects.filter(is_union=True, state="published").exists()


def test_the_record_says_what_it_stands_for_and_where_each_value_comes_from(people: People, pair: Match) -> None:
    people.operator.post(f"{HERE}{pair.pk}/answer/", {"answer": "same"})
    union = Event.objects.get(is_union=True)
    page = words(people.operator.get(f"/en/workspace/records/event/{union.pk}/"))
    assert "Stands for 2 records" in page
    member = words(people.operator.get(f"/en/workspace/records/event/{pair.left_id}/"))
    assert f"/en/workspace/records/event/{union.pk}/" in member
    kept = words(people.operator.get(HERE + "parallel/"))
    assert "both describe 1 thing" in kept


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_of_what_is_joined_asks_the_same_of_one_and_of_three(people: People, tmp_path: Path, n: int) -> None:
    for slug in ("museum", "theatre"):
        events = [event(f"{slug}{i}", f"Concert {'abc'[i] * 5}", start=f"2030120{i + 1}T193000") for i in range(n)]
        take_in(slug, slug.title(), tmp_path, *events)
    match_due(now=NOW)
    for left in Event.objects.filter(source__slug="museum", is_union=False, joined_into=None):
        right = Event.objects.get(source__slug="theatre", is_union=False, sort_name=left.sort_name)
        match, _ = Match.objects.get_or_create(
            kind="event", left_id=left.pk, right_id=right.pk,
            defaults={"band": "ask", "probability": 0.5, "decided_at": NOW},
        )  # fmt: skip
        people.operator.post(f"{HERE}{match.pk}/answer/", {"answer": "same"})
    people.operator.get(HERE + "joined/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = words(people.operator.get(HERE + "joined/"))
    assert page.count("plain members") == n
    told = [query for query in asked.captured_queries if "core_contentstamp" not in query["sql"]]
    assert len(told) == 9


def test_every_reason_of_the_engine_has_a_sentence() -> None:
    assert set(SENTENCES) == set(ENGINE)


def test_a_reason_that_is_not_known_here_is_left_out() -> None:
    assert reason_lines([{"code": "from-the-future", "weight": 9.0}], "en") == []
