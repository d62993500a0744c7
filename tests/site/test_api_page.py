"""The page for developers: complete without scripts, made from the document, in every language."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from django.test import Client

from allmende.site.api import openapi
from tests.guide.conftest import Region, _fresh, deliver, region

__all__ = ["_fresh", "deliver", "region"]

pytestmark = pytest.mark.django_db
LANGUAGES = ("de", "sv", "da", "nl", "fr")


def html(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(p, m, o) for p, methods in openapi()["paths"].items() for m, o in methods.items()]


def test_every_operation_and_parameter_is_on_the_page(region: Region) -> None:
    page = html("/en/api/")
    for path, _, operation in operations():
        assert f'id="{operation["operationId"]}"' in page
        assert f'<code class="where">{path}</code>' in page
        for parameter in operation["parameters"]:
            if parameter["in"] in {"path", "query"}:
                assert f"<code>{parameter['name']}</code>" in page


def test_a_form_opens_its_answer_without_scripts(region: Region) -> None:
    client = Client()
    answer = client.get("/api/try/list_events/?q=&category=music&category=festival&limit=2&since=")
    assert (answer.status_code, answer["Location"]) == (303, "/api/v1/events?limit=2&category=music&category=festival")
    assert client.get(answer["Location"]).status_code == 200
    answer = client.get(f"/api/try/get_event/?id={region.concert.pk}&fields=name")
    assert answer["Location"] == f"/api/v1/events/{region.concert.pk}?fields=name"
    assert client.get("/api/try/get_event/?id=../../x")["Location"] == "/api/v1/events/..%2F..%2Fx"
    assert client.get("/api/try/get_event/")["Location"] == "/api/v1/events/-"
    for operation in ("change_event", "deliver", "nothing"):
        assert client.get(f"/api/try/{operation}/").status_code == 404
    assert client.post("/api/try/list_events/").status_code == 405


def test_every_form_as_it_stands_answers_something(region: Region) -> None:
    page = html("/en/api/")
    client = Client()
    forms = re.findall(r'<form action="(/api/try/\w+/)"(.*?)</form>', page, re.DOTALL)
    assert len(forms) == 13
    for action, body in forms:
        filled = dict(re.findall(r'name="(\w+)" type="\w+"(?: inputmode="\w+")? value="([^"]*)"', body))
        there = client.get(action, filled)["Location"]
        answer = client.get(there)
        assert answer.status_code in {200, 404, 410}, there
        assert answer["Content-Type"] in {"application/json", "application/problem+json"}


def test_the_command_lines_are_whole(region: Region) -> None:
    for line in re.findall(r'class="curl" readonly value="([^"]*)"', html("/en/api/")):
        words = shlex.split(
            line.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").replace("&quot;", '"')
        )
        assert words[0] == "curl"
        assert words[-1].startswith("http://127.0.0.1:8000/api/v1/")
        assert "{" not in words[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_translated(region: Region, language: str) -> None:
    page = html(f"/{language}/api/")
    for _, _, operation in operations():
        assert operation["summary"].replace("’", "&#8217;") not in page
        assert operation["summary"] not in page
    for text in ("How many at most on a page.", "Try it<", "In short", "Open to everybody"):
        assert text not in page
    assert f'lang="{language}"' in page


def test_the_page_is_reached_from_every_page_and_from_the_sources(region: Region) -> None:
    assert html("/fr/").count('href="/fr/api/"') == 1
    assert html("/fr/sources/").count('href="/fr/api/"') == 2


def test_nothing_on_the_page_needs_an_exception_of_the_policy(region: Region) -> None:
    answer = Client().get("/en/api/")
    page = answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert re.findall(r"<script(?![^>]*(?:src=|ld\+json))", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//(?!127\.0\.0\.1)[^"]*"', page) == []
    assert answer["Cache-Control"] == "public, max-age=60"
