"""Static files and uploaded pictures."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from email.utils import formatdate
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from allmende.core.assets import static_folders, version

StartResponse = Callable[..., Any]
Environ = dict[str, Any]

OLD_VERSION_SECONDS = 300
_VERSIONED = re.compile(r"/static/[0-9a-f]{12}/")
IMAGE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
}
_HASHED = re.compile(r"[0-9a-f]{12,}")
_MEDIA_POLICY = "default-src 'none'; sandbox"


def build_static(data: Path) -> Path:
    """The folder with this version's static files and their packed forms, made once; folders of older versions go."""
    folder = data / f"static-{version()}"
    if folder.is_dir():
        return folder
    (data / "tmp").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="static-", dir=data / "tmp") as scratch:
        made = Path(scratch) / "static"
        for source in static_folders():
            shutil.copytree(source, made, dirs_exist_ok=True)
        made.mkdir(exist_ok=True)
        compressor = Compressor(quiet=True)
        for path in [path for path in made.rglob("*") if path.is_file()]:
            if compressor.should_compress(path.name):
                compressor.compress(str(path))
        try:
            made.rename(folder)
        except OSError:  # another process was quicker
            if not folder.is_dir():
                raise
    for old in data.glob("static-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _no_sniffing(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def not_found(start_response: StartResponse) -> Iterable[bytes]:
    """A plain 404: nobody reads it but programs."""
    body = b"Not found.\n"
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("404 Not Found", [*headers, ("X-Content-Type-Options", "nosniff")])
    return [body]


class StaticFiles:
    """Serves ``/static/<version>/…``.

    A page that a browser kept from before an update names files of an older version: it gets today's, and may not keep
    them for long.
    """

    def __init__(self, folder: Path) -> None:
        self._prefix = f"/static/{version()}/"
        self._files = WhiteNoise(
            None,
            str(folder),
            prefix=self._prefix,
            allow_all_origins=False,
            add_headers_function=_no_sniffing,
            immutable_file_test=lambda path, url: True,
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        found = self._files.files.get(path)
        if found is None:
            today = self._files.files.get(_VERSIONED.sub(self._prefix, path, count=1))
            if today is None:
                return not_found(start_response)
            found, start_response = today, _for_a_while(start_response)
        answer: Iterable[bytes] = self._files.serve(found, environ, start_response)
        return answer


def _for_a_while(start_response: StartResponse) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() != "cache-control"]
        return start_response(status, [*kept, ("Cache-Control", f"public, max-age={OLD_VERSION_SECONDS}")], *rest)

    return start


def serve_media(root: Path, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """A picture below ``root``; nothing but pictures, nothing outside, nothing that a link points to."""
    try:
        name = environ["PATH_INFO"].removeprefix("/media/").encode("latin-1").decode()
        path = root / name
        media_type = IMAGE_TYPES.get(path.suffix.lower())
        inside = media_type and path.resolve(strict=True) == root.resolve() / name
        if not inside or environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not path.is_file():
            return not_found(start_response)
        stat = path.stat()
    except (OSError, ValueError):  # gone, too long, a null byte, not UTF-8
        return not_found(start_response)
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    keep = "public, max-age=31536000, immutable" if _HASHED.search(path.stem) else "public, max-age=3600"
    headers = [("Cache-Control", keep), ("ETag", etag), ("X-Content-Type-Options", "nosniff")]
    if environ.get("HTTP_IF_NONE_MATCH") == etag:
        start_response("304 Not Modified", headers)
        return []
    headers += [
        ("Content-Type", str(media_type)),
        ("Content-Length", str(stat.st_size)),
        ("Last-Modified", formatdate(stat.st_mtime, usegmt=True)),
        ("Content-Security-Policy", _MEDIA_POLICY),
    ]
    start_response("200 OK", headers)
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return _in_pieces(path)


def _in_pieces(path: Path) -> Iterable[bytes]:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
        while piece := file.read(256 * 1024):
            yield piece
