"""Pictures that people upload: read with suspicion, written anew.

What comes out was drawn by this program from the pixels alone: no metadata (position, camera, author), no trailing
bytes, no second format hidden in the file.  Anything that is not plainly a PNG, JPEG or WebP picture is refused; SVG
and HTML can carry scripts and are never taken.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import BinaryIO, Final

from django.utils.translation import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_FILE: Final = 10 * 2**20
LARGEST_SIDE: Final = 2000
MOST_PIXELS: Final = 50_000_000
"""A picture of a few kilobytes may unpack to gigabytes; beyond this many pixels it is not unpacked at all."""
FORMATS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}


class PictureRefused(ValueError):
    """The file cannot be used as a picture; the message says why and what to do."""


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked right below
            picture = Image.open(io.BytesIO(data), formats=tuple(FORMATS))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(gettext("This is not a PNG, JPEG or WebP picture. Save it as one of these.")) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureRefused(gettext("The picture has too many pixels. Make it smaller than 7,000 by 7,000."))
    return picture


def clean_picture(stream: BinaryIO) -> tuple[bytes, str]:
    """The picture in ``stream`` written anew, at most 2,000 pixels wide or high; and the ending of its file name."""
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise PictureRefused(gettext("The picture is larger than 10 MB. Save a smaller one."))
    picture = _opened(data)
    kind = str(picture.format)
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        pixels = upright.convert("RGBA" if has_alpha and kind != "JPEG" else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError) as error:
        raise PictureRefused(gettext("The picture is damaged. Save it again and upload it once more.")) from error
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
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
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.write_bytes(data)
        scratch.replace(path)  # a killed server never leaves half a picture under the final name
    return name
