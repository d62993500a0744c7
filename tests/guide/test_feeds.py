"""RSS and Atom of a list: its filters, well-formed, with ids that stay."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from allmende.catalogue import queries
from tests.guide.conftest import Region

ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    whole = b"".join(response.streaming_content)
    etree.fromstring(whole)
    found = feedparser.parse(whole)
    assert not found.bozo
    return found


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_feed_takes_the_filters_of_the_list(region: Region, client: Client, name: str) -> None:
    assert len(read(client, f"/fr/events.{name}").entries) == 3
    music = read(client, f"/fr/events.{name}?category=music&free=1")
    assert [entry.title.partition(" (")[0] for entry in music.entries] == ["Concert d’été & chœur"]
    assert music.feed.title.startswith("Uzège · ")
    assert read(client, f"/fr/events.{name}?q=zzzzzz").entries == []


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_entry_says_when_where_and_under_which_terms(region: Region, client: Client, name: str) -> None:
    entry = next(e for e in read(client, f"/fr/events.{name}").entries if e.title.startswith("Concert"))
    assert entry.link == f"http://127.0.0.1:8000/fr/events/{region.concert.slug}-{region.concert.pk}/"
    assert entry.id == f"tag:127.0.0.1,{region.concert.created_at:%Y-%m-%d}:event-{region.concert.pk}"
    assert "Cathédrale, Place de l’Évêché, 30700 Uzès" in entry.summary
    assert "19:30–22:00" in entry.summary
    assert entry.rights == "Ville d’Uzès · Licence Ouverte 2.0"
    assert entry.where["coordinates"] == (4.42, 44.05)
    assert [tag.get("label") or tag.term for tag in entry.tags] == ["Concerts et musique"]
    assert entry.author == "Chœur d’Uzès"


def test_soonest_first_where_asked_for(region: Region, client: Client) -> None:
    """In the order of the list: what runs on stands behind what begins."""
    titles = [entry.title for entry in read(client, "/en/events.atom?sort=soonest").entries]
    listed = queries.list_events(queries.Filters(), language="en", now=timezone.now(), zone=ZoneInfo("Europe/Paris"))
    assert len(titles) == 3
    assert [title.split(" (")[0] for title in titles] == [card.name.text for card in listed.cards]


def test_feed_that_has_not_changed_is_not_sent_again(region: Region, client: Client) -> None:
    first = client.get("/en/events.rss")
    assert first["Content-Type"] == "application/rss+xml; charset=utf-8"
    again = client.get("/en/events.rss", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/en/events.atom", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_lists_name_their_feeds(region: Region, client: Client) -> None:
    page = client.get("/en/events/?category=music").content.decode()
    assert 'type="application/rss+xml"' in page
    assert 'href="/en/events.atom?category=music"' in page
    assert "events.rss" not in client.get("/en/places/").content.decode()


def test_feed_validates_as_atom(region: Region, client: Client) -> None:
    """What RFC 4287 demands of every feed and entry."""
    feed = etree.fromstring(b"".join(client.get("/de/events.atom").streaming_content))
    for node in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(f"{ATOM}{name}")) == 1, name
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
