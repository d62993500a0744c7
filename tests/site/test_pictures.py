"""``allmende pictures`` against a web server with what the world calls a picture."""

from __future__ import annotations

import io
import json
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from allmende.catalogue.actions.pictures import PictureReport, fetch_pictures
from allmende.catalogue.models import Event, Media, Source
from allmende.core.content import content_stamp
from allmende.core.fetch import ANYWHERE
from allmende.site.commands.pictures import getter
from tests.catalogue.conftest import MAPPING, Deliver, deliver, event, source, towns
from tests.site.conftest import Installation

__all__ = ["deliver", "source", "towns"]

FIELDS: Any = MAPPING["fields"]
PICTURES: dict[str, Any] = {
    **MAPPING,
    "fields": {**FIELDS, "images": {"each": "images", "url": "u", "licence": "l", "credit": "c"}},
}


def jpeg(size: tuple[int, int] = (2400, 1200)) -> bytes:
    """A photograph that lies on its side and knows where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (44.0, 3.0, 7.0)
    exif[0x010E] = "Taken at home"
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (300, 200), (200, 30, 30, 128)).save(out, "PNG")
    return out.getvalue()


def huge() -> bytes:
    """A few bytes that claim to be ten thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


class World(ThreadingHTTPServer):
    daemon_threads = True
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, World)
        self.server.asked.append(self.path)
        bodies: dict[str, Callable[[], bytes]] = {
            "/photo.jpg": jpeg,
            "/logo.png": png,
            "/huge.png": huge,
            "/page.jpg": lambda: b"<!doctype html><script>alert(1)</script>",
            "/drawing.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "/cut.jpg": lambda: jpeg()[:4000],
        }
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/photo.jpg")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = bodies[self.path]() if self.path in bodies else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def world() -> Iterator[World]:
    server = World(("127.0.0.1", 0), Answers)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def image(url: str, licence: str = "CC BY 4.0", credit: str = "Anna") -> dict[str, str]:
    return {"u": url, "l": licence, "c": credit}


def run(tmp_path: Path, *, allow_private: bool = True, **options: Any) -> PictureReport:
    return fetch_pictures(getter(tmp_path, allow=ANYWHERE if allow_private else ()), tmp_path / "media", **options)


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def sizes(folder: Path) -> list[tuple[int, int]]:
    return sorted(opened(path).size for path in (folder / "media" / "pictures").iterdir())


@pytest.mark.django_db
def test_a_picture_is_drawn_anew_and_named_on_its_record(deliver: Deliver, world: World, tmp_path: Path) -> None:
    deliver([event("a", images=[image(world.url + "/moved"), image(world.url + "/logo.png")])], mapping=PICTURES)
    before = content_stamp()
    assert run(tmp_path) == PictureReport(kept=2, fetched=2)
    first, second = Media.objects.all()
    assert (first.width, first.height) == (800, 1600)
    assert (second.width, second.height) == (300, 200)
    assert first.file.startswith("pictures/")
    assert first.file.endswith("-1600.webp")
    assert Event.objects.get().picture == first.file.replace("-1600.", "-640.")
    assert sizes(tmp_path) == [(300, 200), (300, 200), (320, 640), (800, 1600)]
    for path in (tmp_path / "media" / "pictures").iterdir():
        kept = opened(path)
        assert (kept.format, dict(kept.getexif()), kept.info.get("xmp")) == ("WEBP", {}, None)
        assert b"Taken at home" not in path.read_bytes()
    assert content_stamp() == before + 2


@pytest.mark.django_db
def test_nothing_is_fetched_twice(deliver: Deliver, world: World, tmp_path: Path) -> None:
    photo = image(world.url + "/photo.jpg")
    deliver([event("a", images=[photo]), event("b", images=[photo])], mapping=PICTURES)
    assert run(tmp_path) == PictureReport(kept=2, fetched=1)
    assert run(tmp_path) == PictureReport()
    deliver([event("a", images=[photo]), event("b", images=[photo]), event("c", images=[photo])], mapping=PICTURES)
    assert run(tmp_path) == PictureReport(kept=1, fetched=0)
    assert world.asked == ["/photo.jpg"]


@pytest.mark.django_db
def test_bad_pictures_do_not_hold_up_good_ones(deliver: Deliver, world: World, tmp_path: Path) -> None:
    names = ("page.jpg", "drawing.svg", "huge.png", "cut.jpg", "none.jpg?key=secret", "logo.png")
    deliver([event("a", images=[image(f"{world.url}/{name}") for name in names])], mapping=PICTURES)
    report = run(tmp_path, limit=1)
    assert (report.kept, report.fetched) == (1, 1)
    no_picture = "This is not a PNG, JPEG or WebP picture. Save it as one of these."
    assert [(error.host, error.reason) for error in report.errors] == [
        ("127.0.0.1", no_picture),
        ("127.0.0.1", no_picture),
        ("127.0.0.1", "The picture has too many pixels. Make it smaller than 7,000 by 7,000."),
        ("127.0.0.1", "The picture is damaged. Save it again and upload it once more."),
        ("127.0.0.1", "127.0.0.1 answered 404 Not Found."),
    ]
    assert Event.objects.get().picture == Media.objects.exclude(file="").get().file.replace("-1600.", "-640.")


@pytest.mark.django_db
def test_pictures_without_rights_stay_where_they_are(
    deliver: Deliver, source: Source, world: World, tmp_path: Path
) -> None:
    deliver([event("a", images=[image(world.url + "/logo.png", "", "")])], mapping=PICTURES)
    assert run(tmp_path) == PictureReport(without_rights=1)
    assert world.asked == []
    Source.objects.update(licence="CC BY 4.0")
    assert run(tmp_path, source=source) == PictureReport(kept=1, fetched=1)


