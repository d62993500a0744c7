"""Pictures that people upload or feeds name: read with suspicion, written anew.

What comes out was drawn by this program from the pixels alone: no metadata (position, camera, author), no trailing
bytes, no second format hidden in the file.  Anything that is not plainly a PNG, JPEG or WebP picture is refused; SVG
and HTML can carry scripts and are never taken.
"""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from django.utils.translation import gettext
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

LARGEST_FILE: Final = 10 * 2**20
LARGEST_SIDE: Final = 2000
MOST_PIXELS: Final = 50_000_000
"""A picture of a few kilobytes may unpack to gigabytes; beyond this many pixels it is not unpacked at all."""
FORMATS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
PAGE_SIDE: Final = 1600
CARD_SIDE: Final = 640
CARD_HEIGHT: Final = 400


class PictureRefused(ValueError):
    """The file cannot be used as a picture; the message says why and what to do."""


class KeptPicture(NamedTuple):
    """A picture in the media folder, in the rendition for a page of its own."""

    file: str
    width: int
    height: int


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked right below
            picture = Image.open(io.BytesIO(data), formats=tuple(FORMATS))
            pixels = picture.width * picture.height
    except Image.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(gettext("This is not a PNG, JPEG or WebP picture. Save it as one of these.")) from error
    if pixels > MOST_PIXELS:
        raise PictureRefused(gettext("The picture has too many pixels. Make it smaller than 7,000 by 7,000."))
    return picture


def _in_common_colours(picture: Image.Image) -> Image.Image:
    """In sRGB: the picture's own colour profile goes with the rest of its metadata, so it is applied before."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        told = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile that makes no sense is left aside
    return told or picture


def _bare(picture: Image.Image, side: int) -> Image.Image:
    """The pixels alone, upright, at most ``side`` wide or high."""
    kind = picture.format
    try:
        picture.load()
        upright = _in_common_colours(ImageOps.exif_transpose(picture))
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        pixels = upright.convert("RGBA" if has_alpha and kind != "JPEG" else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError) as error:
        raise PictureRefused(gettext("The picture is damaged. Save it again and upload it once more.")) from error
    return Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.part")
    scratch.write_bytes(data)
    scratch.replace(path)  # a killed server never leaves half a picture under the final name


def clean_picture(stream: BinaryIO) -> tuple[bytes, str]:
    """The picture in ``stream`` written anew, at most 2,000 pixels wide or high; and the ending of its file name."""
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise PictureRefused(gettext("The picture is larger than 10 MB. Save a smaller one."))
    picture = _opened(data)
    kind = str(picture.format)
    bare = _bare(picture, LARGEST_SIDE)
    out = io.BytesIO()
    if kind == "PNG":
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, kind, quality=85)
    return out.getvalue(), FORMATS[kind]


def keep_picture(stream: BinaryIO, media: Path, folder: str) -> str:
    """Clean the picture in ``stream`` and keep it below ``media``; return its path there, named after its content."""
    data, ending = clean_picture(stream)
    name = f"{folder}/{hashlib.sha256(data).hexdigest()[:24]}.{ending}"
    path = media / name
    if not path.exists():
        _put(path, data)
    return name


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82)
    return out.getvalue()


def keep_renditions(data: bytes, media: Path, folder: str) -> KeptPicture:
    """Draw the picture anew as WebP for pages and for cards, and keep both below ``media``, named after the content."""
    page = _bare(_opened(data), PAGE_SIDE)
    card = page.copy()
    card.thumbnail((CARD_SIDE, CARD_SIDE), Image.Resampling.LANCZOS)
    large = _webp(page)
    file = f"{folder}/{hashlib.sha256(large).hexdigest()[:24]}-{PAGE_SIDE}.webp"
    _put(media / card_rendition(file), _webp(card))
    _put(media / file, large)
    return KeptPicture(file, page.width, page.height)


def card_rendition(file: str) -> str:
    """The small rendition that lies beside ``file``; ``file`` itself if it has none."""
    ending = f"-{PAGE_SIDE}.webp"
    return f"{file.removesuffix(ending)}-{CARD_SIDE}.webp" if file.endswith(ending) else file


def read_upload(stream: BinaryIO) -> bytes:
    """An upload drawn anew as WebP, in the size for pages; raises :class:`PictureRefused`."""
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise PictureRefused(gettext("The picture is larger than 10 MB. Save a smaller one."))
    return _webp(_bare(_opened(data), PAGE_SIDE))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    return _opened(data).size


def cut_around(data: bytes, x: int, y: int, *, width: int = CARD_SIDE, height: int = CARD_HEIGHT) -> bytes:
    """The picture cut to the shape of ``width`` by ``height`` around a point (per cent), as WebP; never enlarged."""
    picture = _bare(_opened(data), PAGE_SIDE)
    scale = max(width / picture.width, height / picture.height)
    box_width, box_height = min(width / scale, picture.width), min(height / scale, picture.height)
    left = min(max(0.0, picture.width * x / 100 - box_width / 2), picture.width - box_width)
    top = min(max(0.0, picture.height * y / 100 - box_height / 2), picture.height - box_height)
    cut = picture.crop((round(left), round(top), round(left + box_width), round(top + box_height)))
    cut.thumbnail((width, height), Image.Resampling.LANCZOS)
    return _webp(cut)


def put_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    _put(path, data)
