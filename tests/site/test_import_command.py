"""``allmende import`` from files, addresses and standard input, with the answers that scripts rely on."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.site.conftest import Installation

EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Paris:{start}
SUMMARY:{title}
END:VEVENT
"""


def calendar(*titles: str, bad: bool = False) -> str:
    events = [
        EVENT.format(uid=f"e{number}", start="20300612T190000", title=title) for number, title in enumerate(titles)
    ]
    if bad:
        events.append(EVENT.format(uid="bad", start="tomorrow", title="No date"))
    lines = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//EN\n" + "".join(events) + "END:VCALENDAR\n"
    return lines.replace("\n", "\r\n")


class Feed(BaseHTTPRequestHandler):
    """A small web server with what the world sends."""

    def do_GET(self) -> None:
        plays = {"feed.ics": self._feed, "moved": self._moved, "inside": self._inside}
        plays.get(self.path.strip("/"), lambda: self._send(404))()

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def _feed(self) -> None:
        self._send(200, calendar("From afar").encode())

    def _moved(self) -> None:
        self._send(301, Location="/feed.ics")

    def _inside(self) -> None:
        self._send(302, Location="http://127.0.0.2/")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def world() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_import_answers_scripts_with_counts_and_exit_codes(installation: Installation, tmp_path: Path) -> None:
    feed = tmp_path / "feed.ics"
    options = ("import", "--source", "town", "--timezone", "Europe/Paris", "--language", "fr", str(feed))
    feed.write_text(calendar("Bal", "Fête", "Marché", "Tir", "Jeu", "Vin"), newline="")

    preview = installation.json(*options, "--preview")
    assert (preview["created"], len(preview["changes"])) == (6, 6)
    first = installation.json(*options)
    assert first == {
        "read": 6, "created": 6, "updated": 0, "unchanged": 0, "withdrawn": 0, "failed": 0,
        "errors": [], "notes": first["notes"], "refused": "",
    }  # fmt: skip
    again = installation.json(*options)
    assert (again["created"], again["unchanged"]) == (0, 6)

    feed.write_text(calendar("Bal", "Fête", "Marché", "Tir", "Jeu", "Vin nouveau", bad=True), newline="")
    mixed = installation.json(*options, exit_code=1)
    assert (mixed["updated"], mixed["unchanged"], mixed["failed"]) == (1, 5, 1)
    assert [error["key"] for error in mixed["errors"]] == ["bad"]
    assert mixed["errors"][0]["where"]

    feed.write_text(calendar("Bal"), newline="")
    refused = installation.json(*options, exit_code=3)
    assert "--allow-vanish" in refused["refused"]
    assert installation.json(*options, "--allow-vanish")["withdrawn"] == 5

    feed.write_text("hello")
    assert installation.json(*options, exit_code=2)["exit"] == 2


def test_import_from_an_address_and_from_standard_input(installation: Installation, world: str) -> None:
    assert installation.json("import", "--source", "web", f"{world}/feed.ics")["created"] == 1
    piped = installation.run("import", "--source", "pipe", "--json", "-", stdin=calendar("Bal"))
    assert json.loads(piped.stdout)["created"] == 1
    assert list((installation.data / "deliveries").iterdir()) == []
    gone = installation.run("import", "--source", "web", f"{world}/nothing", exit_code=2)
    assert "answered 404" in gone.stderr


def test_import_trusts_the_host_that_was_typed_not_what_it_redirects_to(installation: Installation, world: str) -> None:
    assert installation.json("import", "--source", "web", f"{world}/moved")["created"] == 1
    away = installation.run("import", "--source", "web", f"{world}/inside", exit_code=2)
    assert "127.0.0.2 is not in the public internet" in away.stderr


def test_import_names_what_is_wrong_with_the_command_line(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "mapping.json").write_text("{")
    mapping = ("--mapping", str(tmp_path / "mapping.json"))
    file = str(tmp_path / "none.csv")
    assert "There is no file" in installation.run("import", "--source", "x", file, exit_code=2).stderr
    assert "is not JSON" in installation.run("import", "--source", "x", *mapping, file, exit_code=2).stderr
