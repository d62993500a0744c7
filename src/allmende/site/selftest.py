"""The self-test behind ``allmende check``: each question is one function that yields findings and changes nothing."""

from __future__ import annotations

import ipaddress
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection

from allmende.catalogue.models import ITEM_MODELS
from allmende.core.assets import version
from allmende.core.audit_guard import missing_guards
from allmende.core.languages import LANGUAGES
from allmende.core.publication import Publication
from allmende.federation.region import KeyLost, can_sign
from allmende.site.config import Config
from allmende.site.installation import migrations_applied, migrations_on_disk

Level = Literal["ok", "warn", "fail"]
WARN_FREE_BYTES = 2 * 2**30
FAIL_FREE_BYTES = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the self-test."""

    level: Level
    name: str
    message: str
    remedy: str = ""


Question = Callable[[Config], Iterator[Finding]]


def data_folder(config: Config) -> Iterator[Finding]:
    """Can we write where the data are?"""
    try:
        with tempfile.NamedTemporaryFile(dir=config.data, prefix=".check-"):
            pass
    except OSError as error:
        yield Finding(
            "fail", "data folder", f"{config.data}: {error.strerror}", "Give this user the right to write there."
        )
        return
    yield Finding("ok", "data folder", str(config.data))
    free = shutil.disk_usage(config.data).free
    level: Level = "fail" if free < FAIL_FREE_BYTES else "warn" if free < WARN_FREE_BYTES else "ok"
    remedy = "" if level == "ok" else "Make room: backups and imports need as much again as the data take."
    yield Finding(level, "disk space", f"{free / 2**30:.1f} GB free", remedy)


def database(config: Config) -> Iterator[Finding]:
    """Is the database there, whole and up to date?"""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        applied = migrations_applied()
    except DatabaseError as error:
        yield Finding(
            "fail", "database", str(error).strip().splitlines()[0], "Look at DATABASE_URL and start the database."
        )
        return
    yield Finding("ok", "database", connection.vendor)
    missing, unknown = migrations_on_disk() - applied, applied - migrations_on_disk()
    if missing:
        yield Finding("fail", "migrations", f"{len(missing)} not applied", "Run `allmende migrate`.")
        return
    if unknown:
        yield Finding("warn", "migrations", f"{len(unknown)} of a newer version", "Update the program.")
    else:
        yield Finding("ok", "migrations", f"{len(applied)} applied")
    if connection.vendor == "sqlite":
        yield from _sqlite_is_whole()
    yield from _search_index()


def _sqlite_is_whole() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        verdict = str(cursor.fetchone()[0])
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0])
    if verdict != "ok":
        yield Finding("fail", "database file", verdict, "Restore the last backup with `allmende restore`.")
    elif mode != "wal":
        yield Finding("warn", "database file", f"journal mode {mode}", "Put the data on a local disk that can do WAL.")
    else:
        yield Finding("ok", "database file", "whole, WAL")


def _search_index() -> Iterator[Finding]:
    """The index is no model's table, so Django's own checks do not see it."""
    published = sum(
        model._default_manager.filter(state=Publication.PUBLISHED).count() for model in ITEM_MODELS.values()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalogue_search")
        indexed = int(cursor.fetchone()[0])
    if indexed == published:
        yield Finding("ok", "search index", f"{indexed:,} entries")
    else:
        yield Finding(
            "fail",
            "search index",
            f"{indexed:,} entries for {published:,} published things",
            "Import the sources again, or restore the last backup.",
        )


def audit_trail(config: Config) -> Iterator[Finding]:
    """Does the database itself refuse to change the audit trail?"""
    missing = missing_guards()
    if missing:
        yield Finding(
            "fail",
            "audit trail",
            f"can be changed: {', '.join(missing)} missing or turned off",
            "Run `allmende migrate`; if it stays so, see docs/reference/access.md#the-audit-trail.",
        )
    else:
        yield Finding("ok", "audit trail", "append-only")


def secret_key(config: Config) -> Iterator[Finding]:
    """Is the secret long enough, and ours alone?"""
    path = config.data / "secret-key"
    if len(config.secret_key) < 32:
        yield Finding("fail", "secret key", "shorter than 32 characters", "Set a longer ALLMENDE_SECRET_KEY, or none.")
    elif os.environ.get("ALLMENDE_SECRET_KEY", "").strip():
        yield Finding("ok", "secret key", "from ALLMENDE_SECRET_KEY")
    elif path.stat().st_mode & 0o077:
        yield Finding("fail", "secret key", f"{path} can be read by others", f"chmod 600 {path}")
    else:
        yield Finding("ok", "secret key", "kept in the data folder, for this user alone")


def public_address(config: Config) -> Iterator[Finding]:
    """Do address, host names and debugging fit together?"""
    parts = urlsplit(config.public_url)
    host = parts.hostname or ""
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    if is_local:
        yield Finding(
            "warn", "address", config.public_url, "Set ALLMENDE_URL before others use it: links and calendars need it."
        )
    elif parts.scheme != "https":
        yield Finding("warn", "address", config.public_url, "Serve it over https, see docs/how-to/behind-a-proxy.md.")
    else:
        yield Finding("ok", "address", config.public_url)
    if "*" in config.hosts:
        yield Finding("fail", "host names", "every host name is accepted", "Name them in ALLMENDE_HOSTS.")
    if config.debug:
        level: Level = "warn" if is_local else "fail"
        yield Finding(level, "debugging", "ALLMENDE_DEBUG is on", "Unset it: it shows settings to visitors.")
    if not is_local and config.host not in {"127.0.0.1", "::1", "localhost"}:
        yield Finding(
            "warn", "listening", f"on {config.host}", "Let a reverse proxy on this machine answer the world instead."
        )


def static_files(config: Config) -> Iterator[Finding]:
    """Are this version's static files prepared?"""
    folder = config.data / f"static-{version()}"
    if folder.is_dir():
        yield Finding("ok", "static files", f"version {version()}, {sum(1 for _ in folder.rglob('*'))} files")
    else:
        yield Finding(
            "warn", "static files", "not prepared yet", "The next `allmende serve` does it; its start takes longer."
        )


