"""A manager imports a feed, edits one field, imports again, and the edit stands; and everybody can use these pages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.databases import Migrated
from tests.site.conftest import free_port

pytestmark = pytest.mark.browser
COMMAND = [sys.executable, "-m", "allmende.site"]
AXE = Path(__file__).parent.parent / "browser" / "vendor" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "quiet-mill-by-the-river"
DAY = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y%m%d")


def feed(*events: tuple[str, str, str]) -> bytes:
    """A calendar of (identifier, name, description)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//journey//EN"]
    for uid, name, text in events:
        lines += ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{name}", f"DESCRIPTION:{text}", "LOCATION:Mill"]
        lines += [f"DTSTART;TZID=Europe/Paris:{DAY}T193000", f"DTEND;TZID=Europe/Paris:{DAY}T213000", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


@pytest.fixture(scope="module")
def desk(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served installation with a manager of one organisation and an operator."""
    port = free_port()
    data = shutil.copytree(migrated.data, tmp_path_factory.mktemp("desk") / "data")
    env = {**os.environ, "ALLMENDE_DATA": str(data), "PORT": str(port), "DATABASE_URL": ""}
    env |= {"ALLMENDE_URL": f"http://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "allmende.site.settings"}
    env["ALLMENDE_SECRET_KEY"] = ""
    people = (
        ["anna@example.org", "--name", "Anna", "--organisation", "Mill Society"],
        ["olle@example.org", "--operator"],
    )
    for person in people:
        command = [*COMMAND, "user", *person, "--password-stdin", "--json"]
        subprocess.run(command, env=env, input=PASSWORD + "\n", text=True, check=True, capture_output=True)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/robots.txt", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def sign_in(page: Page, desk: str, email: str) -> None:
    page.goto(f"{desk}/en/workspace/sources/")
    assert page.url.startswith(f"{desk}/en/workspace/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{desk}/en/workspace/sources/")


def preview(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "text/calendar", "buffer": content}
    )
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/deliveries/*/")


def counts(page: Page) -> dict[str, str]:
    """What the preview or the result counts."""
    return dict(
        zip(page.locator(".counts dt").all_inner_texts(), page.locator(".counts dd").all_inner_texts(), strict=True)
    )


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_manager_imports_a_feed(desk: str, browser: Browser, *, has_scripts: bool) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", java_script_enabled=has_scripts
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda r: problems.append(r.url) if not r.url.startswith((desk, "data:")) else None)
    title = "Mill calendar" if has_scripts else "Second mill calendar"

    # Anna signs in and makes a source for her organisation.
    sign_in(page, desk, "anna@example.org")
    page.get_by_role("link", name="New source").click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Time zone").fill("Europe/Paris")
    page.get_by_role("textbox", name="Language").fill("en")
    page.get_by_role("button", name="Make the source").click()
    page.get_by_text("The source is there. Now upload its file.").wait_for()
    source = page.url

    # She uploads the feed, looks at the preview, and applies it.
    preview(page, "mill.ics", feed(("a", "Mill concert", "Bring a cushion."), ("b", "Mill walk", "Two hours.")))
    assert (counts(page)["read"], counts(page)["new"]) == ("2", "2")
    assert page.locator(".changes h3").all_inner_texts() == ["New Mill concert", "New Mill walk"]
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("Applied. This is what became of the file.").wait_for()

    # She corrects one name.
    page.get_by_role("link", name="Mill concert").click()
    page.locator("input[name='name.en']").fill("Candlelight concert at the mill")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: Name. A later import will not overwrite this.").wait_for()
    record = page.url

    # The feed comes again, with that record changed.  The preview shows the difference and that her edit stands.
    page.goto(source)
    preview(page, "mill.ics", feed(("a", "MILL CONCERT!!", "Bring a blanket."), ("b", "Mill walk", "Two hours.")))
    assert (counts(page)["changed"], counts(page)["as before"]) == ("1", "1")
    kept = page.locator(".diff .kept").inner_text()
    assert "kept: edited by a person" in kept
    assert "Candlelight concert at the mill" in kept
    assert "MILL CONCERT!!" in kept
    taken = page.locator(".diff > div:not(.kept)").inner_text()
    assert "Bring a cushion." in taken
    assert "Bring a blanket." in taken
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("Applied. This is what became of the file.").wait_for()

    # The record says what its source says, and guests see the edit with the new description.
    page.goto(record)
    assert "MILL CONCERT!!" in page.locator(".origin.edited").inner_text()
    page.get_by_role("link", name="Public page").click()
    assert page.locator("h1").inner_text() == "Candlelight concert at the mill"
    assert "Bring a blanket." in page.locator("main").inner_text()
    assert "Bring a cushion." not in page.locator("main").inner_text()
    assert problems == []
    context.close()


def barriers(page: Page) -> list[str]:
    """What axe-core finds on the page that is open."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS)
    return [
        f"{finding['id']}: {node['html'][:160]}" for finding in found["violations"] for node in finding["nodes"][:3]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_page_of_the_workspace_has_a_barrier(desk: str, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(f"{desk}/en/workspace/sign-in/")
    assert barriers(page) == []
    sign_in(page, desk, "olle@example.org")
    page.goto(f"{desk}/en/workspace/sources/new/")
    page.get_by_label("Title").fill(f"Axe {width}")
    page.get_by_role("button", name="Make the source").click()
    page.wait_for_url("**/sources/axe-*/")
    source = page.url
    rows = "id;name;start\n1;Fair;{0}\n2;;{0}\n".format(f"{DAY[:4]}-{DAY[4:6]}-{DAY[6:]}").encode()
    preview(page, "fair.csv", rows)
    delivery = page.url
    assert barriers(page) == []
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/runs/*/")
    run = page.url
    page.get_by_role("link", name="Fair").click()
    record = page.url
    page.locator("input[name='name.en']").fill("")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("1 field needs another look.").wait_for()
    assert barriers(page) == []
    page.locator("input[name='name.en']").fill("Great fair")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved: Name.").wait_for()
    names = ("", "records/", "records/?kind=place", "sources/", "sources/new/", "reports/", "brand/")
    for address in (source, delivery, run, record, *(f"{desk}/en/workspace/{name}" for name in names)):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], address
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, address
    assert [complaint for complaint in complaints if "422" not in complaint] == []
    context.close()
