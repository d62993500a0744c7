"""The API behind the front: packed, never kept, refused in its own words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from allmende.site.api import ANONYMOUS
from tests.guide.conftest import Region, _fresh, deliver, region
from tests.site.test_front import Site, packed_files, site

__all__ = ["_fresh", "deliver", "packed_files", "region", "site"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def front(site: Site, settings: Any) -> Site:
    """The front with the real addresses behind it."""
    settings.ROOT_URLCONF = "allmende.site.urls"
    ANONYMOUS.forget()
    return site


def test_answers_are_packed_and_made_each_time(front: Site, region: Region) -> None:
    first = front.get("/api/v1/events", HTTP_ACCEPT_ENCODING="br, gzip")
    assert (first.status, first.headers["content-encoding"]) == (200, "br")
    assert first.headers["vary"] == "Accept-Language, Authorization, Accept-Encoding"
    assert "x-cache" not in first.headers
    assert front.get("/api/v1/events?cursor=none").status == 422  # no parameter is taken off on the way
    again = front.get("/api/v1/events", HTTP_IF_NONE_MATCH=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_session_changes_nothing(front: Site, region: Region) -> None:
    plain = front.get("/api/v1/places")
    own = front.get("/api/v1/places", HTTP_COOKIE="sessionid=abc", HTTP_ACCEPT_ENCODING="gzip")
    assert own.text == plain.text
    assert own.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in own.headers


def test_head_has_the_headers_of_get(front: Site, region: Region) -> None:
    head, get = front.get("/api/v1/places", method="HEAD"), front.get("/api/v1/places")
    assert head.body == b""
    assert head.headers["etag"] == get.headers["etag"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"CONTENT_LENGTH": str(3 * 2**20)}, 413),
        ({"CONTENT_LENGTH": str(65 * 2**20), "HTTP_AUTHORIZATION": "Bearer x"}, 413),
        ({"CONTENT_LENGTH": str(3 * 2**20), "HTTP_AUTHORIZATION": "Bearer x"}, 401),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_refusals_are_problem_details(front: Site, more: dict[str, str], status: int) -> None:
    got = front.get("/api/v1/sources/agenda/deliveries", method="POST", **more)
    assert (got.status, got.headers["content-type"]) == (status, "application/problem+json")
    assert orjson.loads(got.body)["status"] == status


def test_an_address_that_is_too_long_is_a_problem_too(front: Site) -> None:
    got = front.get("/api/v1/events?q=" + "x" * 9000)
    assert (got.status, got.headers["content-type"]) == (414, "application/problem+json")


def test_the_page_for_developers_is_kept_as_any_page(front: Site, region: Region) -> None:
    assert [front.get("/fr/api/").headers["x-cache"] for _ in range(2)] == ["miss", "hit"]
    got = front.get("/api/try/list_events/?limit=3")
    assert (got.status, got.headers["location"]) == (303, "/api/v1/events?limit=3")
