"""Widgets: what stands in other people's pages."""

from __future__ import annotations

import pytest
from django.test import Client

from allmende.guide.brand import contrast
from allmende.guide.embed_theme import theme_css, theme_of
from tests.guide.conftest import Region

PAGES = ("/fr/embed/list/", "/fr/embed/calendar/", "/fr/embed/map/")


@pytest.mark.parametrize("path", PAGES)
def test_a_widget_may_be_framed_and_sets_no_cookie(region: Region, client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert answer["Cache-Control"].startswith("public")


def test_no_other_page_may_be_framed(region: Region, client: Client) -> None:
    for path in ("/fr/", "/fr/events/", "/fr/workspace/sign-in/", "/fr/widgets/", "/fr/report/"):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


def test_the_list_takes_filters_a_kind_and_a_limit(region: Region, client: Client) -> None:
    html = client.get("/fr/embed/list/?category=music").content.decode()
    assert "Concert d’été" in html
    assert "Marché" not in html
    assert client.get("/fr/embed/list/?limit=1").content.decode().count("<li class=") == 1
    assert client.get("/fr/embed/list/?kind=place").content.decode().count("/fr/places/") >= 1
    assert client.get("/fr/embed/list/?limit=x&kind=y&q=zzzz").status_code == 200


def test_one_event_and_what_is_not_public(region: Region, client: Client) -> None:
    event = region.series
    assert event.slug in client.get(f"/fr/embed/event/{event.pk}/").content.decode()
    type(event).objects.filter(pk=event.pk).update(state="draft")
    assert client.get(f"/fr/embed/event/{event.pk}/").status_code == 404
    assert client.get("/fr/embed/event/999999/").status_code == 404


def test_the_calendar_keeps_filters_and_colours_when_it_turns(region: Region, client: Client) -> None:
    html = client.get("/sv/embed/calendar/?category=music&paper=101820&ink=ffffff").content.decode()
    assert "category=music&amp;paper=101820&amp;ink=ffffff" in html
    assert 'data-theme="dark"' in html


@pytest.mark.parametrize(
    ("paper", "ink"), [("ffffff", "cccccc"), ("777777", "888888"), ("000000", "111111"), ("ffff00", "ffffff")]
)
def test_text_is_readable_whatever_the_hosts_colours(paper: str, ink: str) -> None:
    css = theme_css(theme_of({"paper": paper, "ink": ink}), "#8a1c2f", "#b45309")
    told = dict(part.split(":") for part in css.split("{")[1].split("}")[0].split(";") if part.startswith("--"))
    for text in ("--ink", "--ink-2"):
        assert contrast(told[text], told["--paper"]) >= 4.5
    assert contrast(told["--ink"], told["--card"]) >= 4.5


@pytest.mark.parametrize("bad", ["red", "fff", "}body{display:none}", "ffffff;x", "url(//x)"])
def test_a_theme_takes_nothing_but_colours_and_names(bad: str) -> None:
    theme = theme_of({"paper": bad, "ink": bad, "accent": bad, "font": bad + "~Arial~'; } body {"})
    assert (theme.paper, theme.ink, theme.accent) == ("", "", "")
    css = theme_css(theme, "#8a1c2f", "#b45309")
    assert "display" not in css
    assert "url" not in css
    assert '"Arial"' in css


def test_the_loader_names_no_other_host(region: Region, client: Client) -> None:
    answer = client.get("/widget.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "cookie" not in answer.content.decode().replace("No cookie is set", "")


def test_the_builder_writes_a_line_that_works(region: Region, client: Client) -> None:
    html = client.get("/fr/widgets/?category=music&show=calendar").content.decode()
    assert "data-show=&#34;calendar&#34;" in html
    assert "category=music" in html
    for language in ("de", "sv", "da", "nl", "fr", "en"):
        assert client.get(f"/{language}/widgets/").status_code == 200
