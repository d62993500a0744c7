"""What other programs read: calendars, sitemap, manifest, search description, vocabulary."""

from __future__ import annotations

from xml.etree import ElementTree

import icalendar
import pytest
from django.test import Client

from allmende.catalogue import vocabulary
from allmende.core.languages import LANGUAGES
from tests.guide.conftest import Region

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
ORIGIN = "http://127.0.0.1:8000"


def body(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    return b"".join(response.streaming_content) if response.streaming else response.content


def summaries(client: Client, address: str) -> list[str]:
    calendar = icalendar.Calendar.from_ical(body(client, address))
    return [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]


def test_calendar_takes_the_filters_of_the_list(region: Region, client: Client) -> None:
    assert sorted(summaries(client, "/en/events.ics")) == ["Concert d’été & chœur", "Exposition", "Marché"]
    assert summaries(client, "/en/events.ics?category=music&free=1&access=step_free") == ["Concert d’été & chœur"]
    assert summaries(client, "/en/events.ics?q=zzzzzz") == []
    assert len(summaries(client, "/events.ics?category=nonsense&from=yesterday&near=x")) == 3


def test_calendar_has_the_headers_that_programs_need(region: Region, client: Client) -> None:
    response = client.get("/en/events.ics?category=music")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="events.ics"'
    assert response["Cache-Control"] == "public, max-age=300"
    calendar = icalendar.Calendar.from_ical(b"".join(response.streaming_content))
    assert str(calendar["X-WR-CALNAME"]).startswith("Uzège · ")


def test_calendar_that_has_not_changed_is_not_sent_again(region: Region, client: Client) -> None:
    first = client.get("/en/events.ics")
    again = client.get("/en/events.ics", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/fr/events.ics", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_one_event_comes_as_a_file(region: Region, client: Client) -> None:
    event = region.series
    address = f"/en/events/{event.slug}-{event.pk}.ics"
    assert client.get(address)["Content-Disposition"] == f'attachment; filename="{event.slug}.ics"'
    calendar = icalendar.Calendar.from_ical(body(client, address))
    assert [str(e["RRULE"].to_ical().decode()) for e in calendar.walk("VEVENT")] == ["FREQ=WEEKLY;COUNT=9"]


def test_withdrawn_or_unknown_event_has_no_file(region: Region, client: Client) -> None:
    assert client.get(f"/en/events/{region.gone.slug}-{region.gone.pk}.ics").status_code == 404
    assert client.get("/en/events/x-999999.ics").status_code == 404


def test_saved_list_comes_as_a_calendar(region: Region, client: Client) -> None:
    items = f"e{region.concert.pk}.p{region.museum.pk}.e{region.series.pk}.e{region.gone.pk}"
    assert sorted(summaries(client, f"/en/events.ics?items={items}")) == ["Concert d’été & chœur", "Marché"]
    assert client.get("/en/events.ics?items=x").status_code == 404


def test_sitemap_lists_every_page_in_every_language(region: Region, client: Client) -> None:
    index = ElementTree.fromstring(body(client, "/sitemap.xml"))
    files = [loc.text or "" for loc in index.iter(f"{SITEMAP}loc")]
    assert files == [f"{ORIGIN}/sitemap-{name}.xml" for name in ("pages-1", "event-1", "place-1", "offer-1")]
    found: dict[str, list[str]] = {}
    for file in files:
        for entry in ElementTree.fromstring(body(client, file.removeprefix(ORIGIN))):
            address = entry.findtext(f"{SITEMAP}loc") or ""
            found[address] = [link.attrib["hreflang"] for link in entry.iter(LINK)]
    concert = f"events/{region.concert.slug}-{region.concert.pk}/"
    for language in LANGUAGES:
        assert found[f"{ORIGIN}/{language}/{concert}"] == [*LANGUAGES, "x-default"]
        assert f"{ORIGIN}/{language}/municipalities/30334-uzes/" in found
    assert not any(region.gone.slug in address for address in found)
    for address in found:
        if address.startswith(f"{ORIGIN}/sv/"):
            assert client.get(address.removeprefix(ORIGIN)).status_code == 200, address


@pytest.mark.parametrize("name", ["event-2", "event-0", "nonsense-1", "pages-2"])
def test_sitemap_file_that_is_none_is_not_found(name: str, region: Region, client: Client) -> None:
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_robots_learn_what_not_to_fetch(region: Region, client: Client) -> None:
    lines = body(client, "/robots.txt").decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /*/favourites/" in lines
    assert lines[-1] == f"Sitemap: {ORIGIN}/sitemap.xml"


def test_manifest_names_the_guide(region: Region, client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    value = response.json()
    assert (value["name"], value["start_url"]) == ("Uzège", "/")


def test_browsers_can_add_the_search(region: Region, client: Client) -> None:
    root = ElementTree.fromstring(body(client, "/fr/opensearch.xml"))
    url = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url is not None
    assert url.attrib["template"] == f"{ORIGIN}/fr/search/?q={{searchTerms}}"


def test_vocabulary_has_labels_in_all_languages(region: Region, client: Client) -> None:
    response = client.get("/vocabulary.json")
    value = response.json()
    assert [category["key"] for category in value["categories"]] == [c.key for c in vocabulary.categories()]
    for name in ("categories", "audiences", "accessibility", "statuses"):
        for term in value[name]:
            assert set(term["labels"]) == set(LANGUAGES), term["key"]
    assert response["Access-Control-Allow-Origin"] == "*"
