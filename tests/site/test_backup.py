"""Backup and restore of a whole installation, while it serves and is written to."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import on_postgres
from tests.site.conftest import Installation

FOUND = """
from django.utils import timezone
from allmende.partners.actions import found_organisation
for name in {names!r}:
    found_organisation(name, by=None, now=timezone.now())
"""
NAMES = """
from allmende.partners.models import Organisation
print(*Organisation.objects.order_by("id").values_list("name", flat=True), sep=",")
"""
WRITE_FOR_EVER = """
import itertools
from django.db import transaction
from django.utils import timezone
from allmende.partners.models import Organisation
print("writing", flush=True)
for n in itertools.count():
    with transaction.atomic():
        for half in "ab":
            Organisation.objects.create(
                name=f"{n}{half}", slug="-", name_key=f"{n}{half}", created_at=timezone.now(), updated_at=timezone.now()
            )
"""

RESTORE_ALL = """
import contextlib, io, json, pathlib
from allmende.site.cli import main
told = {{}}
for path in pathlib.Path({folder!r}).iterdir():
    with contextlib.redirect_stderr(io.StringIO()) as said:
        told[path.name] = (main(["restore", "--yes", str(path)]), said.getvalue())
print(json.dumps(told))
"""
NAME_BRAND = """
from allmende.core.content import touch_content
from allmende.guide.models import Brand
Brand.objects.update_or_create(id=1, defaults={{"name": {name!r}}})
touch_content()
"""


def found(installation: Installation, *names: str) -> None:
    installation.python(FOUND.format(names=names))


def names(installation: Installation) -> list[str]:
    return installation.python(NAMES).strip().split(",")


def files(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def write_archive(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)


def state(installation: Installation) -> dict[str, str]:
    """Every file of the data folder with its content, but for what opening a database may touch."""
    return {
        path.relative_to(installation.data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in installation.data.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def test_a_backup_brings_everything_back(installation: Installation, tmp_path: Path) -> None:
    found(installation, "Museum", "Farm")
    picture = installation.data / "media" / "ab" / "picture.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"RIFF")
    minutes = installation.data / "network-files" / "cd" / "file"
    minutes.parent.mkdir(parents=True)
    minutes.write_bytes(b"%PDF-")
    original = installation.data / "library-originals" / "ef.webp"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"RIFF original")
    secret = (installation.data / "secret-key").read_text()
    made = installation.json("backup", str(tmp_path / "backup.tar.gz"))
    assert made["counts"]["partners_organisation"] == 2
    assert (tmp_path / "backup.tar.gz").stat().st_mode & 0o777 == 0o600

    found(installation, "School")
    picture.unlink()
    minutes.unlink()
    original.write_bytes(b"another picture")
    (installation.data / "media" / "later.png").write_bytes(b"PNG")
    (installation.data / "secret-key").write_text("x" * 60)
    done = installation.json("restore", "--yes", str(tmp_path / "backup.tar.gz"))

    assert names(installation) == ["Museum", "Farm"]
    assert picture.read_bytes() == b"RIFF"
    assert minutes.read_bytes() == b"%PDF-"
    assert original.read_bytes() == b"RIFF original"
    assert (installation.data / "secret-key").read_text() == secret
    assert not (installation.data / "media" / "later.png").exists()
    assert (done["before"]["partners_organisation"], done["after"]["partners_organisation"]) == (3, 2)
    assert done["new_secret"] is True
    aside = Path(done["aside"])
    assert (aside / "media" / "later.png").read_bytes() == b"PNG"
    assert (aside / "library-originals" / "ef.webp").read_bytes() == b"another picture"
    assert (aside / "secret-key").read_text() == "x" * 60
    assert list((installation.data / "tmp").iterdir()) == []


def test_what_was_put_aside_can_be_looked_into(installation: Installation, tmp_path: Path) -> None:
    installation.run("backup", str(tmp_path / "empty.tar.gz"))
    found(installation, "Museum")
    done = installation.json("restore", "--yes", str(tmp_path / "empty.tar.gz"))
    if on_postgres():
        assert (Path(done["aside"]) / "database.pgdump").stat().st_size > 10_000
    else:
        with sqlite3.connect(Path(done["aside"]) / "database.sqlite3") as old:
            assert old.execute("SELECT name FROM partners_organisation").fetchall() == [("Museum",)]
        old.close()


def test_a_backup_under_a_running_writer_is_of_one_moment(installation: Installation, tmp_path: Path) -> None:
    head = "from allmende.site.installation import open_installation; open_installation(quiet=True)\n"
    writer = subprocess.Popen(
        [sys.executable, "-c", head + WRITE_FOR_EVER], env=installation.environment, stdout=subprocess.PIPE, text=True
    )
    installation.processes.append(writer)
    assert writer.stdout
    assert writer.stdout.readline() == "writing\n"
    time.sleep(0.5)
    made = installation.json("backup", str(tmp_path / "one.tar.gz"))
    assert writer.poll() is None
    writer.kill()
    writer.wait()
    count = made["counts"]["partners_organisation"]
    done = installation.json("restore", "--yes", str(tmp_path / "one.tar.gz"))
    restored = names(installation)
    assert len(restored) >= 2
    assert restored == [f"{n}{half}" for n in range(len(restored) // 2) for half in "ab"]  # no half transaction
    assert done["before"]["partners_organisation"] > len(restored)
    if not on_postgres():
        assert len(restored) == count


def test_restore_while_serving_is_seen_at_once(installation: Installation, tmp_path: Path) -> None:
    installation.python(NAME_BRAND.format(name="Old valley"))
    installation.run("backup", str(tmp_path / "old.tar.gz"))
    installation.python(NAME_BRAND.format(name="New valley"))
    installation.start("serve")
    assert wait_for(lambda: ask(installation, "/healthz")) == "ok\n"
    assert "New valley" in ask(installation, "/en/")
    installation.run("restore", "--yes", str(tmp_path / "old.tar.gz"))
    time.sleep(1.2)  # how long another process may show a finished page after a change
    after = ask(installation, "/en/")
    assert "Old valley" in after
    assert "New valley" not in after


def ask(installation: Installation, path: str) -> str:
    with urllib.request.urlopen(installation.address + path, timeout=5) as answer:
        return str(answer.read().decode())


def wait_for(question: Callable[[], str]) -> str:
    for _ in range(200):
        try:
            return question()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def test_restore_wants_a_yes(installation: Installation, tmp_path: Path) -> None:
    installation.run("backup", str(tmp_path / "b.tar.gz"))
    assert "--yes" in installation.run("restore", str(tmp_path / "b.tar.gz"), exit_code=3).stderr


Damage = Callable[[dict[str, bytes]], list[tuple[tarfile.TarInfo, bytes]]]


def plain(content: dict[str, bytes]) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [(tarfile.TarInfo(name), data) for name, data in content.items()]


def with_manifest(content: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    manifest = {**json.loads(content["manifest.json"]), **changes}
    return {**content, "manifest.json": json.dumps(manifest).encode()}


def listed(content: dict[str, bytes], name: str, data: bytes) -> dict[str, bytes]:
    """``content`` with one more file that the manifest names too."""
    entry = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    entries = [*json.loads(content["manifest.json"])["files"], entry]
    return {**with_manifest(content, files=entries), name: data}


def special(name: str, kind: bytes, target: str) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


DAMAGES: dict[str, Damage] = {
    "a byte of the secret changed": lambda c: plain({**c, "secret-key": c["secret-key"][:-1] + b"~"}),
    "the database is missing": lambda c: plain({n: d for n, d in c.items() if not n.startswith("database")}),
    "no manifest": lambda c: plain({n: d for n, d in c.items() if n != "manifest.json"}),
    "the manifest is no JSON": lambda c: plain({**c, "manifest.json": b"{"}),
    "the manifest is a list": lambda c: plain({**c, "manifest.json": b"[]"}),
    "a later format": lambda c: plain(with_manifest(c, format=2)),
    "one file too many": lambda c: [*plain(c), (tarfile.TarInfo("media/more.png"), b"x")],
    "a file twice": lambda c: [*plain(c), (tarfile.TarInfo("secret-key"), b"x" * 60)],
    "a way out": lambda c: plain(listed(c, "media/../../evil.png", b"x")),
    "an absolute path": lambda c: plain(listed(c, "/allmende-evil.png", b"x")),
    "a strange file": lambda c: plain(listed(c, "config.py", b"x")),
    "a link": lambda c: [*plain(listed(c, "media/a.png", b""))[:-1], special("media/a.png", tarfile.SYMTYPE, "/etc/passwd")],
    "a hard link": lambda c: [*plain(listed(c, "media/a.png", b""))[:-1], special("media/a.png", tarfile.LNKTYPE, "/etc/passwd")],
    "a device": lambda c: [*plain(listed(c, "media/a.png", b""))[:-1], special("media/a.png", tarfile.CHRTYPE, "")],
}  # fmt: skip


@pytest.fixture
def backed_up(installation: Installation, tmp_path: Path) -> Path:
    found(installation, "Museum")
    archive = tmp_path / "backup.tar.gz"
    installation.run("backup", str(archive))
    return archive


def test_damaged_and_hostile_archives_are_refused_with_nothing_changed(
    installation: Installation, backed_up: Path, tmp_path: Path
) -> None:
    content, before = files(backed_up), state(installation)
    whole = backed_up.read_bytes()
    bad = tmp_path / "bad"
    bad.mkdir()
    for damage, inflict in DAMAGES.items():
        write_archive(bad / damage, inflict(content))
    (bad / "cut short").write_bytes(whole[:-2000])
    (bad / "flipped").write_bytes(whole[:5000] + b"\0\0\0\0" + whole[5004:])
    (bad / "not an archive").write_bytes(b"hello")
    (bad / "empty").write_bytes(b"")
    told = json.loads(installation.python(RESTORE_ALL.format(folder=str(bad))))
    assert len(told) == len(DAMAGES) + 4
    for damage, (code, said) in told.items():
        assert code == 2, (damage, said)
        assert "Nothing was changed." in said, damage
    assert state(installation) == before
    assert names(installation) == ["Museum"]


def test_archives_of_a_newer_version_or_another_database_are_refused(
    installation: Installation, backed_up: Path, tmp_path: Path
) -> None:
    content = files(backed_up)
    newer = json.loads(content["manifest.json"])["migrations"] + [["core", "9999_later"]]
    write_archive(tmp_path / "newer.tar.gz", plain(with_manifest(content, migrations=newer)))
    assert "Update first" in installation.run("restore", "--yes", str(tmp_path / "newer.tar.gz"), exit_code=3).stderr
    write_archive(tmp_path / "other.tar.gz", plain(with_manifest(content, database="oracle")))
    assert (
        "Set DATABASE_URL" in installation.run("restore", "--yes", str(tmp_path / "other.tar.gz"), exit_code=3).stderr
    )


@pytest.mark.sqlite
def test_a_broken_database_inside_a_sound_archive_is_refused(
    installation: Installation, backed_up: Path, tmp_path: Path
) -> None:
    content = files(backed_up)
    database = bytearray(content.pop("database.sqlite3"))
    database[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    entries = [e for e in json.loads(content["manifest.json"])["files"] if e["name"] != "database.sqlite3"]
    broken = listed(with_manifest(content, files=entries), "database.sqlite3", bytes(database))
    write_archive(tmp_path / "broken.tar.gz", plain(broken))
    before = state(installation)
    assert "its database is broken" in installation.run(
        "restore", "--yes", str(tmp_path / "broken.tar.gz"), exit_code=2
    ).stderr  # fmt: skip
    assert state(installation) == before


def test_a_backup_that_cannot_be_written_leaves_no_part_of_it(installation: Installation, tmp_path: Path) -> None:
    assert "no folder" in installation.run("backup", str(tmp_path / "none" / "b.tar.gz"), exit_code=2).stderr
    (tmp_path / "b.tar.gz").mkdir()
    installation.run("backup", str(tmp_path / "b.tar.gz"), exit_code=4)
    assert not (tmp_path / "b.tar.gz.part").exists()
