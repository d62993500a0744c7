"""The pages of measured places: what a mayor reads, what a stranger does not see, and what it costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.insight import store
from allmende.insight.crowding.actions import refresh_site
from allmende.insight.models import Delivery, FlowBetween, Forecast, PresenceCell, Series, Site
from allmende.insight.values import Quality
from allmende.partners.models import Network, NetworkOrganisation, Organisation, Territory
from tests.guide.html_page import Html
from tests.guide.workspace.conftest import NOW, People
from tests.guide.workspace.conftest import words as html

HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
Make = Callable[..., Series]


@pytest.fixture
def make(people: People) -> Make:
    """A site of the town with 60 days of hours up to now: 30 people, and 95 at one hour of the day, which is not now."""

    def site(slug: str = "place", *, hours: int = 60 * 24, noon: float = 95, **more: Any) -> Series:
        town = Organisation.objects.get(name="Ville d’Uzès")
        told = {"capacity": 100, "timezone": "Europe/Paris", "lon": 4.42, "lat": 44.01, "name": slug.title(), **more}
        one = Site.objects.create(organisation=town, slug=slug, created_at=NOW, updated_at=NOW, **told)
        series = Series.objects.create(site=one, measure="presence", resolution="hour", is_main=True)
        if hours:
            last = store.number_of("hour", HOUR)
            periods = np.arange(last - hours, last, dtype=np.int64)
            figures = np.where(periods % 24 == (last - 6) % 24, noon, 30).astype(np.float32)
            store.write_figures(series, periods, figures, np.ones(hours, np.uint8), now=NOW)
            refresh_site(one.pk, now=NOW)
        return series

    return site


def words(response: Any) -> str:
    """The page's HTML with plain spaces."""
    return html(response).replace("\xa0", " ")


