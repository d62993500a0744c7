"""``allmende import`` from files, addresses and standard input, with the answers that scripts rely on."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allmende.site.fetch import Bounds, FetchFailed, fetch, file_name
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
        {"feed.ics": self._feed, "packed": self._packed, "loop": self._loop, "moved": self._moved}.get(
            self.path.strip("/"), self._special
        )()

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def _feed(self) -> None:
        self._send(200, calendar("From afar").encode())

    def _packed(self) -> None:
        self._send(200, gzip.compress(b"x" * 5000), Content_Encoding="gzip")

    def _loop(self) -> None:
        self._send(302, Location="/loop")

    def _moved(self) -> None:
        self._send(301, Location="/feed.ics")

    def _special(self) -> None:
        match self.path.strip("/"):
            case "bomb":
                self._send(200, gzip.compress(b"\0" * 30_000_000), Content_Encoding="gzip")
            case "large":
                self._send(200, b"x" * 3_000_000)
            case "brotli":
                self._send(200, b"x", Content_Encoding="br")
            case "away":
                self._send(302, Location="file:///etc/passwd")
            case "slow":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    for _ in range(40):
                        self.wfile.write(b"x" * 100)
                        self.wfile.flush()
                        time.sleep(0.1)
            case "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"x" * 10)
            case _:
                self._send(404)

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


BOUNDS = Bounds(seconds=60, size=2_000_000, redirects=3)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nothing", "answered 404"),
        ("/bomb", "larger than 1 MB"),
        ("/large", "larger than 1 MB"),
        ("/brotli", "packed as br"),
        ("/loop", "redirects more than 3 times"),
        ("/away", "file:/etc/passwd is not an http or https address"),
        ("/cut", "could not be fetched"),
    ],
)
def test_fetch_gives_up_with_the_reason(world: str, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        fetch(world + path, tmp_path / "got", bounds=BOUNDS)


@pytest.mark.parametrize(
    "address", ["ftp://example.org/x", "file:///etc/passwd", "http://", "http://[", "http://127.0.0.1:1/"]
)
def test_fetch_refuses_what_is_no_web_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(FetchFailed):
        fetch(address, tmp_path / "got", bounds=BOUNDS)


def test_fetch_gives_up_on_a_server_that_trickles(world: str, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="took longer than 1 seconds"):
        fetch(world + "/slow", tmp_path / "got", bounds=Bounds(seconds=1, size=2_000_000))


def test_fetch_follows_and_unpacks(world: str, tmp_path: Path) -> None:
    fetch(world + "/moved", tmp_path / "moved", bounds=BOUNDS)
    assert (tmp_path / "moved").read_bytes() == calendar("From afar").encode()
    fetch(world + "/packed", tmp_path / "packed", bounds=BOUNDS)
    assert (tmp_path / "packed").read_bytes() == b"x" * 5000


def test_file_names_from_addresses_are_harmless() -> None:
    assert file_name("https://example.org/a/événements d'été.ics?x=1") == "v-nements-d-t-.ics"
    assert file_name("https://example.org/..%2F..%2Fetc%2Fpasswd") == "passwd"
    assert file_name("https://example.org/") == "delivery"


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


def test_import_names_what_is_wrong_with_the_command_line(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "mapping.json").write_text("{")
    mapping = ("--mapping", str(tmp_path / "mapping.json"))
    file = str(tmp_path / "none.csv")
    assert "There is no file" in installation.run("import", "--source", "x", file, exit_code=2).stderr
    assert "is not JSON" in installation.run("import", "--source", "x", *mapping, file, exit_code=2).stderr