@pytest.mark.django_db
def test_pictures_of_withdrawn_records_are_not_fetched(deliver: Deliver, world: World, tmp_path: Path) -> None:
    deliver([event("a", images=[image(world.url + "/logo.png")])], mapping=PICTURES)
    Event.objects.update(state="withdrawn")
    assert run(tmp_path) == PictureReport()


@pytest.mark.django_db
def test_an_import_keeps_pictures_whose_address_stays(deliver: Deliver, world: World, tmp_path: Path) -> None:
    photo, logo = image(world.url + "/photo.jpg"), image(world.url + "/logo.png")
    deliver([event("a", images=[photo])], mapping=PICTURES)
    run(tmp_path)
    kept = Media.objects.get()
    deliver([event("a", "Other title", images=[logo, {**photo, "c": "Bo"}])], mapping=PICTURES)
    assert list(Media.objects.values_list("url", "position", "credit", "file")) == [
        (logo["u"], 0, "Anna", ""),
        (photo["u"], 1, "Bo", kept.file),
    ]
    assert Media.objects.get(url=photo["u"]).pk == kept.pk
    assert Event.objects.get().picture == kept.file.replace("-1600.", "-640.")
    assert run(tmp_path) == PictureReport(kept=1, fetched=1)
    assert Event.objects.get().picture == Media.objects.get(url=logo["u"]).file.replace("-1600.", "-640.")


@pytest.mark.django_db
def test_a_picture_that_the_feed_drops_goes_with_its_files(deliver: Deliver, world: World, tmp_path: Path) -> None:
    deliver([event("a", images=[image(world.url + "/photo.jpg")])], mapping=PICTURES)
    run(tmp_path)
    Media.objects.create(kind="event", item_id=Event.objects.get().pk, position=9, file="own/hand.png")
    deliver([event("a", images=[])], mapping=PICTURES)
    assert list(Media.objects.values_list("file", flat=True)) == ["own/hand.png"]
    assert Event.objects.get().picture == "own/hand.png"
    assert run(tmp_path) == PictureReport()  # too young: another process may be about to name them
    for path in (tmp_path / "media" / "pictures").iterdir():
        os.utime(path, (0, 0))
    assert run(tmp_path) == PictureReport(removed=2)
    assert list((tmp_path / "media" / "pictures").iterdir()) == []


@pytest.mark.django_db
def test_hosts_of_the_own_network_are_not_asked(deliver: Deliver, world: World, tmp_path: Path) -> None:
    deliver([event("a", images=[image(world.url + "/photo.jpg")])], mapping=PICTURES)
    report = run(tmp_path, allow_private=False)
    assert [error.reason for error in report.errors] == [
        "127.0.0.1 is not in the public internet. If this is intended, the operator can allow it with "
        "ALLMENDE_FETCH_ALLOW."
    ]
    assert world.asked == []


def test_the_command_answers_scripts(installation: Installation, world: World, tmp_path: Path) -> None:
    images = [image(world.url + "/photo.jpg"), image(world.url + "/page.jpg")]
    (tmp_path / "feed.json").write_text(json.dumps([event("a", start="2031-06-01T19:30", images=images)]))
    (tmp_path / "mapping.json").write_text(json.dumps(PICTURES))
    mapping = ("--mapping", str(tmp_path / "mapping.json"))
    installation.json("import", "--source", "agenda", "--format", "json", *mapping, str(tmp_path / "feed.json"))
    refused = installation.json("pictures", exit_code=1)
    assert (refused["kept"], refused["failed"], world.asked) == (0, 2, [])
    first = installation.json("pictures", "--source", "agenda", "--allow-private", exit_code=1)
    assert (first["kept"], first["fetched"], first["failed"]) == (1, 1, 1)
    assert [error["host"] for error in first["errors"]] == ["127.0.0.1"]
    shown = installation.run("pictures", "--allow-private", exit_code=1).stdout
    assert shown.startswith("kept 0 (fetched 0), without rights 0, failed 1, removed files 0\nerror: 127.0.0.1: event ")
    assert world.asked == ["/photo.jpg", "/page.jpg", "/page.jpg"]
    assert "no source nobody" in installation.run("pictures", "--source", "nobody", exit_code=2).stderr
    assert len(list((installation.data / "media" / "pictures").iterdir())) == 2
    assert [path.name for path in installation.data.glob("pictures-*")] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("licence", "credit", "line"),
    [("CC BY 4.0", "Anna", "Picture: Anna (CC BY 4.0)"), ("CC0", "", "Picture: CC0"), ("", "Bo", "Picture: Bo")],
)
def test_card_and_page_show_it_with_its_rights(
    deliver: Deliver, world: World, tmp_path: Path, licence: str, credit: str, line: str
) -> None:
    deliver([event("a", images=[image(world.url + "/photo.jpg", licence, credit)])], mapping=PICTURES)
    Event.objects.update(starts_at="2031-06-01T17:30Z", last_day="2031-06-01")
    run(tmp_path)
    found, kept = Event.objects.get(), Media.objects.get()
    page = Client().get(f"/en/events/{found.slug}-{found.pk}/").content.decode()
    assert f'<img src="/media/{kept.file}" alt="" width="800" height="1600"' in page
    assert f"<p>{line}</p>" in page
    listed = Client().get("/en/events/?from=2026-12-01&to=2026-12-31").content.decode()
    assert f'<img src="/media/{found.picture}"' in listed
