"""The API's document tells the truth: about real answers, and about whatever a stranger sends."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from allmende.catalogue.actions import ImportOptions, open_source, refresh_derived, run_import
from allmende.catalogue.models import Event, Offer, Place
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.rate import Limit
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.models import Organisation
from allmende.site.api import ANONYMOUS, WITH_KEY, openapi
from tests.conftest import ROOT
from tests.guide.conftest import Region, _fresh, deliver, region
from tests.guide.workspace.conftest import calendar, event

__all__ = ["_fresh", "deliver", "region"]

pytestmark = pytest.mark.django_db
DOCUMENT = openapi()
EXAMPLES = ROOT / "examples"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
]
"""All that fit.  Left out is "what fits the document is accepted": which codes and numbers there are, it cannot say."""
NOW = datetime.now(UTC)
EXAMPLES_EACH = int(os.environ.get("API_EXAMPLES", "8"))
"""Requests per operation; more with API_EXAMPLES=500."""


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    for meter in (ANONYMOUS, WITH_KEY):
        monkeypatch.setattr(meter, "quota", 10**9)
        meter.forget()
    monkeypatch.setattr("allmende.site.api.WRITES", Limit(10**9, 3600))
    settings.ALLMENDE_DATA = tmp_path / "data"


@pytest.fixture
def token(region: Region) -> str:
    """A key of the organisation that owns everything here."""
    user = User.objects.create_user("key@example.org", "a long enough password")
    owner = Organisation.objects.get(name="Ville d’Uzès")
    join_organisation(user, owner, "manager", by=None, now=NOW)
    return make_key(owner, "test", may_write=True, by=user, now=NOW)[1]


# ---------------------------------------------------------------------- real answers


def validator(method: str, path: str, status: int, media: str = "application/json") -> Any:
    from jsonschema import Draft202012Validator  # seconds of reading grammars: not while tests are collected

    schema = DOCUMENT["paths"][path][method]["responses"][str(status)]["content"][media]["schema"]
    return Draft202012Validator(
        {"components": DOCUMENT["components"], **schema}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def test_the_document_is_openapi_3_1_and_complete() -> None:
    from jsonschema import Draft202012Validator  # the same

    assert DOCUMENT["openapi"].startswith("3.1")
    seen = set()
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], operation["operationId"]
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            for parameter in operation["parameters"]:
                assert parameter["description"], f"{path} {method} {parameter['name']}"
            for status, told in operation["responses"].items():
                if int(status) >= 400 and status != "409":
                    assert list(told["content"]) == ["application/problem+json"]
    Draft202012Validator.check_schema({"$defs": DOCUMENT["components"]["schemas"]})
    assert len(seen) == 23
    assert Client().get("/api/v1/openapi.json").json() == json.loads(json.dumps(DOCUMENT))


DEMO = (("occitanie_400", "event"), ("musees_de_france_occitanie", "place"))
"""Real deliveries of the demo region, read as the reader itself proposes."""


@pytest.fixture
def demo(db: None) -> None:
    """Real records: events and museums of Occitanie."""
    found_organisation("Région Occitanie", by=None, now=NOW)
    for name, kind in DEMO:
        source = open_source(
            name.replace("_", "-"),
            defaults={"title": name, "organisation": "Région Occitanie", "language": "fr", "kind": kind}
            | {"timezone": "Europe/Paris", "country": "FR", "shift_days": 7 * 600 if kind == "event" else 0},
            now=NOW,
        )
        path = EXAMPLES / "occitanie" / f"{name}.json"
        run_import(source, path, options=ImportOptions(format="json"), by=None, now=NOW, trusted=True)
    for item in (Event.objects.first(), Place.objects.first()):
        assert item is not None
        texts = {"fr": "Titre", "de": "Titel", "en": "Title"}
        type(item).objects.filter(pk=item.pk).update(name={"original": "fr", "texts": texts, "machine": ["de"]})
    refresh_derived()
    touch_content()


QUERIES = {
    "/api/v1/events": (
        "",
        "since=1990-01-01&limit=200",
        "languages=all",
        "expand=occurrences",
        "count=true&fields=name,next",
    ),
    "/api/v1/places": ("limit=500", "languages=all", "near=1.44,43.6&radius_km=60", "fields=id", "count=true"),
    "/api/v1/offers": ("", "modified_since=1970-01-01T00:00:00Z"),
    "/api/v1/search": ("q=exposition", "q=musée&kind=place&languages=all"),
    "/api/v1/changes": ("modified_since=1970-01-01T00:00:00Z&limit=1000",),
    "/api/v1/organisations": ("limit=1000", "languages=all&count=true", "modified_since=1970-01-01T00:00:00Z"),
}


def test_real_answers_are_as_the_document_says(demo: None) -> None:
    client = Client()
    seen = 0
    for path, queries in QUERIES.items():
        told = validator("get", path, 200)
        for query in queries:
            answer = client.get(f"{path}?{query}")
            assert answer.status_code == 200, answer.content
            assert [error.message for error in told.iter_errors(answer.json())][:3] == [], f"{path}?{query}"
            seen += len(answer.json()["items"])
    assert seen > 700


def test_single_records_are_as_the_document_says(region: Region, token: str) -> None:
    asked = {
        "/api/v1/events/{id}": region.concert.pk,
        "/api/v1/events/{id}/occurrences": region.series.pk,
        "/api/v1/places/{id}": region.museum.pk,
        "/api/v1/offers/{id}": region.tour.pk,
        "/api/v1/organisations/{id}": region.concert.organisation_id,
    }
    client = Client()
    for path, pk in asked.items():
        for query in ("", "?languages=all", "?expand=occurrences"):
            answer = client.get(path.replace("{id}", str(pk)) + query)
            if answer.status_code == 422:
                assert query
                continue
            assert list(validator("get", path, 200).iter_errors(answer.json())) == []
    gone = client.get(f"/api/v1/events/{region.gone.pk}")
    assert list(validator("get", "/api/v1/events/{id}", 410, "application/problem+json").iter_errors(gone.json())) == []


def test_answers_to_writers_are_as_the_document_says(region: Region, token: str) -> None:
    client = Client(headers={"authorization": f"Bearer {token}"})
    for kind, pk in (("events", region.concert.pk), ("places", region.museum.pk), ("offers", region.tour.pk)):
        body = json.dumps({"url": "https://example.org/"})
        answer = client.patch(f"/api/v1/{kind}/{pk}", body, "application/json", headers={"if-match": "*"})
        assert list(validator("patch", f"/api/v1/{kind}/{{id}}", 200).iter_errors(answer.json())) == []
    assert list(validator("get", "/api/v1/sources", 200).iter_errors(client.get("/api/v1/sources").json())) == []
    path = "/api/v1/sources/{slug}/deliveries"
    open_source("agenda", defaults={"title": "Agenda", "organisation": "Ville d’Uzès", "language": "fr"}, now=NOW)
    bad = "BEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:No date\r\nEND:VEVENT\r\n"
    for query in ("?preview=true", ""):
        answer = client.post(f"/api/v1/sources/agenda/deliveries{query}", calendar(event("a"), bad), "text/calendar")
        assert answer.status_code == 200, answer.content
        assert list(validator("post", path, 200).iter_errors(answer.json())) == []
    client.post("/api/v1/sources/agenda/deliveries", calendar(*(event(f"m{n}") for n in range(9))), "text/calendar")
    refused = client.post("/api/v1/sources/agenda/deliveries", calendar(event("m1")), "text/calendar")
    assert list(validator("post", path, 409).iter_errors(refused.json())) == []


# ---------------------------------------------------------------------- whatever a stranger sends


@pytest.fixture
def application() -> Iterator[Any]:
    # As Django's test client does: the end of a request must not close the connection that the test's transaction is on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_request_whatever_breaks_an_operation(application: Any, region: Region, token: str) -> None:
    """Requests made from the document, right ones and wrong ones (schemathesis)."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = application
    headers = {"Authorization": f"Bearer {token}", "Host": "testserver"}
    told = settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked: Counter[str] = Counter()

    def ask(case: Any) -> None:
        if case.path_parameters.get("id") in {0, 1}:
            case.path_parameters["id"] = region.concert.pk
        asked[case.operation.label] += 1
        case.validate_response(case.call(headers=headers), checks=CHECKS, headers=headers)

    for found in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # some operations cannot be asked wrongly
                told(given(case=found.ok().as_strategy(generation_mode=mode))(ask))()
    assert len(asked) == 23
    assert min(asked.values()) >= EXAMPLES_EACH // 2


def test_the_tests_above_reach_every_kind(region: Region) -> None:
    assert Event.objects.exists()
    assert Place.objects.exists()
    assert Offer.objects.exists()
