"""The data folder and the database of this installation: made, brought up to date, locked while that happens."""

from __future__ import annotations

import fcntl
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.db import OperationalError, connection

from allmende.site.config import BadSetting, Config, read_config
from allmende.site.terminal import Failed, say

MIGRATION_LOCK = 7_241_009
"""Number of the advisory lock that keeps two machines on one PostgreSQL from migrating at the same time."""


def start_django() -> Config:
    """Read the settings and set Django up; a setting that makes no sense ends the command with its remedy."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")
    try:
        config = read_config()
        config.data.mkdir(parents=True, exist_ok=True, mode=0o750)
        django.setup()
    except BadSetting as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(
            f"The data folder cannot be used: {error}. Set ALLMENDE_DATA to a folder you may write to."
        ) from error
    return config


@contextmanager
def locked(data: Path, name: str) -> Iterator[None]:
    """Hold ``data/name.lock``; waits for another process of this installation that holds it."""
    with (data / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrations_on_disk() -> set[tuple[str, str]]:
    """(app, name) of every migration that ships, without importing any of them."""
    return {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])
        if module.name[0].isdigit()
    }


def migrations_applied() -> set[tuple[str, str]]:
    """(app, name) of every migration that the database has."""
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def missing_migrations() -> list[str]:
    """Names of migrations that the database does not have yet: a look at one table, not a walk through their graph."""
    return sorted(f"{app}.{name}" for app, name in migrations_on_disk() - migrations_applied())


def migrate_if_needed(data: Path, *, quiet: bool = False) -> list[str]:
    """Bring the database up to date and return what was applied; two starts at once do not collide."""
    missing = missing_migrations()
    if not missing:
        return []
    with locked(data, "migrate"):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            missing = missing_migrations()
            if missing:
                if not quiet:
                    say(f"Bringing the database up to date ({len(missing)} steps) …")
                from django.core.management import call_command  # heavy, and hardly ever needed

                call_command("migrate", interactive=False, verbosity=0)
        finally:
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return missing


def open_installation(*, quiet: bool = False) -> Config:
    """Settings read, Django set up, database there and up to date: what most commands start with."""
    config = start_django()
    try:
        migrate_if_needed(config.data, quiet=quiet)
    except OperationalError as error:
        raise Failed(
            f"The database cannot be reached: {str(error).strip().splitlines()[0]}. "
            "Look at DATABASE_URL, or at the rights of the data folder."
        ) from error
    return config
