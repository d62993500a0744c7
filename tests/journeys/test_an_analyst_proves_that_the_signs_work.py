"""An analyst writes down what the signs at the beach should do, locks it, evaluates it; the report is public for everyone.

The whole way in Chromium: four steps, the lock, the answer of the real engine from a year of figures, its publication by a
manager, and a stranger who reads it in Danish and takes the report home.  The figures carry a known effect: a quarter fewer
visitors, half of whom went next door.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import _wait_for
from tests.conftest import ROOT
from tests.databases import Migrated
from tests.site.conftest import free_port

pytestmark = pytest.mark.browser
PASSWORD = "quiet-mill-by-the-river"
COAST = f"""
import django
django.setup()
from tests.insight.interventions.coast import make_coast
coast = make_coast()
for person in (coast.editor, coast.manager):
    person.set_password({PASSWORD!r})
    person.save()
"""


@pytest.fixture(scope="module")
def coast(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a served installation with a year of figures."""
    port = free_port()
    data = shutil.copytree(migrated.data, tmp_path_factory.mktemp("coast") / "data")
    env = {
        **os.environ,
        "ALLMENDE_DATA": str(data),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://localhost:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    subprocess.run([sys.executable, "-c", COAST], env=env, cwd=ROOT, check=True, capture_output=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "allmende.site", "serve", "--workers", "1"], env=env, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(server, f"http://localhost:{port}/robots.txt")
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


@contextmanager
def window(browser: Browser, url: str, email: str = "", **more: object) -> Iterator[Page]:
    """A person's own browser, signed in if ``email`` is given."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **more)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    try:
        if email:
            page.goto(f"{url}/en/workspace/sign-in/")
            page.fill("#email", email)
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(r"/workspace/$"))
        yield page
    finally:
        context.close()


def test_from_the_hypothesis_to_the_public_report(browser: Browser, coast: str) -> None:
    with window(browser, coast, "edda@example.org") as edda:
        # Four steps.
        edda.goto(f"{coast}/en/workspace/insight/interventions/")
        edda.get_by_role("link", name="New intervention").click()
        edda.get_by_label("Name").fill("Signs to the south beach")
        edda.get_by_label("Kind").select_option("redirection")
        edda.get_by_label("What is done").fill("Signs at the fork lead to the south beach.")
        edda.get_by_label("First day").fill("2026-09-01")
        edda.get_by_label("Last day").fill("2026-10-31")
        edda.get_by_role("button", name="Save and go on").click()
        edda.get_by_role("checkbox", name=re.compile("Nordstrand")).check()
        edda.get_by_role("button", name="Save and go on").click()
        expect(edda.get_by_label("Part of Sydstrand")).to_have_value("neighbour")
        expect(edda.get_by_label("Part of Sted 3")).to_have_value("comparison")
        edda.get_by_role("button", name="Save and go on").click()
        edda.get_by_label("What will happen, and why?").fill("Who sees the sign goes south.")
        edda.get_by_label("By how many per cent?").fill("15")
        edda.get_by_role("button", name="Save", exact=True).click()

        # It began already, and the lock says so for ever.
        edda.get_by_role("checkbox", name=re.compile("It has begun already")).check()
        edda.get_by_role("button", name="Lock it").click()
        expect(edda.get_by_text("Written down after the start.")).to_be_visible()
        here = edda.url

        # The answer comes by itself.
        edda.get_by_role("button", name="Evaluate now").click()
        answer = edda.get_by_role("link", name=re.compile("Fewer visitors at Nordstrand"))
        answer.wait_for(timeout=90_000)
        answer.click()
        expect(edda.locator(".iv-answer")).to_contain_text("About half of them came to Sydstrand")
        expect(edda.get_by_text("Show it to everyone")).to_have_count(0)
        result = edda.url

    with window(browser, coast) as stranger:
        assert stranger.goto(f"{coast}/en/interventions/signs-to-the-south-beach/").status == 404  # type: ignore[union-attr]

    with window(browser, coast, "mads@example.org") as mads:
        mads.goto(result)
        mads.get_by_label("What you say to it").fill("Vi lader skiltene stå.")
        mads.get_by_role("button", name="Publish").click()
        expect(mads.get_by_role("link", name="Its public page")).to_be_visible()
        mads.goto(here)
        expect(mads.get_by_text("published").first).to_be_visible()

    with window(browser, coast, locale="da-DK") as stranger:
        stranger.goto(f"{coast}/da/interventions/")
        stranger.get_by_role("link", name="Signs to the south beach").click()
        expect(stranger.locator("main")).to_contain_text("Færre besøgende ved Nordstrand")
        expect(stranger.locator("main")).to_contain_text("Vi lader skiltene stå.")
        expect(stranger.locator("main")).to_contain_text("skrevet ned efter starten")
        with stranger.expect_download() as report:
            stranger.get_by_role("link", name="Rapport (PDF)").click()
        assert report.value.path().read_bytes().startswith(b"%PDF")
