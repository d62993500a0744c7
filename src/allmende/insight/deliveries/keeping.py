"""Delivered files and what is known of them while they may still be applied: a folder each, below ``figures``."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from allmende.core.uploads import UploadRefused, check_upload, keep_upload, safe_suffix
from allmende.insight.bridges.tables import PARQUET, WORKBOOK
from allmende.insight.models import Delivery

PIECE: Final = 1 << 20
LARGEST: Final = 4 * 2**30


def root() -> Path:
    """Where delivered files are kept."""
    return Path(settings.ALLMENDE_DATA) / "figures"


def keep(name: str, pieces: Iterable[bytes]) -> tuple[str, str]:
    """Keep a file; return the name of its folder and its SHA-256.  Raises ``UploadRefused`` for what is no data file."""
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for piece in pieces:
            digest.update(piece)
            yield piece

    folder = keep_upload(name, hashed(), root(), also=(PARQUET,))
    return folder, digest.hexdigest()


def keep_path(path: Path) -> tuple[str, str]:
    """The same with a file or a release's folder of this machine; what is packed with gzip is unpacked."""
    folder = secrets.token_hex(16)
    inside = root() / folder
    inside.mkdir(parents=True, mode=0o700)
    try:
        if path.is_dir():
            shutil.copytree(path if (path / "manifest.json").is_file() else path / "release", inside / "delivery")
            return folder, sha256_of(inside / "delivery")
        name = path.name.removesuffix(".gz")
        target = inside / f"delivery{safe_suffix(name)}"
        with _opened(path) as source, target.open("xb") as file:
            size = 0
            while piece := source.read(PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise UploadRefused(_("The file is larger than 4 GB. Split it by year."))
                file.write(piece)
        check_upload(target, also=(PARQUET,))
        return folder, sha256_of(target)
    except BaseException as error:
        shutil.rmtree(inside, ignore_errors=True)
        if isinstance(error, OSError | EOFError | zlib.error):
            raise UploadRefused(_("The file is damaged. Save it again and upload it once more.")) from error
        raise


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path, "rb")) if is_packed else path.open("rb")


def file_of(delivery: Delivery) -> Path | None:
    """The delivered file, while it is kept."""
    if not delivery.kept:
        return None
    return next((root() / delivery.kept).glob("delivery*"), None)


def forget(delivery: Delivery) -> None:
    """Throw the kept file away."""
    if delivery.kept:
        shutil.rmtree(root() / delivery.kept, ignore_errors=True)


def forget_file(delivery: Delivery) -> None:
    """Throw the file away, and keep what stands beside it."""
    path = file_of(delivery)
    if path is not None and path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif path is not None:
        path.unlink(missing_ok=True)


def write(delivery: Delivery, name: str, value: Any) -> None:
    """Keep something about a delivery beside its file."""
    folder = root() / delivery.kept
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = folder / f"{name}.{os.getpid()}"
    scratch.write_bytes(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))
    scratch.replace(folder / name)


def read(delivery: Delivery, name: str) -> Any:
    """What was kept under that name, or None."""
    if not delivery.kept:
        return None
    try:
        return orjson.loads((root() / delivery.kept / name).read_bytes())
    except (OSError, ValueError):
        return None


def unwrite(delivery: Delivery, name: str) -> None:
    """Forget what was kept under that name."""
    if delivery.kept:
        (root() / delivery.kept / name).unlink(missing_ok=True)


def written_at(delivery: Delivery, name: str) -> float:
    """When that was kept last, in seconds since 1970; 0 for never."""
    try:
        return (root() / delivery.kept / name).stat().st_mtime if delivery.kept else 0.0
    except OSError:
        return 0.0


def weight_of(path: Path, packed: int) -> int:
    """Size of a file in bytes, ``packed`` times that of what is packed."""
    with path.open("rb") as file:
        is_packed = file.read(4) in (PARQUET, WORKBOOK)
    return path.stat().st_size * (packed if is_packed else 1)


def sha256_of(path: Path) -> str:
    """Of a file; of a folder that of its manifest."""
    digest = hashlib.sha256()
    with (path / "manifest.json" if path.is_dir() else path).open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
