"""``allmende sources``: the list of what a portal offers, and commands that can be pasted without harm."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allmende.site.commands.sources import source_name
from tests.conftest import ROOT
from tests.site.conftest import Installation

SAMPLES = ROOT / "src" / "allmende" / "formats" / "dcat" / "samples"
CATALOGUE = SAMPLES / "catalogue.ttl"
HARMFUL = """@prefix d: <http://www.w3.org/ns/dcat#> . @prefix t: <http://purl.org/dc/terms/> .
<urn:1> a d:Dataset ; t:title "$(rm -rf ~); 'x'" ; t:publisher "`id`" ; d:distribution [
  t:license "a b; echo" ; d:downloadURL <https://a.example/x.ics?a=1&b=2> ] .
"""


class Portal(BaseHTTPRequestHandler):
    """A data portal with one catalogue."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/catalogue" else 404)
        self.send_header("Content-Type", "text/turtle")
        self.end_headers()
        if self.path == "/catalogue":
            self.wfile.write(CATALOGUE.read_bytes())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def portal() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_list_names_the_command_for_each(installation: Installation) -> None:
    done = installation.run("sources", "--from-dcat", str(CATALOGUE), "--language", "de")
    lines = done.stdout.splitlines()
    assert lines[0] == "Museen (CSV, Kulturamt)"
    assert shlex.split(lines[1]) == [
        "allmende", "import", "--source", "museen", "--format", "csv", "--title", "Museen", "--language", "de",
        "--licence", "CC BY 4.0", "--credit", "Kulturamt", "--preview", "https://daten.example.org/museen.csv",
    ]  # fmt: skip
    assert lines[-1] == "1 more that no reader understands; --all lists them"


def test_the_answer_for_machines(installation: Installation) -> None:
    done = installation.run("sources", "--from-dcat", str(SAMPLES / "catalogue.jsonld"), "--all", "--json")
    payload = json.loads(done.stdout)
    assert [(item["reader"], bool(item["command"])) for item in payload["distributions"]] == [
        ("", False), ("ical", True), ("csv", True), ("geojson", True),
    ]  # fmt: skip
    assert payload["without_reader"] == 0


def test_a_catalogue_from_an_address(installation: Installation, portal: str) -> None:
    done = installation.run("sources", "--from-dcat", f"{portal}/catalogue", "--json")
    assert len(json.loads(done.stdout)["distributions"]) == 3
    installation.run("sources", "--from-dcat", f"{portal}/nothing", exit_code=2)


def test_what_a_catalogue_says_is_quoted(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "harmful.ttl"
    path.write_text(HARMFUL)
    line = installation.run("sources", "--from-dcat", str(path)).stdout.splitlines()[1]
    words = shlex.split(line)
    assert words[words.index("--title") + 1] == "$(rm -rf ~); 'x'"
    assert words[words.index("--credit") + 1] == "`id`"
    assert words[-1] == "https://a.example/x.ics?a=1&b=2"


def test_what_is_no_catalogue_is_refused(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!DOCTYPE html><html></html>")
    done = installation.run("sources", "--from-dcat", str(path), "--json", exit_code=2)
    assert "web page" in json.loads(done.stdout)["error"]
    installation.run("sources", "--from-dcat", str(tmp_path / "none.ttl"), exit_code=2)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Museen & Schlösser", "museen-schlosser"),
        ("Straßenfeste", "strassenfeste"),
        ("日本", "source"),
        ("a" * 90, "a" * 40),
    ],
)
def test_short_names_of_sources(title: str, name: str) -> None:
    assert source_name(title) == name
