"""A real installation with the demo region, and a browser that notes everything that should not happen."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.databases import COMMAND, Migrated
from tests.site.conftest import free_port

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
START_SECONDS = 60
DESK_ACCOUNT = ("anna@example.org", "quiet-mill-by-the-river")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Site:
    """A running guide."""

    address: str

    def text(self, path: str) -> str:
        """What the server answers, as text."""
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return str(answer.read().decode())

    def first(self, path: str, kind: str) -> str:
        """The path of the first event, place ... that a list shows."""
        found = re.search(rf'href="(/\w\w/{kind}/[^"/?]+-\d+/)"', self.text(path))
        assert found, f"{path} shows nothing of {kind}"
        return found[1]


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``allmende serve`` with the demo region, loaded by the real importers.

    ALLMENDE_TEST_SITE names a server that already runs, for whoever works on a page and tests it again and again.
    """
    if running := os.environ.get("ALLMENDE_TEST_SITE"):
        yield Site(running.rstrip("/"))
        return
    port = free_port()
    migrated: Migrated = request.getfixturevalue("migrated")
    environment = {
        **os.environ,
        "ALLMENDE_DATA": str(shutil.copytree(migrated.data, tmp_path_factory.mktemp("browser") / "data")),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    subprocess.run([*COMMAND, "demo"], env=environment, check=True, capture_output=True)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, f"http://127.0.0.1:{port}/robots.txt")
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


@pytest.fixture(scope="session")
def desk(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with one manager, whose account is ``DESK_ACCOUNT``, and no records."""
    port = free_port()
    environment = {
        **os.environ,
        "ALLMENDE_DATA": str(shutil.copytree(migrated.data, tmp_path_factory.mktemp("desk") / "data")),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    email, password = DESK_ACCOUNT
    account = [*COMMAND, "user", email, "--organisation", "Mill Society", "--password-stdin", "--json"]
    subprocess.run(account, env=environment, input=password + "\n", text=True, check=True, capture_output=True)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, f"http://127.0.0.1:{port}/robots.txt")
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not answer within {START_SECONDS} s")


@dataclass
class Visit:
    """One guest's browser window, with everything that went wrong in it."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page and wait until it is quiet."""
        self.page.goto(self.site.address + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def barriers(self) -> list[str]:
        """What axe-core finds on the page that is open."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS
        )
        return [
            f"{finding['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
            for finding in found["violations"]
            for node in finding["nodes"][:3]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def cookies(self) -> list[str]:
        """Names of the cookies that this browser holds."""
        return sorted(str(cookie.get("name")) for cookie in self.context.cookies())


Visitor = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Open windows: ``visit(width=390, color_scheme="dark", java_script_enabled=False, locale="de-DE")``."""
    contexts: list[BrowserContext] = []

    def open_window(*, width: int = 1280, height: int = 900, locale: str = "en-GB", **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        opened = Visit(site, context, page)
        page.on("pageerror", lambda error: opened.complaints.append(f"script: {error}"))
        page.on("console", lambda said: _note(opened, said.type, said.text))
        page.on("request", lambda request: _note_request(opened, request.url))
        return opened

    yield open_window
    for context in contexts:
        context.close()


def _note(opened: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        opened.complaints.append(f"console: {text}")


def _note_request(opened: Visit, address: str) -> None:
    if not address.startswith((opened.site.address, "data:", "blob:")):
        opened.complaints.append(f"third party: {address}")


@pytest.fixture(scope="session")
def event_path(site: Site) -> str:
    """One event's page, in French."""
    return site.first("/fr/events/", "events")


@pytest.fixture(scope="session")
def place_path(site: Site) -> str:
    """One place's page, in French."""
    return site.first("/fr/places/", "places")