def rows_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_only_the_owners_people_see_a_site_that_is_not_shared(people: People, make: Make) -> None:
    make()
    ours = {"member": 200, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    assert people.answers(lambda one: one.get("/en/workspace/insight/sites/place/")) == ours
    assert people.answers(lambda one: one.get("/en/workspace/insight/sites/place/days.csv")) == ours
    assert people.stranger.get("/en/measured/place/").status_code == 404
    assert people.stranger.get("/en/measured/place/days.csv").status_code == 404
    assert "Place" not in words(people.colleague.get("/en/workspace/insight/"))
    assert "Place</option>" not in words(people.colleague.get("/en/workspace/insight/crowding/"))


def test_the_members_of_the_insight_space_see_what_is_shared_there(people: People, make: Make) -> None:
    space = Network.objects.create(name="Space", slug="space", kind="insight", created_at=NOW, updated_at=NOW)
    make(sharing="network", network=space)
    ask = "/en/workspace/insight/sites/place/"
    assert people.colleague.get(ask).status_code == 404
    NetworkOrganisation.objects.create(
        network=space, organisation=Organisation.objects.get(name="Musée de Nîmes"), since=NOW
    )
    assert people.colleague.get(ask).status_code == 200
    assert people.stranger.get("/en/measured/place/").status_code == 404, "shared in the space, not with everybody"


def test_what_is_public_has_a_page_for_everybody(people: People, make: Make, client: Client) -> None:
    make(sharing="public", is_demo=True)
    page = client.get("/en/measured/place/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "public" in page["Cache-Control"]
    text = words(page)
    for said in ("It is quiet now: 30 people, 30% of what the place can hold.", "Simulated figures", "Ville d’Uzès"):
        assert said in text
    assert Html(text).unbalanced == []
    Site.objects.update(sharing="network")
    assert client.get("/en/measured/place/").status_code == 404


def test_the_page_says_in_words_how_it_is_and_on_what_that_rests(people: People, make: Make) -> None:
    make()
    text = words(people.member.get("/en/workspace/insight/sites/place/"))
    for said in (
        "It is quiet now: 30 people, 30% of what the place can hold.",
        "In the last 365 days it was full on 60 days, 60 hours in all.",
        "The ten worst hours",
        "from 100% of the hours",
        "No delivery and no counter is on record for these figures.",
        "Responsible: Ville d’Uzès.",
    ):
        assert said in text, said
    assert "Simulated" not in text
    assert Html(text).unbalanced == []


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr"])
def test_it_is_written_in_every_language(people: People, make: Make, language: str) -> None:
    make()
    for path in ("sites/place/", "", "crowding/", "crowding/presence/", "crowding/flows/"):
        page = people.member.get(f"/{language}/workspace/insight/{path}")
        assert page.status_code == 200
        assert "can hold" not in words(page)


def test_gaps_are_told_and_never_shown_as_nobody(people: People, make: Make) -> None:
    series = make()
    first = store.number_of("hour", HOUR) - 48
    periods = np.arange(first, first + 40, dtype=np.int64)
    kinds = np.array([Quality.SUPPRESSED] * 20 + [Quality.DOUBTFUL] * 20, np.uint8)
    figures = np.array([np.nan] * 20 + [99_999] * 20, np.float32)
    store.write_figures(series, periods, figures, kinds, now=NOW)
    refresh_site(series.site_id, now=NOW)
    text = words(people.member.get("/en/workspace/insight/sites/place/"))
    assert "withheld, since too few people were counted" in text
    assert "99,999" not in text
    told = dict(rows_of(people.member.get("/en/workspace/insight/sites/place/quality.csv"))[1:])
    assert told == {"measured": str(60 * 24 - 40), "suppressed": "20", "doubtful": "20"}
    overview = words(people.editor.get("/en/workspace/insight/"))
    assert "Figures of the last two days cannot be right." in overview


@pytest.mark.parametrize(
    ("table", "head"),
    [
        ("days", ["day", "fullest_hour", "pressure", "sum_of_known_hours", "known_hours"]),
        (
            "worst-hours",
            [
                "hour",
                "figure",
                "pressure",
                "times_usual",
                "percentile",
                "temperature_c",
                "precipitation_mm",
                "sunshine_minutes",
                "cloud_percent",
                "wind_m_per_s",
                "public_holiday",
                "school_holiday",
            ],
        ),
        ("episodes", ["from", "to", "full_hours", "peak_at", "peak", "pressure", "times_usual", "percentile"]),
        ("visitors", ["kind", "code", "sum", "withheld_periods"]),
        ("quality", ["quality", "periods"]),
    ],
)
def test_every_table_can_be_taken_along(people: People, make: Make, table: str, head: list[str]) -> None:
    make()
    answer = people.member.get(f"/en/workspace/insight/sites/place/{table}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert rows_of(answer)[0] == head


def test_the_tables_of_the_pictures_too_and_no_others(people: People, make: Make) -> None:
    make()
    ask = "/en/workspace/insight/sites/place/{}.csv"
    assert len(rows_of(people.member.get(ask.format("today")))) in {24, 25, 26}
    assert len(rows_of(people.member.get(ask.format("week")))) == 8
    assert len(rows_of(people.member.get(ask.format("usual-week")))) == 8
    assert len(rows_of(people.member.get(ask.format("months")))) == 13
    assert people.member.get(ask.format("secrets")).status_code == 404
    worst = rows_of(people.member.get(ask.format("worst-hours")))
    assert [row[1] for row in worst[1:]] == ["95.0"] * 10
    assert all("+0" in row[0] for row in worst[1:]), "local time with its distance from UTC"


def test_what_is_expected_is_shown_where_there_is_a_forecast(people: People, make: Make) -> None:
    series = make()
    quantiles = np.tile(np.array([40, 50, 60], "<f4"), (30, 1))
    Forecast.objects.create(
        series=series,
        made_at=NOW,
        resolution="hour",
        start=HOUR - timedelta(hours=2),
        steps=30,
        levels=[0.1, 0.5, 0.9],
        quantiles=quantiles.tobytes(),
        method="test",
    )
    text = words(people.member.get("/en/workspace/insight/sites/place/"))
    assert "Expected: forecast of" in text
    assert "There is no forecast" not in text
    assert "expected" in rows_of(people.member.get("/en/workspace/insight/sites/place/today.csv"))[0]


def test_a_site_without_figures_says_so(people: People, make: Make) -> None:
    make(hours=0)
    text = words(people.member.get("/en/workspace/insight/sites/place/"))
    assert "There are no figures yet." in text
    assert people.member.get("/en/workspace/insight/sites/place/days.csv").status_code == 404
    assert "There are no figures yet." in words(people.editor.get("/en/workspace/insight/"))


def test_another_year_can_be_looked_at(people: People, make: Make) -> None:
    make(hours=400 * 24)
    before = (HOUR - timedelta(days=365)).year
    text = words(people.member.get(f"/en/workspace/insight/sites/place/?year={before}"))
    assert f"The fullest hour of each day of {before}" in text
    assert people.member.get("/en/workspace/insight/sites/place/?year=99999999").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_as_many_queries_for_three_sites_as_for_one(people: People, make: Make, count: int) -> None:
    for number in range(count):
        make(f"s{number}", noon=95 if number == 0 else 20)
    asked = {}
    for path in ("", "crowding/", "sites/s0/"):
        people.member.get(f"/en/workspace/insight/{path}")
        with CaptureQueriesContext(connection) as queries:
            assert people.member.get(f"/en/workspace/insight/{path}").status_code == 200
        asked[path] = len(queries)
    assert asked == pytest.approx(ASKED.setdefault("asked", asked))


ASKED: dict[str, dict[str, int]] = {}


def test_comparison_names_near_places_that_are_quiet_while_one_is_full(people: People, make: Make) -> None:
    make("full")
    make("quiet", noon=20, lon=4.45)
    make("silent", hours=0)
    text = words(people.member.get("/en/workspace/insight/crowding/?when=90"))
    assert "Full here, quiet there" in text
    assert "100%" in text
    rows = rows_of(people.member.get("/en/workspace/insight/crowding/crowding.csv?when=30&place=full&place=quiet"))
    assert [(row[0], row[4]) for row in rows[1:]] == [("full", "30"), ("quiet", "0")]
    assert len(rows[0]) == 7 + 48


def test_maps_show_what_was_released_to_whom_one_belongs(people: People) -> None:
    town = Organisation.objects.get(name="Ville d’Uzès")
    for code, name, lon in (("30334", "Uzès", 4.42), ("30189", "Nîmes", 4.36)):
        Territory.objects.create(country="FR", level="municipality", code=code, name=name, slug=name, lon=lon, lat=44)
    delivery = Delivery.objects.create(
        organisation=town, origin="operator", supplier="Telco", name="od", state="applied", received_at=NOW
    )
    both = {"organisation": town, "delivery": delivery, "period": NOW.date().replace(day=1)}
    PresenceCell.objects.create(cell="CRS3035RES1000mN2300000E3850000", people=40, **both)
    PresenceCell.objects.create(cell="CRS3035RES1000mN2301000E3850000", people=None, **both)
    PresenceCell.objects.create(cell="no code", people=9, **both)
    FlowBetween.objects.create(origin="30334", destination="30189", trips=900, **both)
    FlowBetween.objects.create(origin="DE", destination="30189", trips=70, **both)
    FlowBetween.objects.create(origin="30189", destination="30334", trips=None, **both)
    presence = words(people.member.get("/en/workspace/insight/crowding/presence/"))
    assert "1 square is withheld" in presence
    assert "Telco" in presence
    rows = rows_of(people.member.get("/en/workspace/insight/crowding/presence/presence.csv"))
    assert [(row[0], row[3]) for row in rows[1:]] == [
        ("CRS3035RES1000mN2300000E3850000", "40.0"),
        ("CRS3035RES1000mN2301000E3850000", ""),
    ]
    west, south, east, north = map(float, rows[1][4:])
    assert 0.9 < (north - south) * 111.2 < 1.3
    assert 0.9 < (east - west) * 111.2 * 0.724 < 1.3
    flows = words(people.member.get("/en/workspace/insight/crowding/flows/"))
    assert "Germany" in flows
    assert "1 flow is withheld" in flows
    told = rows_of(people.member.get("/en/workspace/insight/crowding/flows/flows.csv"))
    assert [row[:2] + row[3:] for row in told[1:]] == [["30334", "30189", "900.0"], ["DE", "30189", "70.0"]]
    assert "No squares are delivered yet" in words(people.colleague.get("/en/workspace/insight/crowding/presence/"))
    assert people.colleague.get("/en/workspace/insight/crowding/flows/flows.csv").status_code == 404


def test_the_overview_says_what_to_do_when_nothing_is_measured(people: People) -> None:
    text = words(people.editor.get("/en/workspace/insight/"))
    assert "Nothing is measured yet" in text
    assert "Measure a place" in text
    assert "Measure a place" not in words(people.member.get("/en/workspace/insight/"))


def test_the_overview_names_what_is_full_and_who_is_silent(people: People, make: Make) -> None:
    series = make("busy")
    now = np.array([store.number_of("hour", HOUR) - 1], np.int64)
    store.write_figures(series, now, np.array([97], np.float32), np.ones(1, np.uint8), now=NOW)
    quiet = make("mute")
    Series.objects.filter(pk=quiet.pk).update(last=HOUR - timedelta(days=5))
    make("vague", capacity=None)
    text = words(people.editor.get("/en/workspace/insight/"))
    assert "No new figures come in." in text
    assert "Nobody has said how many people it can hold." in text
    assert "97%" in text
    member = words(people.member.get("/en/workspace/insight/"))
    assert "No new figures come in." not in member, "who may not change a site is not told to look after it"
