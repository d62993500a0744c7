"""Planning together in the workspace: who sees which page, forms by address, what stands on the pages."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import refresh_derived
from allmende.catalogue.actions.align import refresh_alignment
from allmende.catalogue.models import Event, GapFound, GapSetAside
from allmende.core.models import AuditEntry
from allmende.partners.actions import AreaFile, load_territories
from allmende.partners.models import Territory
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, signed_in, words

pytestmark = pytest.mark.django_db

ALL = {"member": 200, "editor": 200, "manager": 200, "colleague": 200, "operator": 200, "stranger": 302}
PAGES = ("plan/", "clashes/", "season/", "season/season.csv", "gaps/", "gaps/gaps.csv")
SATURDAY = NOW.date() + timedelta(days=(5 - NOW.weekday()) % 7 + 14)
POINT = "GEO:44.05;{lon}\n"


def square(west: float) -> dict[str, Any]:
    ring = [[west, 44.0], [west + 0.1, 44.0], [west + 0.1, 44.1], [west, 44.1], [west, 44.0]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def towns(db: None) -> None:
    load_territories([{"properties": {"c": "R", "n": "Region"}}], AreaFile("FR", "region", "c", "n"), by=None, now=NOW)
    names = {"30334": ("Uzès", 4.4), "30007": ("Alès", 4.5), "1": ("Saint-Jean", 5.0), "2": ("Saint-Jean", 5.2)}
    load_territories(
        [{"properties": {"c": c, "n": name}, "geometry": square(west)} for c, (name, west) in names.items()],
        AreaFile("FR", "municipality", "c", "n", parent_level="region", parent_code="R"),
        by=None,
        now=NOW,
    )


def concert_at(uid: str, name: str, lon: float, day: date = SATURDAY, hour: int = 19, more: str = "") -> str:
    start = f"{day:%Y%m%d}T{hour:02}3000"
    body = event(uid, name, start=start)
    return body.replace("END:VEVENT", POINT.format(lon=lon) + "CATEGORIES:Concert\n" + more + "END:VEVENT")


@pytest.fixture
def filled(towns: None, deliver: Deliver) -> None:
    """Three concerts in Uzès and one in Alès on one Saturday evening."""
    deliver(
        concert_at("a", "Chorale", 4.49),
        concert_at("b", "Orgue", 4.51),
        concert_at("c", "=Jazz", 4.42, SATURDAY - timedelta(1)),
        concert_at("d", "Fanfare", 4.42, SATURDAY + timedelta(9)),
    )
    refresh_derived(now=NOW)
    refresh_alignment(now=NOW)


def query(**more: Any) -> str:
    from urllib.parse import urlencode

    told = {"day": SATURDAY.isoformat(), "time": "19:30", "at": "Uzès", "category": "music"} | more
    return urlencode(told, doseq=True)


# ---------------------------------------------------------------------- access


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_members_of_any_organisation(people: People, filled: None, path: str) -> None:
    assert people.answers(lambda client: client.get(f"/en/workspace/{path}")) == ALL
    _, alone = signed_in("alone@example.org")
    assert alone.get(f"/en/workspace/{path}").status_code == 404
    assert people.stranger.get(f"/en/workspace/{path}").url.startswith("/en/workspace/sign-in/")
    assert people.member.get(f"/en/workspace/{path}")["Cache-Control"] == "private, no-store"


def test_only_managers_of_the_area_set_a_gap_aside(people: People, filled: None) -> None:
    gap = GapFound.objects.filter(rule="quiet-weekend").get()
    told = {"rule": gap.rule, "municipality": gap.municipality_id, "note": "Known"}
    for who in (people.member, people.editor, people.colleague):
        assert who.post("/en/workspace/gaps/set-aside/", told).status_code == 404
    assert people.stranger.post("/en/workspace/gaps/set-aside/", told).status_code == 302
    assert not GapSetAside.objects.exists()
    answer = people.manager.post("/en/workspace/gaps/set-aside/", told)
    assert note_of(answer) == ["Set aside. It stays in the list below, with your note."]
    page = words(people.member.get("/en/workspace/gaps/"))
    assert "<q>Known</q>" in page
    assert "Look for it again" not in page
    assert "Look for it again" in words(people.manager.get("/en/workspace/gaps/"))
    for who in (people.member, people.editor, people.colleague):
        assert who.post("/en/workspace/gaps/take-back/", told).status_code == 404
    assert people.operator.post("/en/workspace/gaps/take-back/", told).status_code == 303
    assert not GapSetAside.objects.exists()
    audit = AuditEntry.objects.filter(action__in=("catalogue.set_gap_aside", "catalogue.take_gap_back"))
    assert [entry.action for entry in audit.order_by("pk")] == ["catalogue.set_gap_aside", "catalogue.take_gap_back"]


@pytest.mark.parametrize("told", [{}, {"rule": "x", "municipality": "x"}, {"rule": "x" * 99, "municipality": "9" * 30}])
def test_nonsense_is_not_set_aside(people: People, filled: None, told: dict[str, str]) -> None:
    for path in ("set-aside", "take-back"):
        assert people.manager.post(f"/en/workspace/gaps/{path}/", told).status_code == 404
        assert people.manager.get(f"/en/workspace/gaps/{path}/").status_code == 405


# ---------------------------------------------------------------------- plan


def test_a_plan_is_answered_with_rivals_better_dates_and_the_weeks_around(people: People, filled: None) -> None:
    page = words(people.member.get(f"/en/workspace/plan/?{query(title='Noël')}"))
    assert "<h1>Noël</h1>" in page
    assert "Less than 1 km" not in page  # the centre of Uzès lies some km away from both
    assert page.index("Chorale") < page.index("Orgue")
    assert "at the same time, the same kind of event, for everyone." in page
    assert f"day={(SATURDAY - timedelta(7)).isoformat()}" in page
    assert "Take this date" in page
    assert page.count('aria-current="date"') == 1
    assert "<caption" in page
    assert "style=" not in page.split("<main")[1]


def test_an_empty_plan_explains_itself_and_a_half_one_says_what_is_missing(people: People, filled: None) -> None:
    page = words(people.member.get("/en/workspace/plan/"))
    assert "How it is weighed" in page
    assert '<option value="Uzès">' in page
    page = words(people.member.get(f"/en/workspace/plan/?day={SATURDAY.isoformat()}&at="))
    assert "Say where it takes place." in page
    page = words(people.member.get("/en/workspace/plan/?day=&at=Uzès"))
    assert "Choose a day." in page


def test_a_day_without_anything_is_yours(people: People, towns: None) -> None:
    page = words(people.member.get(f"/en/workspace/plan/?{query()}"))
    assert "The date is yours." in page
    assert "No date in the four weeks before and after is clearly better." in page


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ("uzes", "of Uzès."),
        ("30007", "of Alès."),
        ("44.05, 4.45", "of 44.05, 4.45."),
        ("44.05 4.45", "of 44.05 4.45."),
        ("Saint-Jean", "There are several of this name."),
        ("Atlantis", "No municipality of this name is known here."),
        ("99, 999", "No municipality of this name is known here."),
    ],
)
def test_a_place_is_a_name_a_code_or_a_point(people: People, filled: None, at: str, wanted: str) -> None:
    page = words(people.member.get(f"/en/workspace/plan/?{query(at=at)}"))
    assert wanted in page
    if at == "Saint-Jean":
        assert "at=1&amp;" in page or "at=1&" in page


@pytest.mark.parametrize(
    "more",
    [
        {"day": "tomorrow"},
        {"day": "1990-01-01"},
        {"day": "9999-12-31"},
        {"time": "25:99"},
        {"minutes": "-5", "days": "1000", "visitors": "x", "event": "9" * 40},
        {"category": ["x"] * 50, "audience": ["<script>"]},
        {"at": "x" * 5000, "title": "<b>" * 500},
        {"event": "999999"},
    ],
)
def test_odd_plans_are_answered_all_the_same(people: People, filled: None, more: dict[str, Any]) -> None:
    answer = people.member.get(f"/en/workspace/plan/?{query(**more)}")
    assert answer.status_code == 200
    assert "<b><b>" not in words(answer)


def test_the_record_of_an_event_says_what_competes_and_leads_to_its_plan(people: People, filled: None) -> None:
    stored = Event.objects.get(sort_name="chorale")
    page = words(people.editor.get(f"/en/workspace/records/event/{stored.pk}/"))
    assert "1 event competes" in page
    link = page.split('href="/en/workspace/plan/?')[1].split('"')[0].replace("&amp;", "&")
    planned = words(people.editor.get(f"/en/workspace/plan/?{link}"))
    assert "Back to the record" in planned
    assert "Orgue" in planned
    assert f"/events/{stored.slug}-{stored.pk}/" not in planned
    # A colleague who follows the same address sees it as one event among others, and no way into the record.
    theirs = words(people.colleague.get(f"/en/workspace/plan/?{link}"))
    assert "Back to the record" not in theirs
    assert f"/events/{stored.slug}-{stored.pk}/" in theirs


def test_a_record_that_is_over_or_nowhere_has_no_such_note(people: People, deliver: Deliver) -> None:
    deliver(event("a"))
    assert "Other events then" not in words(people.editor.get(f"/en/workspace/records/event/{Event.objects.get().pk}/"))


# ---------------------------------------------------------------------- clashes


def test_clashes_of_a_month_are_listed_with_reasons(people: People, filled: None) -> None:
    Event.objects.filter(sort_name="orgue").update(organiser_name="Paroisse")
    page = words(people.member.get(f"/en/workspace/clashes/?month={SATURDAY:%Y-%m}"))
    assert "Chorale" in page
    assert "Orgue" in page
    assert "apart, at the same time, the same kind of event, for everyone." in page
    other = words(people.member.get(f"/en/workspace/clashes/?month={SATURDAY:%Y-%m}&category=sport"))
    assert "No clash is known in this month." in other


@pytest.mark.parametrize("month", ["x", "1990-01", "9999-12", "2026-13", "2026-1-1"])
def test_odd_months_are_this_month(people: People, filled: None, month: str) -> None:
    assert people.member.get(f"/en/workspace/clashes/?month={month}&category=nothing").status_code == 200


# ---------------------------------------------------------------------- season


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_season_is_a_picture_and_a_table(people: People, filled: None) -> None:
    page = words(people.member.get("/en/workspace/season/?by=municipality"))
    assert page.count("<svg class=") >= 2
    assert 'class="season-heat"' in page
    assert '<th scope="col">Uzès</th>' in page
    assert "<table" in page
    rows = table(people.member.get("/en/workspace/season/season.csv?by=municipality"))
    assert rows[0][:3] == ["row", "total", "median_week"]
    assert len(rows[0]) == 3 + 53
    assert {row[0]: row[1] for row in rows[1:]} == {"All together": "4", "Uzès": "3", "Alès": "1"}


def test_the_season_table_holds_no_formula(people: People, filled: None) -> None:
    Territory.objects.filter(name="Uzès").update(name="=1+1")
    rows = table(people.member.get("/en/workspace/season/season.csv"))
    assert "'=1+1" in {row[0] for row in rows}


@pytest.mark.parametrize(
    "asked",
    [
        "by=x",
        "only=category:",
        "only=category:music",
        "only=municipality:abc",
        "by=category&only=category:music",
        "row=x&row=y",
        "by=municipality&row=abc",
        "count=x",
        "week=tomorrow",
        "week=2040-01-01",
        "only=audience:untold",
        "by=department&only=audience:<script>",
        "only=municipality:" + "9" * 50,
        "by=category&only=municipality:99999999999",
    ],
)
def test_odd_seasons_are_answered_all_the_same(people: People, filled: None, asked: str) -> None:
    assert people.member.get(f"/en/workspace/season/?{asked}").status_code == 200
    assert people.member.get(f"/en/workspace/season/season.csv?{asked}").status_code == 200


def test_a_thin_week_names_who_could_fill_it(people: People, filled: None) -> None:
    monday = SATURDAY + timedelta(days=2)
    monday -= timedelta(days=monday.weekday())
    page = words(people.member.get(f"/en/workspace/season/?week={(monday - timedelta(days=14)).isoformat()}"))
    assert "Who could fill it" in page
    assert "Chorale" in page
    assert "Active at other times" in page
    assert "Fanfare" not in page


# ---------------------------------------------------------------------- gaps


def test_a_gap_stands_with_evidence_and_next_steps(people: People, filled: None) -> None:
    page = words(people.member.get("/en/workspace/gaps/?rule=quiet-weekend"))
    assert "No event at the coming weekend within 15 km of Uzès" in page
    assert "known in reach" in page
    assert "would fit on another date" in page
    assert "/en/workspace/plan/?at=30334" in page
    assert "Known, not wanted" not in page
    assert "Known, not wanted" in words(people.manager.get("/en/workspace/gaps/?rule=quiet-weekend"))
    assert "No gap is known with this choice." in words(people.member.get("/en/workspace/gaps/?severity=3"))


def test_where_a_fact_is_not_told_the_page_says_so(people: People, filled: None) -> None:
    page = words(people.member.get("/en/workspace/gaps/?show=untold&rule=free-weekend"))
    assert "No free event at the weekends of the coming four weeks within 15 km of Uzès" in page
    assert "ask for the missing fact" in page


def test_whom_to_ask_is_a_mail_with_the_gap_in_it(people: People, filled: None) -> None:
    Event.objects.filter(sort_name="fanfare").update(email="fanfare@example.org")
    page = words(people.member.get("/en/workspace/gaps/?rule=quiet-weekend"))
    assert 'href="mailto:fanfare%40example.org?subject=Fanfare' in page


def test_the_table_of_gaps_is_safe_for_spreadsheets(people: People, filled: None) -> None:
    Territory.objects.filter(name="Uzès").update(name="@cmd")
    rows = table(people.member.get("/en/workspace/gaps/gaps.csv?rule=quiet-weekend"))
    assert rows[0][:3] == ["rule", "gap", "municipality"]
    (line,) = rows[1:]
    assert line[2] == "'@cmd"
    assert "Fanfare" in line[-1]


@pytest.mark.parametrize(
    "asked",
    [
        "rule=x",
        "department=x",
        "department=999",
        "severity=9",
        "sort=x",
        "page=" + "9" * 20,
        "page=-1",
        "show=x",
        "municipality=30334",
        "municipality=0",
        "sort=distance&show=all",
        "sort=municipality",
    ],
)
def test_odd_filters_of_gaps_are_left_out(people: People, filled: None, asked: str) -> None:
    assert people.member.get(f"/en/workspace/gaps/?{asked}").status_code == 200


def test_before_anything_was_counted_the_pages_say_so(people: People, towns: None) -> None:
    assert "has not been counted yet" in words(people.member.get("/en/workspace/season/"))
    assert "Nobody has looked yet." in words(people.member.get("/en/workspace/gaps/"))
    assert "No clash is known in this month." in words(people.member.get("/en/workspace/clashes/"))


# ---------------------------------------------------------------------- cost and languages


def _queries(people: People, path: str) -> int:
    people.manager.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert people.manager.get(path).status_code == 200
    # Whether the content stamp is asked for again depends on the clock.
    return len([one for one in seen if "core_contentstamp" not in one["sql"]])


@pytest.mark.parametrize(
    "path", [f"plan/?{query()}", f"clashes/?month={SATURDAY:%Y-%m}", "season/?by=category", "gaps/?rule=quiet-weekend"]
)
def test_one_row_and_three_rows_take_the_same_queries(people: People, towns: None, deliver: Deliver, path: str) -> None:
    def fill(count: int) -> None:
        rows = [
            concert_at(f"u{n}", f"Chorale {n}", 4.49, more=f"ORGANIZER;CN=U{n}:mailto:u@example.org\n")
            for n in range(count)
        ]
        deliver(
            *rows,
            concert_at("x", "Orgue", 4.51),
            concert_at("y", "Orgue", 4.51, SATURDAY + timedelta(days=70)),
            concert_at("z", "Orgue", 4.51, SATURDAY + timedelta(days=77)),
            allow_vanish=True,
        )
        refresh_alignment(now=NOW)

    fill(1)
    once = _queries(people, f"/en/workspace/{path}")
    fill(3)
    assert _queries(people, f"/en/workspace/{path}") == once <= 32


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr", "en"])
@pytest.mark.parametrize("path", [f"plan/?{query()}", f"clashes/?month={SATURDAY:%Y-%m}", "season/", "gaps/?show=all"])
def test_pages_are_there_in_every_language(people: People, filled: None, language: str, path: str) -> None:
    page = words(people.manager.get(f"/{language}/workspace/{path}"))
    assert f'<html lang="{language}">' in page
    assert "%(" not in page
    if language != "en":
        for sentence in ("Better dates", "The weeks around", "Week by week", "Surely missing", "of the same kind"):
            assert sentence not in page


def test_a_member_of_another_region_sees_no_drafts_of_ours(people: People, filled: None) -> None:
    Event.objects.filter(sort_name="orgue").update(state="draft")
    Event.objects.get(sort_name="orgue").occurrences.all().delete()
    address = f"/en/workspace/plan/?{query()}"
    assert "Orgue" in words(people.editor.get(address))
    assert "your draft" in words(people.editor.get(address))
    for client in (people.member, people.colleague):
        assert "Orgue" not in words(client.get(address))
