"""A guest on a phone finds something for Saturday, in their language, with step-free access, and puts it in a calendar."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from playwright.sync_api import Browser

from tests.databases import Migrated
from tests.site.conftest import free_port

pytestmark = pytest.mark.browser
PARIS = ZoneInfo("Europe/Paris")
COMMAND = [sys.executable, "-m", "allmende.site"]

TODAY = datetime.now(PARIS).date()
SATURDAY = TODAY + timedelta(days=(5 - TODAY.weekday()) % 7 or 7)
"""The coming Saturday, never today."""

FEED = [
    ("a", "Concert au jardin", SATURDAY, "15:00", "oui"),
    ("b", "Montée au clocher", SATURDAY, "16:00", "non"),
    ("c", "Atelier accessible", SATURDAY + timedelta(days=1), "10:00", "oui"),
    ("d", "Visite du musée", SATURDAY, "11:00", ""),
]
MAPPING = {
    "kind": "event",
    "key": "id",
    "language": "fr",
    "fields": {
        "name": {"fr": "titre", "da": "titel"},
        "start": "jour",
        "start_time": "heure",
        "accessibility": {"step_free": "plain-pied"},
        "place_name": "lieu",
    },
}


@pytest.fixture(scope="module")
def guide(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served guide with one feed of four events."""
    folder: Path = tmp_path_factory.mktemp("journey")
    with (folder / "feed.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "titre", "titel", "jour", "heure", "plain-pied", "lieu"])
        for key, title, day, at, step_free in FEED:
            danish = "Koncert i haven" if key == "a" else ""
            writer.writerow([key, title, danish, day.isoformat(), at, step_free, "Jardin des plantes"])
    (folder / "mapping.json").write_text(json.dumps(MAPPING))
    port = free_port()
    data = shutil.copytree(migrated.data, folder / "data")
    env = {**os.environ, "ALLMENDE_DATA": str(data), "PORT": str(port), "DATABASE_URL": ""}
    env |= {"ALLMENDE_URL": f"http://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "allmende.site.settings"}
    load = [
        "import",
        "--source",
        "agenda",
        "--format",
        "csv",
        "--mapping",
        str(folder / "mapping.json"),
        "--language",
        "fr",
    ]
    load += ["--timezone", "Europe/Paris", "--json", str(folder / "feed.csv")]
    answer = subprocess.run([*COMMAND, *load], env=env, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    subprocess.run([*COMMAND, "tick"], env=env, check=True, capture_output=True)
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


def test_a_guest_finds_something_for_saturday(guide: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="da-DK", accept_downloads=True, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: problems.append(r.url) if not r.url.startswith((guide, "data:")) else None)

    # The front page speaks Danish without being asked; the guest goes to the events.
    page.goto(guide + "/")
    assert page.locator("html").get_attribute("lang") == "da"
    page.goto(guide + "/da/events/")

    # On the phone the filters are folded away; open them, choose Saturday and step-free access.
    form = page.locator("form[data-filters]").first
    if not form.locator("input[name=from]").is_visible():
        page.locator("a.filters-open").first.click()
    form.locator("input[name=from]").fill(SATURDAY.isoformat())
    form.locator("input[name=to]").fill(SATURDAY.isoformat())
    form.locator("input[name=access][value=step_free]").check()
    form.locator("button.main, button[type=submit]").first.click()
    page.wait_for_url("**access=step_free**")

    # Exactly one event fits, and it has a Danish name.
    titles = page.locator("main .card h3").all_inner_texts()
    assert [title.strip() for title in titles] == ["Koncert i haven"]
    page.locator("main").get_by_role("link", name="Koncert i haven").first.click()
    page.wait_for_url("**/da/events/concert-au-jardin-*/")
    assert page.locator("h1").inner_text().strip() == "Koncert i haven"

    # It goes into the calendar: Saturday, three in the afternoon, Paris time.
    with page.expect_download() as waiting:
        page.locator("a[href$='.ics']").first.click()
    waiting.value.save_as(tmp_path / "event.ics")
    calendar = icalendar.Calendar.from_ical((tmp_path / "event.ics").read_bytes())
    (entry,) = [part for part in calendar.walk() if part.name == "VEVENT"]
    start = entry["DTSTART"].dt
    assert start.astimezone(PARIS).replace(tzinfo=None) == datetime.combine(SATURDAY, datetime.min.time()).replace(
        hour=15
    )
    assert problems == []
    assert context.cookies() == []
    context.close()


def test_the_saturday_is_in_the_future() -> None:
    assert isinstance(SATURDAY, date)
    assert SATURDAY.weekday() == 5
    assert SATURDAY > TODAY
