"""The library of pictures: what is taken, who may, when it is public, and when rights end."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from allmende.catalogue.actions import publish_item, withdraw_item
from allmende.catalogue.actions.library_files import original_of, public_name
from allmende.catalogue.models import Event, Media, Picture
from allmende.catalogue.pictures.actions import add_picture, describe_picture, set_removed, show_picture
from allmende.catalogue.pictures.rights import watch_rights
from allmende.core.models import Notice, User
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, words

LIBRARY = "/en/workspace/media/"
FULL = {"licence": "cc-by", "credit": "Anna", "alt": {"original": "en", "texts": {"en": "A stage"}}}


@pytest.fixture(autouse=True)
def own_media_folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "data" / "media"


def picture_of(width: int = 900, height: int = 600, kind: str = "JPEG", **options: Any) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), (200, 20, 20))
    image.paste((20, 20, 200), (width // 2, 0, width, height))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def upload(data: bytes, name: str = "stage.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def editor() -> User:
    return User.objects.get(email="editor@example.org")


def kept(data: bytes | None = None, **facts: Any) -> Picture:
    """A picture of the town with everything that it needs."""
    town = Event.objects.values_list("organisation_id", flat=True)[0]
    picture = add_picture(io.BytesIO(data or picture_of()), "stage.jpg", town or 0, by=editor(), now=NOW)
    describe_picture(picture.pk, {**FULL, **facts}, by=editor(), now=NOW)
    picture.refresh_from_db()
    return picture


def public_file(picture: Picture, settings: Any) -> Path:
    picture.refresh_from_db()
    return Path(settings.MEDIA_ROOT) / public_name(picture.token)


def with_position() -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (44.0, 0.0, 45.0), 3: "E", 4: (4.0, 25.0, 12.0)}
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # lies on its side
    return picture_of(exif=exif.tobytes()) + b"trailing <script>alert(1)</script>"


def huge_png() -> bytes:
    """A hundred bytes that say they are 40,000 by 40,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "svg named jpg": SVG,
    "html named jpg": b"<!doctype html><script>alert(1)</script>",
    "gif with script": b"GIF89a/*<script>*/",
    "bomb": huge_png(),
    "jpeg head, html body": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "cut off": picture_of()[:200],
    "nothing": b"\0",
    "tiff": picture_of(kind="TIFF"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused_by_its_content(concert: Event, people: People, name: str) -> None:
    answer = people.editor.post(LIBRARY, {"file": upload(HOSTILE[name])})
    assert answer.status_code == 422
    assert 'role="alert"' in words(answer)
    assert not Picture.objects.exists()


def test_a_picture_is_drawn_anew_upright_without_position_camera_or_what_hides_behind(concert: Event) -> None:
    picture = kept(with_position())
    data = original_of(picture.token).read_bytes()
    image = Image.open(io.BytesIO(data))
    assert image.format == "WEBP"
    assert image.size == (600, 900)
    assert dict(image.getexif()) == {}
    assert b"Secret" not in data
    assert b"script" not in data


def test_a_large_picture_is_made_smaller(concert: Event) -> None:
    picture = kept(picture_of(4000, 1000))
    assert (picture.width, picture.height) == (1600, 400)


def test_the_focal_point_stays_in_the_cut(concert: Event, people: People) -> None:
    picture = kept(picture_of(1600, 400))

    def middle() -> tuple[int, ...]:
        answer = people.editor.get(f"{LIBRARY}{picture.pk}/preview/?size=card")
        image = Image.open(io.BytesIO(answer.content)).convert("RGB")
        assert image.width / image.height == pytest.approx(1.6, abs=0.02)
        pixel = image.getpixel((image.width // 2, image.height // 2))
        assert isinstance(pixel, tuple)
        return pixel

    describe_picture(picture.pk, {"focal_x": 0, "focal_y": 50}, by=editor(), now=NOW)
    assert middle()[0] > 150
    describe_picture(picture.pk, {"focal_x": 100, "focal_y": 50}, by=editor(), now=NOW)
    assert middle()[2] > 150


def test_without_licence_and_words_no_record_shows_it(concert: Event, people: People) -> None:
    people.editor.post(LIBRARY, {"file": upload(picture_of())})
    picture = Picture.objects.get()
    answer = people.editor.post(f"/en/workspace/records/event/{concert.pk}/pictures/", {"add": picture.pk})
    assert answer["Location"].endswith(f"{LIBRARY.removeprefix('/en')}{picture.pk}/?for=event-{concert.pk}")
    assert "licence" in note_of(answer)[-1]
    assert not Media.objects.exists()


def test_from_the_upload_to_the_public_page(concert: Event, people: People, settings: Any) -> None:
    answer = people.editor.post(LIBRARY, {"file": upload(picture_of()), "for": f"event-{concert.pk}"})
    picture = Picture.objects.get()
    assert answer["Location"].endswith(f"{picture.pk}/?for=event-{concert.pk}")
    form = {"licence": "cc-by", "credit": "Anna", "alt.de": "Eine Bühne", "focal_x": "20", "focal_y": "80"}
    people.editor.post(f"{LIBRARY}{picture.pk}/", {**form, "for": f"event-{concert.pk}"})
    concert.refresh_from_db()
    assert concert.picture == public_name(picture.token).replace("-1600", "-640")
    assert public_file(picture, settings).exists()
    page = words(people.stranger.get(f"/de/events/{concert.slug}-{concert.pk}/"))
    assert public_name(picture.token) in page
    assert 'alt="Eine Bühne"' in page
    assert "CC BY 4.0" in page


def test_files_of_what_is_not_published_are_not_public_and_not_to_be_guessed(
    concert: Event, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    withdraw_item("event", concert.pk, by=editor(), now=NOW)
    picture = kept()
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    assert not public_file(picture, settings).exists()
    with django_capture_on_commit_callbacks(execute=True):
        publish_item("event", concert.pk, by=editor(), now=NOW)
    assert public_file(picture, settings).exists()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_item("event", concert.pk, by=editor(), now=NOW)
    assert not public_file(picture, settings).exists()
    assert kept().token != picture.token  # the same picture again has another name


def test_an_import_that_withdraws_a_record_takes_the_file_away_within_a_round(
    concert: Event, deliver: Deliver, settings: Any
) -> None:
    picture = kept()
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    deliver(event("b"), event("c"), event("d"), event("e"), event("f"), event("g"), allow_vanish=True)
    concert.refresh_from_db()
    assert concert.state == "withdrawn"
    watch_rights(now=NOW)
    assert not public_file(picture, settings).exists()


def test_a_new_delivery_keeps_the_chosen_picture(concert: Event, deliver: Deliver) -> None:
    picture = kept()
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    deliver(event("a", text="Deux soirées."))
    concert.refresh_from_db()
    assert concert.picture == public_name(picture.token).replace("-1600", "-640")


def test_removing_can_be_undone(concert: Event, people: People, settings: Any) -> None:
    picture = kept()
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    people.editor.post(f"{LIBRARY}{picture.pk}/remove/")
    concert.refresh_from_db()
    assert concert.picture == ""
    assert not public_file(picture, settings).exists()
    people.editor.post(f"{LIBRARY}{picture.pk}/remove/", {"undo": "1"})
    concert.refresh_from_db()
    assert concert.picture
    assert public_file(picture, settings).exists()


def test_replacing_shows_the_new_file_under_a_new_name_and_forgets_the_old(
    concert: Event, people: People, settings: Any
) -> None:
    picture = kept()
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    old, original = public_file(picture, settings), original_of(picture.token)
    people.editor.post(f"{LIBRARY}{picture.pk}/replace/", {"file": upload(picture_of(500, 500), "new.jpg")})
    assert public_file(picture, settings).exists()
    assert public_file(picture, settings) != old
    assert not old.exists()
    assert not original.exists()
    assert Media.objects.get().width == 500


def test_rights_that_end_are_warned_of_twice_and_then_the_picture_is_off_the_pages(
    concert: Event, settings: Any
) -> None:
    picture = kept(rights_until=(NOW + timedelta(days=40)).date())
    show_picture("event", concert.pk, picture.pk, by=editor(), now=NOW)
    told = []
    for days in range(45):
        watch_rights(now=NOW + timedelta(days=days))
        told.append(sum(Notice.objects.filter(user=editor()).values_list("times", flat=True)))
    assert [day for day in range(1, 45) if told[day] > told[day - 1]] == [10, 33, 41]
    concert.refresh_from_db()
    assert concert.picture == ""
    assert not public_file(picture, settings).exists()
    assert picture.withdrawn_at is not None
    later = NOW + timedelta(days=50)
    describe_picture(picture.pk, {"rights_until": (later + timedelta(days=90)).date()}, by=editor(), now=later)
    concert.refresh_from_db()
    assert concert.picture
    assert public_file(picture, settings).exists()


def test_only_the_organisations_own_editors(concert: Event, people: People) -> None:
    picture = kept()
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    for path in (f"{LIBRARY}{picture.pk}/", f"{LIBRARY}{picture.pk}/preview/", f"/en/workspace/records/event/{concert.pk}/pictures/"):  # fmt: skip
        assert people.answers(lambda client, path=path: client.get(path)) == expected
    for path in ("replace/", "remove/"):
        assert people.colleague.post(f"{LIBRARY}{picture.pk}/{path}").status_code == 404
    assert people.answers(lambda client: client.get(LIBRARY)) == {**expected, "colleague": 200}
    assert "stage.jpg" not in words(people.colleague.get(LIBRARY))
    town = concert.organisation_id
    assert people.colleague.post(LIBRARY, {"file": upload(picture_of()), "organisation": town}).status_code == 404
    Picture.objects.update(removed_at=None)
    set_removed(picture.pk, False, by=editor(), now=NOW)


def test_a_picture_of_another_organisation_is_not_to_be_had(concert: Event, people: People) -> None:
    answer = people.colleague.post(LIBRARY, {"file": upload(picture_of())})
    theirs = Picture.objects.get()
    assert answer.status_code == 303
    path = f"/en/workspace/records/event/{concert.pk}/pictures/"
    assert people.editor.post(path, {"add": theirs.pk}).status_code == 404


def test_the_library_is_searched_without_accents(concert: Event, people: People) -> None:
    kept(alt={"original": "fr", "texts": {"fr": "Une fête d’été"}})
    assert "1 picture" in words(people.editor.get(f"{LIBRARY}?q=fete"))
    assert "0 pictures" in words(people.editor.get(f"{LIBRARY}?q=hiver"))


def _queries(client: Client, path: str) -> int:
    client.get(path)  # what a process remembers is remembered now
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow(concert: Event, people: People) -> None:
    paths = (LIBRARY, f"/en/workspace/records/event/{concert.pk}/pictures/")
    show_picture("event", concert.pk, kept().pk, by=editor(), now=NOW)
    one = [_queries(people.editor, path) for path in paths]
    for _ in range(2):
        show_picture("event", concert.pk, kept().pk, by=editor(), now=NOW)
    assert [_queries(people.editor, path) for path in paths] == one
