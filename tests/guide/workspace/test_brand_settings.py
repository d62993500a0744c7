"""Settings of the umbrella brand, and pictures that people upload."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, PngImagePlugin

from allmende.core.images import PictureRefused, clean_picture
from allmende.guide.brand import brand_tokens, contrast
from allmende.guide.models import Brand
from tests.guide.workspace.conftest import People, form_of, upload, words

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/brand/"


@pytest.fixture(autouse=True)
def own_media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def told(people: People, **changes: Any) -> dict[str, Any]:
    found = form_of(words(people.manager.get(HERE)), "brand-form")
    return found | {name.replace("__", "."): value for name, value in changes.items()}


def picture(format: str = "PNG", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#a01030").save(out, format, **more)
    return out.getvalue()


def test_the_brand_is_saved_and_public_pages_show_it(people: People) -> None:
    answer = people.manager.post(
        HERE, told(people, name="Pays d’Uzès", claim__fr="Bienvenue", primary="#104060", imprint__en="Town hall")
    )
    assert answer.status_code == 303
    brand = Brand.objects.get()
    assert (brand.name, brand.primary) == ("Pays d’Uzès", "#104060")
    assert brand.claim == {"original": "fr", "texts": {"fr": "Bienvenue"}}
    assert "Pays d’Uzès" in words(Client().get("/en/imprint/"))
    assert "Town hall" in words(Client().get("/en/imprint/"))
    assert "#104060" in words(Client().get("/brand.css"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "The brand needs a name."),
        ({"primary": "#ffee88"}, "White text on this colour is hard to read."),
        ({"accent": "red"}, "Write the colour as #rrggbb."),
        ({"primary": "#123456;}body{display:none"}, "Write the colour as #rrggbb."),
        ({"contact_email": "anna"}, "This is not a complete e-mail address"),
        ({"font": "comic"}, "comic"),
    ],
)
def test_what_cannot_be_used_is_refused_and_stays_in_the_form(
    people: People, change: dict[str, str], sentence: str
) -> None:
    answer = people.manager.post(HERE, told(people, **change, claim__fr="Bienvenue"))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert form_of(words(answer), "brand-form")["claim.fr"] == ["Bienvenue"]
    assert not Brand.objects.exists()


def test_preview_css_takes_colours_only(people: People) -> None:
    css = words(people.manager.get(f"{HERE}preview.css?primary=104060&accent=%7D*%7Bcolor:red&font=serif"))
    assert css.count(".brand-preview{") == 3
    assert "#104060" in css
    assert "*{" not in css


@pytest.mark.parametrize("primary", ["#1f5f4a", "#8a1c2f", "#104060", "#5a3d00", "#4b0082", "#000000"])
def test_words_on_the_soft_brand_colour_can_be_read_in_both_themes(primary: str) -> None:
    css = brand_tokens(primary, "#c8501e", "sans")
    texts, grounds = (re.findall(rf"--brand-{name}:(#[0-9a-f]{{6}})", css) for name in ("text", "soft"))
    assert len(texts) == len(grounds) == 3
    assert [pair for pair in zip(texts, grounds, strict=True) if contrast(*pair) < 4.5] == []


def test_a_logo_is_written_anew_and_shown(people: People) -> None:
    meta = PngImagePlugin.PngInfo()
    meta.add_text("Author", "Anna Secret")
    answer = people.manager.post(HERE, told(people, logo=upload(picture(pnginfo=meta) + b"<script>", "logo.png")))
    assert answer.status_code == 303
    brand = Brand.objects.get()
    kept = (Path(settings.MEDIA_ROOT) / brand.logo).read_bytes()
    assert b"Anna Secret" not in kept
    assert b"<script>" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 20)
    assert f'src="/media/{brand.logo}"' in words(people.manager.get(HERE))
    people.manager.post(HERE, told(people, no_logo="on"))
    brand.refresh_from_db()
    assert brand.logo == ""


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_large_pictures_become_smaller(format: str) -> None:
    data, ending = clean_picture(io.BytesIO(picture(format, (3000, 1000))))
    assert Image.open(io.BytesIO(data)).size == (2000, 667)
    assert ending == {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}[format]


def test_pictures_lose_their_position_and_stand_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "Taken at home"
    data, _ = clean_picture(io.BytesIO(picture("JPEG", (40, 20), exif=exif)))
    kept = Image.open(io.BytesIO(data))
    assert kept.size == (20, 40)
    assert dict(kept.getexif()) == {}
    assert b"Taken at home" not in data


def bomb() -> bytes:
    """A few kilobytes that unpack to 400 million pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


HOSTILE = {
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "logo.png": b"<html><script>alert(1)</script></html>",
    "cut.png": picture()[:60],
    "bomb.png": bomb(),
    "moving.gif": picture("GIF"),
    "scan.tiff": picture("TIFF"),
    "post.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "empty.png": b"",
    "large.png": b"\x89PNG\r\n\x1a\n" + b"\0" * (10 * 2**20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused(people: People, name: str) -> None:
    with pytest.raises(PictureRefused):
        clean_picture(io.BytesIO(HOSTILE[name]))
    if HOSTILE[name]:
        answer = people.manager.post(HERE, told(people, logo=upload(HOSTILE[name], name)))
        assert answer.status_code == 422
        assert 'id="logo-error"' in words(answer)
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
