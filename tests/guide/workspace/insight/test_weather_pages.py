"""Weather and holidays on the pages of the workspace: delivered, said of a place, kept by those who may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.insight.deliveries import working
from allmende.insight.models import Delivery, DeliveryWork, HolidayPeriod, Site, WeatherStation
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People
from tests.guide.workspace.insight.test_crowding_pages import make, words  # noqa: F401  (make is a fixture)

DELIVERIES = "/en/workspace/insight/deliveries/"


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Any, settings: Any) -> None:
    settings.ALLMENDE_DATA = tmp_path / "data"


def upload(people: People, name: str, content: bytes, origin: str = "weather") -> Delivery:
    town = Organisation.objects.get(name="Ville d’Uzès")
    told = {"organisation": town.pk, "origin": origin, "file": SimpleUploadedFile(name, content)}
    response = people.editor.post(f"{DELIVERIES}new/", told)
    assert response.status_code == 303, words(response)
    return Delivery.objects.get()


def open_meteo(first: datetime, hours: int, warm: float = 21.0) -> bytes:
    times = [(first + timedelta(hours=k)).strftime("%Y-%m-%dT%H:%M") for k in range(hours)]
    hourly = {"time": times, "temperature_2m": [warm] * hours, "sunshine_duration": [3600] * hours}
    units = {"time": "iso8601", "sunshine_duration": "s"}
    told = {"latitude": 44.02, "longitude": 4.42, "utc_offset_seconds": 0, "hourly_units": units, "hourly": hourly}
    return json.dumps(told).encode()


def test_weather_goes_the_four_steps_and_is_said_of_the_place(people: People, make: Any) -> None:  # noqa: F811
    make(name="Strand")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    delivery = upload(people, "w.json", open_meteo(now - timedelta(days=90), 92 * 24))
    page = words(people.editor.get(f"{DELIVERIES}{delivery.pk}/"))
    assert "44.020,4.420" in page
    assert "This is what would happen" in page
    wrong = people.editor.post(
        f"{DELIVERIES}{delivery.pk}/match/", {"kind": "auto", "use": "owner", "lon": "east", "lat": "4"}
    )
    assert (wrong.status_code, "A longitude lies between" in words(wrong)) == (422, True)
    assert people.editor.post(f"{DELIVERIES}{delivery.pk}/match/", {"kind": "auto", "use": "owner"}).status_code == 303
    assert people.editor.post(f"{DELIVERIES}{delivery.pk}/apply/").status_code == 303
    page = words(people.member.get("/en/workspace/insight/sites/place/"))
    assert "sunny, 21 °C" in page
    assert "Weather as observed: 44.020,4.420, 1.1 km away (Open-Meteo, CC BY 4.0)." in page
    assert "Tomorrow" in page
    table = words(people.member.get("/en/workspace/insight/sites/place/worst-hours.csv")).splitlines()
    assert table[0].endswith("temperature_c;precipitation_mm;sunshine_minutes;cloud_percent;wind_m_per_s;public_holiday;school_holiday")  # fmt: skip
    assert table[1].endswith(";21.0;;60.0;;;;")
    Site.objects.update(sharing="public")
    public = words(people.stranger.get("/en/measured/place/"))
    assert "sunny, 21 °C" in public
    assert "Set it in its settings" not in public
    assert people.editor.post(f"{DELIVERIES}{delivery.pk}/undo/").status_code == 303
    assert WeatherStation.objects.count() == 0
    assert "No weather is delivered within 30 km of this place." in words(
        people.editor.get("/en/workspace/insight/sites/place/")
    )


def test_holidays_need_to_know_where_a_place_lies(people: People, make: Any) -> None:  # noqa: F811
    make()
    today = datetime.now(UTC).date()
    told = f"country,subdivision,name,from,to\nFR,FR-OCC,Vacances,{today - timedelta(days=70)},{today + timedelta(days=9)}\n"
    delivery = upload(people, "h.csv", told.encode(), "holidays")
    page = words(people.editor.get(f"{DELIVERIES}{delivery.pk}/"))
    assert "FR-OCC" in page
    assert people.editor.post(f"{DELIVERIES}{delivery.pk}/apply/").status_code == 303
    Site.objects.update(subdivision="FR-OCC")
    page = words(people.member.get("/en/workspace/insight/sites/place/"))
    assert page.count(">Vacances</span>") >= 3
    listed = words(people.member.get("/en/workspace/insight/weather/"))
    assert "1 period" in listed
    assert "FR-OCC" not in words(people.colleague.get("/en/workspace/insight/weather/"))


def test_others_find_neither_the_delivery_nor_the_station(people: People) -> None:
    delivery = upload(people, "w.json", open_meteo(NOW.replace(minute=0) - timedelta(days=2), 24))
    people.editor.post(f"{DELIVERIES}{delivery.pk}/apply/")
    station = WeatherStation.objects.get()
    address = f"/en/workspace/insight/weather/{station.pk}/"
    assert people.answers(lambda one: one.get(f"{DELIVERIES}{delivery.pk}/")) == {
        "member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302,
    }  # fmt: skip
    assert people.answers(lambda one: one.get(address)) == {
        "member": 200, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302,
    }  # fmt: skip
    told = {"name": "Pier", "lon": "4.5", "lat": "44.1", "use": "owner"}
    assert [one.post(address, told).status_code for one in (people.member, people.colleague)] == [404, 404]
    assert people.editor.post(address, {**told, "use": "everyone"}).status_code == 422
    assert people.editor.post(address, {**told, "lat": "north"}).status_code == 422
    assert people.editor.post(address, told).status_code == 303
    station.refresh_from_db()
    assert (station.name, station.lon) == ("Pier", 4.5)


def test_a_place_says_its_part_of_the_country_by_its_code(people: People, make: Any) -> None:  # noqa: F811
    make()
    told = {
        "name": "Place", "kind": "sight", "timezone": "Europe/Paris", "lively_from": "50", "full_from": "85", "sharing": "owner",
        "shown": "nothing",
    }  # fmt: skip
    address = "/en/workspace/insight/sites/place/settings/"
    assert people.editor.post(address, {**told, "subdivision": "Occitanie"}).status_code == 422
    assert people.editor.post(address, {**told, "subdivision": "fr-occ"}).status_code == 303
    assert Site.objects.get().subdivision == "FR-OCC"


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_the_same_number_of_questions(people: People, n: int) -> None:
    town = Organisation.objects.get(name="Ville d’Uzès")
    for k in range(n):
        WeatherStation.objects.create(organisation=town, key=str(k), name=str(k), updated_at=NOW)
        HolidayPeriod.objects.create(
            organisation=town, country="FR", subdivision=f"FR-{k}", kind="school", names={"": "x"}, first=NOW.date(), last=NOW.date()
        )  # fmt: skip
    people.editor.get("/en/workspace/insight/weather/")
    with CaptureQueriesContext(connection) as asked:
        page = words(people.editor.get("/en/workspace/insight/weather/"))
    assert page.count('data-label="Counts for"') == 2 * n
    assert len(asked) == LIST_QUERIES


LIST_QUERIES = 9


def test_what_is_wrong_with_weather_is_said_in_the_readers_language(people: People, make: Any) -> None:  # noqa: F811
    make(name="Strand")
    told = b"station;time;temperature\nPier;2026-06-01T12:00Z;21\nPier;soon;22\n"
    delivery = upload(people, "w.csv", told)
    page = words(people.editor.get(f"/de{DELIVERIES[3:]}{delivery.pk}/"))
    assert "Zeile 3" in page
    assert "is no day with an hour" not in page
    assert 'href="/de/workspace/insight/deliveries/' in page
    table = people.editor.get(f"{DELIVERIES}{delivery.pk}/problems.csv")
    assert "soon is no day with an hour." in words(table)


def test_a_large_file_of_weather_is_looked_at_outside_of_the_request(
    people: People,
    make: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(name="Strand")
    delivery = upload(people, "w.json", open_meteo(NOW, 24))
    monkeypatch.setattr(working, "start_working", lambda: None)
    monkeypatch.setattr(working, "is_large", lambda _delivery: True)
    people.editor.post(f"{DELIVERIES}{delivery.pk}/match/", {"kind": "auto", "use": "owner"})
    assert DeliveryWork.objects.get().task == "preview"