def languages(config: Config) -> Iterator[Finding]:
    """Are the message catalogues compiled?"""
    folder = Path(settings.LOCALE_PATHS[0])
    stale = []
    for code in LANGUAGES:
        source, compiled = (folder / code / "LC_MESSAGES" / f"django.{end}" for end in ("po", "mo"))
        if source.exists() and not (compiled.exists() and compiled.stat().st_size > 0):
            stale.append(code)
    if stale:
        yield Finding(
            "fail", "languages", f"not compiled: {', '.join(stale)}", "Run `make setup` (or `make messages`)."
        )
    else:
        yield Finding("ok", "languages", ", ".join(LANGUAGES))


def time_zones(config: Config) -> Iterator[Finding]:
    """Does the machine know its time zones, and is its clock plausible?"""
    try:
        summer = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
        winter = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
    except ZoneInfoNotFoundError:
        summer = winter = None
    if summer == winter:
        yield Finding("fail", "time zones", "no time zone data", "Install the package tzdata.")
    else:
        yield Finding("ok", "time zones", "known")


def federation(config: Config) -> Iterator[Finding]:
    """Can we sign what we send to other regions?"""
    if config.federation == "off":
        yield Finding("ok", "federation", "turned off")
        return
    try:
        has_key = can_sign()
    except KeyLost as error:
        yield Finding("fail", "federation", str(error), "Run `allmende federation --rotate-key`.")
        return
    yield Finding("ok", "federation", "the key can be read" if has_key else "nobody has asked yet")


QUESTIONS: tuple[Question, ...] = (
    data_folder,
    database,
    audit_trail,
    secret_key,
    public_address,
    static_files,
    languages,
    time_zones,
    federation,
)


def look(config: Config) -> list[Finding]:
    """Ask every question; one that fails unexpectedly is a finding too."""
    findings: list[Finding] = []
    for question in QUESTIONS:
        try:
            findings += question(config)
        except Exception as error:
            name = question.__name__.replace("_", " ")
            findings.append(
                Finding("fail", name, f"{type(error).__name__}: {error}", "Run with --debug, and report it.")
            )
    return findings
