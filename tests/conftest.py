"""What all tests share: which database they run on, how thorough hypothesis is, and where Chromium is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import CONTENTS, MIGRATED, Migrated, OwnDatabases, forget_all, made_once, on_postgres

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("ALLMENDE_SHARED_DATA", ROOT.parent / "shared" / "data"))
"""Real files that may be tested with but do not ship; tests that read them skip where they are absent."""
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "installation"}

# Reproducible: the same examples on every machine, and no deadline on a busy one.
settings.register_profile("default", deadline=None, max_examples=60, derandomize=True, print_blob=True)
settings.register_profile(
    "long", deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def chromium() -> str:
    """The installed Chromium, or an empty string."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


def _touches_the_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & DATABASE_FIXTURES) or any(item.iter_markers("django_db")) or any(item.iter_markers("postgres"))


WITHOUT_DATABASE = {"engines", "formats", "browser"}
"""Folders of tests that no database has a part in (a browser's guide always runs on SQLite)."""


def _has_no_database(path: Path) -> bool:
    """Whether a folder or file of tests is one that PostgreSQL has no part in."""
    return any(path.is_relative_to(ROOT / "tests" / name) for name in WITHOUT_DATABASE)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Not even read on PostgreSQL."""
    return True if on_postgres() and _has_no_database(collection_path) else None


def _another_language(item: pytest.Item, asked: set[str]) -> bool:
    """Whether a page was asked for in some language already: its other languages ask the database the same questions."""
    parameters = dict(getattr(getattr(item, "callspec", None), "params", {}))
    if "language" not in parameters or not item.path.is_relative_to(ROOT / "tests" / "guide"):
        return False
    del parameters["language"]
    question = f"{item.path} {getattr(item, 'originalname', '')} {sorted(parameters.items(), key=str)}"
    if question in asked:
        return True
    asked.add(question)
    return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches a database; on SQLite everything that does not ask for PostgreSQL."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    asked: set[str] = set()
    for item in items:
        is_browser = any(item.iter_markers("browser"))
        if on_postgres():
            runs_here = not any(item.get_closest_marker(name) for name in ("browser", "sqlite", "once"))
            wanted = runs_here and _touches_the_database(item) and not _another_language(item, asked)
        else:
            wanted = not any(item.iter_markers("postgres"))
            if _has_no_database(item.path) and not is_browser:
                assert not _touches_the_database(item), f"{item.nodeid} would not run on PostgreSQL: move it"
        (kept if wanted else left).append(item)
        if is_browser:
            item.add_marker(pytest.mark.xdist_group("browser"))  # one Chromium at a time
    items[:] = kept
    if left:
        config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is.  Without it browser tests skip on a person's machine, and fail in CI."""
    path = chromium()
    if not path:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """A running Chromium."""
    from playwright.sync_api import sync_playwright  # not needed by most runs

    # Playwright keeps an event loop in this thread; Django would take every later query for one from async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def migrated() -> Migrated:
    """An installation without any content, to be copied."""
    return made_once()


OWN = OwnDatabases()


@pytest.fixture(scope="session")
def django_db_setup() -> Iterator[None]:
    """In place of pytest-django's, which would migrate once more in each worker."""
    OWN.open()
    yield
    OWN.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Which database the test starts from is settled before any fixture looks at it."""
    OWN.want(next((name for name in getattr(item, "fixturenames", ()) if name in CONTENTS), MIGRATED))


@pytest.fixture
def small_guide(db: None) -> None:
    """The database holds the small guide of tests/guide/conftest.py."""


@pytest.fixture
def workspace_people(db: None) -> None:
    """The database holds the people of tests/guide/workspace/conftest.py, signed in."""


@pytest.fixture
def occitanie(db: None) -> None:
    """The database holds the demo region."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Workers end before their parent does."""
    if not hasattr(session.config, "workerinput"):
        forget_all()


_stamps = count(1_000_000)


@pytest.fixture(autouse=True)
def _nothing_left_over(request: pytest.FixtureRequest) -> None:
    """Give each test English, and a content stamp that no other has: what a process remembers is then its own."""
    from django.utils import translation  # Django must be set up first

    from allmende.core import content  # the same
    from allmende.core.models import ContentStamp

    content._seen.clear()
    translation.activate("en")  # a page asked for by the test before may have left another language
    if request.node.get_closest_marker("django_db") or set(request.fixturenames) & {"db", "transactional_db"}:
        database = "transactional_db" if "transactional_db" in request.fixturenames else "db"
        marker = request.node.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            database = "transactional_db"
        request.getfixturevalue(database)
        ContentStamp.objects.update_or_create(id=1, defaults={"value": next(_stamps)})
