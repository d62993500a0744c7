"""Which of the two a request wants, and that what stands in front of Django never mixes them up."""

from __future__ import annotations

from typing import Any

import pytest

from allmende.federation.negotiation import is_activity, wants_activity
from allmende.site.page_cache import is_for_everyone, make_page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
MASTODON = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        (BROWSER, False),
        (MASTODON, True),
        ("application/activity+json", True),
        ("application/activity+json, text/html;q=0.1", True),
        ("text/html, application/activity+json;q=0.5", False),
        ("application/ld+json", False),  # some other JSON-LD
        ("application/activity+json;q=0", False),
        ("application/activity+json;q=x", False),
    ],
)
def test_who_wants_what(accept: str, wanted: bool) -> None:
    assert wants_activity(accept) is wanted


def test_bodies_say_what_they_are() -> None:
    assert is_activity("application/activity+json; charset=utf-8")
    assert is_activity('application/ld+json; profile="https://www.w3.org/ns/activitystreams"')
    assert not is_activity("application/json")


@pytest.mark.parametrize("vary", ["Accept", "Accept, Accept-Language"])
def test_a_kept_page_goes_on_saying_that_it_depends_on_accept(vary: str) -> None:
    headers: list[Any] = [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=60"), ("Vary", vary)]
    has_language = vary == "Accept"
    assert is_for_everyone("200 OK", headers, has_language=has_language)
    page = make_page(headers, b"<html>", stamp=1, now=0.0, has_language=has_language)
    told = dict(page.headers)["Vary"].split(", ")
    assert "Accept" in told
    assert ("Accept-Language" in told) is not has_language
    plain = make_page(headers[:2], b"<html>", stamp=1, now=0.0, has_language=True)
    assert dict(plain.headers)["Vary"] == "Accept-Encoding"
