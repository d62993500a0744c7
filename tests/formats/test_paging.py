"""Where the next page is, as the web services of the region say it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from allmende.formats import csv_table, geojson, plain_json, schema_org
from allmende.formats.paging import next_page

HERE = "https://api.example.org/events?page=2"


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ({"next": HERE, "results": []}, HERE),
        ({"meta": {"count": 3, "next": HERE, "previous": None}, "data": []}, HERE),
        ({"links": {"next": "/events?page=2"}}, "/events?page=2"),
        ({"links": {"next": {"href": "?page=2"}}}, "?page=2"),
        ({"_links": {"self": {"href": "/a"}, "next": {"href": HERE}}}, HERE),
        ({"type": "FeatureCollection", "links": [{"rel": "self", "href": "/"}, {"rel": "next", "href": HERE}]}, HERE),
        ({"@odata.nextLink": HERE, "value": []}, HERE),
        ({"hydra:view": {"@id": "/a", "hydra:next": "/events?page=2"}}, "/events?page=2"),
        ({"view": {"next": {"@id": HERE}}}, HERE),
        ({"pagination": {"next": HERE}}, HERE),
        ({"meta": {"next": None}}, None),
        ({"next": ""}, None),
        ({"next": 7}, None),
        ({"next": "Concert"}, None),
        ({"next": "javascript:alert(1)"}, None),
        ({"next": "file:///etc/passwd"}, None),
        ({"next": "https://example.org/" + "x" * 2000}, None),
        ({"links": [{"rel": "prev", "href": HERE}, "next"]}, None),
        ([{"next": HERE}], None),
        ("next", None),
    ],
)
def test_the_next_page_is_found_where_services_name_it(page: Any, address: str | None) -> None:
    assert next_page(json.dumps(page).encode()) == address


@pytest.mark.parametrize("page", [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"BEGIN:VCALENDAR"])
def test_what_is_no_page_has_no_next_one(page: bytes) -> None:
    assert next_page(page) is None


def test_readers_of_json_offer_it() -> None:
    for reader in (plain_json, geojson, schema_org):
        assert reader.next_page is next_page
    assert not hasattr(csv_table, "next_page")
