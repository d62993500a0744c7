"""Writing with a key: who may, what is held, what is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import ImportOptions, open_source, run_import, withdraw_item
from allmende.catalogue.actions.deliveries import apply_delivery
from allmende.catalogue.models import ITEM_MODELS, Event, ImportRun, Source
from allmende.core.models import AuditEntry, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key, revoke_key
from allmende.partners.models import ApiKey, Membership, Organisation
from allmende.site.api import ANONYMOUS, WITH_KEY, WRITES
from tests.guide.workspace.conftest import calendar, event

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Program:
    """A program with a key (or without)."""

    token: str = ""

    def ask(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", **headers: Any
    ) -> Any:
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return Client(headers=headers).generic(method, f"/api/v1/{path}", data, content_type=content_type)

    def patch(self, pk: int, body: Any, if_match: str = "*", status: int = 200) -> Any:
        answer = self.ask("PATCH", f"events/{pk}", body, if_match=if_match)
        assert answer.status_code == status, answer.content
        return answer.json()

    def deliver(self, content: bytes, query: str = "", status: int = 200, source: str = "agenda") -> Any:
        answer = self.ask("POST", f"sources/{source}/deliveries{query}", content, content_type="text/calendar")
        assert answer.status_code == status, answer.content
        return answer.json()


@dataclass
class Town:
    """A town with a feed, and people with keys."""

    organisation: Organisation
    source: Source
    concert: Event
    writer: Program
    reader: Program
    colleague: Program
    people: dict[str, User]


def key_of(
    user: User, organisation: Organisation, *, may_write: bool = True, expires_at: datetime | None = None
) -> Program:
    """A key that ``user`` makes as a manager; the role may be taken from them afterwards."""
    role = Membership.objects.filter(user=user, organisation=organisation).values_list("role", flat=True).first()
    join_organisation(user, organisation, "manager", by=None, now=NOW)
    _, token = make_key(organisation, "test", may_write=may_write, expires_at=expires_at, by=user, now=NOW)
    if role:
        join_organisation(user, organisation, role, by=None, now=NOW)
    return Program(token)


@pytest.fixture
def town(db: None, tmp_path: Path, settings: Any) -> Town:
    settings.ALLMENDE_DATA = tmp_path / "data"
    for meter in (ANONYMOUS, WITH_KEY):
        meter.forget()
    here = found_organisation("Ville d’Uzès", by=None, now=NOW)
    other = found_organisation("Musée de Nîmes", by=None, now=NOW)
    people = {}
    for name, organisation, role in (
        ("member", here, "member"),
        ("editor", here, "editor"),
        ("manager", here, "manager"),
        ("colleague", other, "manager"),
    ):
        people[name] = User.objects.create_user(f"{name}@example.org", "a long enough password")
        join_organisation(people[name], organisation, role, by=None, now=NOW)
    source = open_source(
        "agenda",
        defaults={"title": "Agenda", "organisation": "Ville d’Uzès", "language": "fr", "timezone": "Europe/Paris"},
        now=NOW,
    )
    path = tmp_path / "feed.ics"
    path.write_bytes(calendar(event("a"), event("b", "Marché")))
    run_import(source, path, options=ImportOptions(), by=None, now=NOW, trusted=True)
    return Town(
        here,
        source,
        Event.objects.get(sort_name="concert"),
        key_of(people["manager"], here),
        key_of(people["manager"], here, may_write=False),
        key_of(people["colleague"], other),
        people,
    )


# ---------------------------------------------------------------------- who may


def test_a_change_is_for_editors_of_the_owner(town: Town) -> None:
    keys = {
        "member": key_of(town.people["member"], town.organisation),
        "editor": key_of(town.people["editor"], town.organisation),
        "manager": town.writer,
        "reader": town.reader,
        "colleague": town.colleague,
        "stranger": Program(),
    }
    body = {"url": "https://example.org/taken-over"}
    statuses = {
        name: key.ask("PATCH", f"events/{town.concert.pk}", body, if_match="*").status_code
        for name, key in keys.items()
    }
    assert statuses == {
        "member": 403,
        "editor": 200,
        "manager": 200,
        "reader": 403,
        "colleague": 403,
        "stranger": 401,
    }


def test_what_one_may_not_see_one_may_not_change_either(town: Town) -> None:
    withdraw_item("event", town.concert.pk, by=town.people["manager"], now=NOW)
    before = Event.objects.values().get(pk=town.concert.pk)
    here = f"events/{town.concert.pk}"
    assert town.colleague.ask("PATCH", here, {"state": "published"}, if_match="*").status_code == 404
    assert town.colleague.ask("DELETE", here, if_match="*").status_code == 404
    assert Program().ask("DELETE", here, if_match="*").status_code == 401
    assert Event.objects.values().get(pk=town.concert.pk) == before
    assert town.writer.ask("PATCH", "events/999999", {}, if_match="*").status_code == 404


def test_withdrawing_is_for_the_same_people(town: Town) -> None:
    here = f"events/{town.concert.pk}"
    for key, status in ((town.reader, 403), (town.colleague, 403), (Program(), 401)):
        assert key.ask("DELETE", here, if_match="*").status_code == status
    assert Event.objects.get(pk=town.concert.pk).state == "published"
    assert town.writer.ask("DELETE", here, if_match="*").status_code == 204
    assert Event.objects.get(pk=town.concert.pk).state == "withdrawn"
    assert Program().ask("GET", here).status_code == 410
    assert town.writer.ask("GET", here).json()["state"] == "withdrawn"
    assert town.writer.patch(town.concert.pk, {"state": "published"})["state"] == "published"


def test_deliveries_are_for_managers_of_the_owner(town: Town) -> None:
    keys = {
        "member": (key_of(town.people["member"], town.organisation), 403),
        "editor": (key_of(town.people["editor"], town.organisation), 403),
        "reader": (town.reader, 403),
        "colleague": (town.colleague, 404),
        "stranger": (Program(), 401),
    }
    for name, (key, status) in keys.items():
        answer = key.ask("POST", "sources/agenda/deliveries", calendar(event("z")), content_type="text/calendar")
        assert answer.status_code == status, name
        assert answer["Content-Type"] == "application/problem+json"
    assert Event.objects.filter(state="published").count() == 2
    assert town.writer.ask("POST", "sources/nobody/deliveries", calendar(event("z"))).status_code == 404


def test_sources_are_listed_for_their_key(town: Town) -> None:
    assert [row["slug"] for row in town.writer.ask("GET", "sources").json()["items"]] == ["agenda"]
    assert town.colleague.ask("GET", "sources").json()["items"] == []
    assert Program().ask("GET", "sources").status_code == 401


@pytest.mark.parametrize("path", ["events", "sources", "openapi.json"])
def test_a_key_that_is_no_good_is_told_so(town: Town, path: str) -> None:
    key = ApiKey.objects.get(prefix=town.writer.token.split("_")[1])
    expired = key_of(town.people["manager"], town.organisation, expires_at=NOW - timedelta(seconds=1))
    revoke_key(key, by=town.people["manager"], now=NOW)
    wrong = town.reader.token[:-1] + ("a" if town.reader.token[-1] != "a" else "b")
    for token in (town.writer.token, expired.token, wrong, "allmende_00000000_x", "x", "_" * 300):
        answer = Program(token).ask("GET", path)
        if path == "openapi.json":
            assert answer.status_code == 200
            continue
        assert answer.status_code == 401, token
        assert "invalid_token" in answer["WWW-Authenticate"]
    assert Client(headers={"authorization": "Basic YTpi"}).get("/api/v1/events").status_code == 401


def test_a_key_ends_with_the_membership_and_the_account_of_its_person(town: Town) -> None:
    manager = town.people["manager"]
    Membership.objects.filter(user=manager).delete()
    assert town.writer.ask("GET", "sources").status_code == 401
    join_organisation(manager, town.organisation, "manager", by=None, now=NOW)
    assert town.writer.ask("GET", "sources").status_code == 200
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert town.writer.ask("GET", "sources").status_code == 401
    User.objects.filter(pk=manager.pk).update(is_active=True)
    ApiKey.objects.update(created_by=None)
    assert town.writer.ask("GET", "sources").status_code == 401


def test_an_operators_key_acts_for_its_organisation_only(town: Town) -> None:
    operator = User.objects.create_user("op@example.org", "a long enough password", is_operator=True)
    other = Organisation.objects.get(name="Musée de Nîmes")
    _, token = make_key(other, "test", may_write=True, by=operator, now=NOW)
    assert Program(token).ask("PATCH", f"events/{town.concert.pk}", {}, if_match="*").status_code == 403
    assert Program(token).ask("POST", "sources/agenda/deliveries", b"x").status_code == 404


# ---------------------------------------------------------------------- one's own records


def test_own_records_are_shown_in_every_state_and_others_are_not(town: Town) -> None:
    withdraw_item("event", town.concert.pk, by=town.people["manager"], now=NOW)

    def ids(key: Program, query: str) -> list[int]:
        return [item["id"] for item in key.ask("GET", f"events?{query}").json()["items"]]

    assert ids(town.reader, "state=withdrawn") == [town.concert.pk]
    assert len(ids(town.reader, "state=all")) == 2
    assert len(ids(town.reader, "state=published")) == 1
    assert ids(town.colleague, "state=all") == []
    assert Program().ask("GET", "events?state=withdrawn").status_code == 401
    assert Program().ask("GET", "events?state=published").status_code == 200
    assert town.reader.ask("GET", "events?state=all&q=concert").status_code == 422
    private = town.reader.ask("GET", "events?state=all")
    assert private["Cache-Control"] == "private, no-cache"
    assert "Authorization" in private["Vary"]
    assert private["ETag"] != Program().ask("GET", "events")["ETag"]


# ---------------------------------------------------------------------- changes


def test_a_change_is_held_against_later_deliveries(town: Town) -> None:
    body = {
        "name": {"fr": "Concert de gala", "de": "Galakonzert"},
        "categories": ["music", "festival"],
        "prices": [{"min": "5", "max": 12.5, "label": "Plein tarif"}],
        "address": {"street": "1 place aux Herbes", "postal_code": "30700", "locality": "Uzès", "country": "FR"},
        "point": {"lon": 4.42, "lat": 44.01},
        "contact": {"name": "Office", "email": "info@example.org", "phone": "04 66"},
        "accessibility": {"step_free": "yes"},
        "audience": ["families"],
        "age_min": 6,
        "status": "sold_out",
        "place_name": "Cathédrale",
        "organiser_name": "Chœur d’Uzès",
        "url": "https://example.org/gala",
    }
    item = town.writer.patch(town.concert.pk, body)
    assert item["name"]["text"] == "Concert de gala"
    assert item["prices"] == [{"min": "5", "max": "12.5", "currency": "EUR", "label": "Plein tarif"}]
    assert (item["categories"], item["category"]) == (["music", "festival"], "music")
    assert (item["point"], item["address"]["street"]) == ({"lon": 4.42, "lat": 44.01}, "1 place aux Herbes")
    assert (item["status"], item["place"]["name"], item["organiser"]["name"]) == (
        "sold_out",
        "Cathédrale",
        "Chœur d’Uzès",
    )
    town.writer.deliver(calendar(event("a", "Concert", "Autre texte."), event("b", "Marché")))
    again = Program().ask("GET", f"events/{town.concert.pk}").json()
    assert again["name"]["text"] == "Concert de gala"
    assert again["description"]["text"] == "Autre texte."  # what was left out follows its source
    assert set(Event.objects.get(pk=town.concert.pk).origins) == {
        "name", "categories", "prices", "address", "point", "contact", "accessibility", "audience", "status", "venue",
        "organiser", "url",
    }  # fmt: skip


def test_a_schedule_is_changed_as_a_whole(town: Town) -> None:
    schedule = {
        "start": "2030-12-06T20:00",
        "end": "2030-12-06T22:00",
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "exdates": ["2030-12-13T20:00:00"],
        "dates": [{"start": "2031-01-05T11:00"}],
    }
    item = town.writer.patch(town.concert.pk, {"schedule": schedule})
    assert (item["start"], item["recurs"]) == ("2030-12-06T20:00:00+01:00", True)
    assert item["schedule"]["exdates"] == ["2030-12-13T20:00:00"]
    item = town.writer.patch(town.concert.pk, {"schedule": {"start": "2030-12-06", "end": "2030-12-08"}})
    assert (item["all_day"], item["start"], item["end"], item["recurs"]) == (True, "2030-12-06", "2030-12-08", False)


def test_a_text_that_is_sent_is_no_machines_any_more(town: Town) -> None:
    value = {"original": "fr", "texts": {"fr": "Concert", "de": "Konzert", "sv": "Konsert"}, "machine": ["de", "sv"]}
    Event.objects.filter(pk=town.concert.pk).update(name=value)
    town.writer.patch(town.concert.pk, {"name": {"de": "Konzert", "sv": ""}})
    assert Event.objects.get(pk=town.concert.pk).name == {"original": "fr", "texts": {"fr": "Concert", "de": "Konzert"}}
    town.writer.patch(town.concert.pk, {"summary": "Kurz"})
    assert Event.objects.get(pk=town.concert.pk).summary["texts"] == {"fr": "Kurz"}


def test_a_change_needs_the_version_that_it_changes(town: Town) -> None:
    here = f"events/{town.concert.pk}"
    first = Program().ask("GET", here)
    assert town.writer.ask("PATCH", here, {"url": "https://example.org/1"}).status_code == 428
    done = town.writer.ask("PATCH", here, {"url": "https://example.org/1"}, if_match=first["ETag"])
    assert done.status_code == 200
    # Somebody who still has the first version before them.
    problem = town.writer.patch(town.concert.pk, {"url": "https://example.org/2"}, first.json()["version"], 412)
    assert problem["status"] == 412
    done = town.writer.ask("PATCH", here, {"url": "https://example.org/3"}, if_match=done["ETag"])
    assert done.status_code == 200
    town.writer.patch(town.concert.pk, {"url": "https://example.org/4"}, f'"{done.json()["version"]}"')
    assert town.writer.ask("DELETE", here, if_match=first["ETag"]).status_code == 412


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"name": ""}, "body.name"),
        ({"name": {"fr": ""}}, "body.name"),
        ({"name": "x" * 301}, "body.name"),
        ({"categories": ["nothing"]}, "body.categories"),
        ({"audience": ["cats"]}, "body.audience"),
        ({"accessibility": {"lift": "yes"}}, "body.accessibility"),
        ({"age_min": 9, "age_max": 3}, "body.age_max"),
        ({"prices": [{"min": "5", "max": "3"}]}, "body.prices.0.max"),
        ({"point": {"lon": 200, "lat": 0}}, "body.point.lon"),
        ({"url": "javascript:alert(1)"}, "body.url"),
        ({"contact": {"email": "nobody"}}, "body.contact.email"),
        ({"schedule": {"start": "2030-01-02T10:00", "end": "2030-01-01T10:00"}}, "body.schedule.end"),
        ({"schedule": {"start": "2030-01-02", "end": "2030-01-01T10:00"}}, "body.schedule.end"),
        ({"schedule": {"start": "2030-02-31"}}, "body.schedule.start"),
        ({"schedule": {"start": "2030-01-02T10:00", "timezone": "Mars/Base"}}, "body.schedule.timezone"),
        ({"schedule": {"start": "2030-01-02T10:00", "rrule": "FREQ=SOMETIMES"}}, "body.schedule.rrule"),
        ({"schedule": {"start": "0001-01-01T10:00"}}, "body.schedule.start"),
        ({"status": "maybe"}, "body.status"),
        ({"hours": []}, "body.hours"),
        ({"organisation_id": 3}, "body.organisation_id"),
        ({"state": "draft"}, "body.state"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(town: Town, body: Any, where: str) -> None:
    before = Event.objects.values().get(pk=town.concert.pk)
    problem = town.writer.patch(town.concert.pk, {"url": "https://example.org/", **body}, status=422)
    assert problem["errors"][0]["where"].startswith(where)
    assert Event.objects.values().get(pk=town.concert.pk) == before


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff\xfe", b'"x"', b"null"])
def test_a_body_that_is_no_change_is_refused(town: Town, body: bytes) -> None:
    answer = town.writer.ask("PATCH", f"events/{town.concert.pk}", body, if_match="*")
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["place", "offer"])
def test_places_and_offers_are_changed_alike(town: Town, kind: str, tmp_path: Path) -> None:
    defaults = {"title": kind, "organisation": "Ville d’Uzès", "language": "fr", "kind": kind}
    source = open_source(f"{kind}s", defaults=defaults, now=NOW)
    path = tmp_path / "things.json"
    path.write_text(json.dumps([{"id": "1", "name": "Musée"}]))
    mapping = {"kind": kind, "records": "", "key": "id", "language": "fr", "fields": {"name": "name"}}
    options = ImportOptions(format="json", mapping=mapping)
    run_import(source, path, options=options, by=None, now=NOW, trusted=True)
    pk = ITEM_MODELS[kind].objects.get().pk  # type: ignore[attr-defined]
    season = {
        "days": [0, 1, 7],
        "opens": "09:00",
        "closes": "17:30",
        "valid_from": "2026-04-01",
        "valid_through": "2026-10-31",
    }
    body = {"hours": [season, {"days": [6]}], "hours_text": {"fr": "Fermé l’hiver"}}
    answer = town.writer.ask("PATCH", f"{kind}s/{pk}", body, if_match="*")
    assert answer.status_code == 200, answer.content
    assert answer.json()["hours"][0] == season | {"every_year": False}
    assert answer.json()["hours_text"]["text"] == "Fermé l’hiver"
    wrong = {"hours": [{"days": [1], "opens": "09:00"}]}
    assert town.writer.ask("PATCH", f"{kind}s/{pk}", wrong, if_match="*").status_code == 422
    assert town.colleague.ask("PATCH", f"{kind}s/{pk}", body, if_match="*").status_code == 403
    assert town.colleague.ask("DELETE", f"{kind}s/{pk}", if_match="*").status_code == 403
    assert town.writer.ask("DELETE", f"{kind}s/{pk}", if_match="*").status_code == 204


def test_the_audit_trail_names_person_and_key(town: Town) -> None:
    town.writer.patch(town.concert.pk, {"url": "https://example.org/x", "state": "withdrawn"})
    prefix = town.writer.token.split("_")[1]
    lines = list(AuditEntry.objects.filter(subject_type="event", subject_id=town.concert.pk).order_by("id"))
    assert [(line.action, line.actor_id) for line in lines] == [
        ("catalogue.edit", town.people["manager"].pk),
        ("catalogue.withdrawn", town.people["manager"].pk),
        ("catalogue.by_key", town.people["manager"].pk),
    ]
    assert lines[-1].details == {"key": prefix, "fields": ["url", "state"]}
    count = AuditEntry.objects.count()
    town.writer.patch(town.concert.pk, {"url": "https://example.org/x"})
    assert AuditEntry.objects.count() == count  # nothing changed


# ---------------------------------------------------------------------- deliveries


def test_a_delivery_is_taken_as_an_upload_is(town: Town) -> None:
    body = calendar(event("a"), event("b", "Marché de Noël"), event("c", "Bal"))
    preview = town.writer.deliver(body, "?preview=true")
    assert (preview["state"], preview["created"], preview["updated"], preview["unchanged"]) == ("previewed", 1, 1, 1)
    assert {(change["action"], change["name"]) for change in preview["changes"]} == {
        ("create", "Bal"),
        ("update", "Marché de Noël"),
    }
    assert Event.objects.count() == 2
    done = town.writer.deliver(body)
    assert (done["state"], done["created"], done["updated"], done["format"]) == ("applied", 1, 1, "ical")
    assert Event.objects.filter(state="published").count() == 3
    assert town.writer.deliver(body)["unchanged"] == 3
    line = AuditEntry.objects.filter(action="catalogue.by_key").order_by("-id").first()
    assert line is not None
    assert line.details["key"] == town.writer.token.split("_")[1]


def test_good_records_go_in_beside_a_bad_one(town: Town) -> None:
    bad = "BEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:No date\r\nEND:VEVENT\r\n"
    done = town.writer.deliver(calendar(event("a"), event("b", "Marché"), bad, event("c", "Bal")))
    assert (done["created"], done["failed"]) == (1, 1)
    assert done["problems"][0]["severity"] == "error"
    assert done["problems"][0]["message"]


def test_a_delivery_from_which_much_is_missing_is_held_back(town: Town) -> None:
    many = [event(f"m{n}", f"Bal {n}") for n in range(10)]
    town.writer.deliver(calendar(event("a"), event("b"), *many))
    refused = town.writer.deliver(calendar(event("a")), status=409)
    assert refused["state"] == "refused"
    assert "insist=true" in refused["message"]
    assert Event.objects.filter(state="published").count() == 12
    done = town.writer.deliver(calendar(event("a")), "?insist=true")
    assert (done["state"], done["withdrawn"]) == ("applied", 11)
    assert not ImportRun.objects.exclude(delivery="").exists()


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7 x", b"\x89PNG\r\n", b"MZ\0\0", b"nothing that anybody knows"])
def test_what_is_no_data_file_is_refused_and_not_kept(town: Town, body: bytes, settings: Any) -> None:
    problem = town.writer.deliver(body, status=422)
    assert problem["errors"][0]["where"] == "body"
    folder = Path(settings.ALLMENDE_DATA) / "deliveries"
    assert not folder.exists() or not list(folder.iterdir())


def test_a_large_delivery_is_worked_on_behind(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, bool]] = []
    monkeypatch.setattr("allmende.catalogue.actions.deliveries.LARGE_BYTES", 10)
    monkeypatch.setattr(
        "allmende.catalogue.actions.deliveries.start_job",
        lambda run, task, insist=False: started.append((task, insist)),
    )
    answer = town.writer.ask("POST", "sources/agenda/deliveries?insist=true", calendar(event("a")), "text/calendar")
    assert (answer.status_code, started) == (202, [("apply", True)])
    there = answer["Location"].partition("/api/v1/")[2]
    assert town.writer.ask("GET", there).json()["state"] == "running"
    for key, status in ((town.colleague, 404), (town.reader, 403), (Program(), 401)):
        assert key.ask("GET", there).status_code == status
    run = ImportRun.objects.exclude(delivery="").get()
    apply_delivery(run, insist=True, by=town.people["manager"], now=NOW)
    done = town.writer.ask("GET", there).json()
    assert (done["state"], done["withdrawn"]) == ("applied", 1)
    assert town.writer.ask("GET", "sources/agenda/deliveries/999").status_code == 404


# ---------------------------------------------------------------------- limits


def test_who_asks_too_often_waits(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ANONYMOUS, "quota", 2)
    answers = [Program().ask("GET", "places") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit"].startswith('"anonymous";r=1;t=')
    assert answers[2]["RateLimit-Policy"] == '"anonymous";q=2;w=60'
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert answers[2]["Content-Type"] == "application/problem+json"
    assert town.reader.ask("GET", "places").status_code == 200  # a key has a count of its own


def test_changes_are_counted_across_processes(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allmende.site.api.WRITES", WRITES._replace(tries=1))
    town.writer.patch(town.concert.pk, {"url": "https://example.org/1"})
    WITH_KEY.forget()
    problem = town.writer.patch(town.concert.pk, {"url": "https://example.org/2"}, status=429)
    assert problem["status"] == 429


def test_reading_writes_nothing(town: Town) -> None:
    for key in (Program(), town.reader):
        key.ask("GET", "events")
        with CaptureQueriesContext(connection) as seen:
            key.ask("GET", "events")
        assert [query["sql"] for query in seen if not query["sql"].startswith("SELECT")] == []
