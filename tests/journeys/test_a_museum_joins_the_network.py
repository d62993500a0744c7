"""A museum is invited, signs in with a passkey and publishes an event through the network's review; people come and go.

The whole way in Chromium, as people take it: invitation by letter, passkey, profile, an event in Danish, "please change",
publication, translation, the guide.  Then two editors in one record, a hand-over, and a wish to be forgotten.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import _wait_for
from tests.browser.test_signing_in import give_device
from tests.databases import Migrated
from tests.site.conftest import free_port

pytestmark = pytest.mark.browser
COMMAND = [sys.executable, "-m", "allmende.site"]
PASSWORD = "quiet-mill-by-the-river"
DAY = (datetime.now(UTC) + timedelta(days=30)).date()
HOUSE = """
import django, json, sys
django.setup()
from datetime import UTC, datetime
from allmende.core.models import User
from allmende.partners.actions import found_organisation
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson
now = datetime.now(UTC)
museum = found_organisation("Møllemuseet", kind="museum", by=None, now=now, language="da")
culture = Network.objects.create(
    name="Kultur", slug="kultur", kind="culture", policy="reviewed", moderated_kinds=["event"], created_at=now, updated_at=now
)
NetworkOrganisation.objects.create(network=culture, organisation=museum, since=now)
carla = User.objects.get(email="carla@example.org")
NetworkPerson.objects.create(network=culture, user=carla, role="coordinator", since=now)
print(json.dumps({"museum": museum.pk, "slug": museum.slug}))
"""


@dataclass
class House:
    """A served installation: its address, its data folder, the museum's number."""

    url: str
    data: Path
    museum: int
    env: dict[str, str]

    def letter_to(self, address: str) -> str:
        """The text of the last letter to somebody; no mail server is connected, so letters end in a folder."""
        found = []
        for path in sorted((self.data / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime):
            for part in re.split(rb"^-{70,}$", path.read_bytes(), flags=re.MULTILINE):
                letter = message_from_bytes(part.strip(), policy=policy.default)
                if address in str(letter["To"]):
                    body = letter.get_body(("plain",))
                    found.append(str(body.get_content() if body else letter.get_payload()))
        assert found, f"no letter to {address}"
        return found[-1]


@pytest.fixture(scope="module")
def house(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    port = free_port()
    data = shutil.copytree(migrated.data, tmp_path_factory.mktemp("museum") / "data")
    env = {
        **os.environ,
        "ALLMENDE_DATA": str(data),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://localhost:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    for person in (["olle@example.org", "--operator"], ["carla@example.org", "--organisation", "Region"]):
        command = [*COMMAND, "user", *person, "--name", person[0].split("@")[0].title(), "--password-stdin"]
        subprocess.run(command, env=env, input=PASSWORD, text=True, check=True, capture_output=True)
    made = subprocess.run([sys.executable, "-c", HOUSE], env=env, text=True, check=True, capture_output=True)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=env, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, f"http://localhost:{port}/robots.txt")
        yield House(f"http://localhost:{port}", data, json.loads(made.stdout)["museum"], env)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


@contextmanager
def window(browser: Browser, house: House, email: str = "", locale: str = "en-GB") -> Iterator[Page]:
    """A person's own browser, signed in with the password if ``email`` is given."""
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    try:
        if email:
            page.goto(f"{house.url}/en/workspace/sign-in/")
            page.fill("#email", email)
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(r"/workspace/$"))
        yield page
    finally:
        context.close()


def invite(browser: Browser, house: House, by: str, email: str, role: str) -> str:
    """Somebody who may invites an address into the museum; the link of the letter."""
    with window(browser, house, by) as page:
        page.goto(f"{house.url}/en/workspace/organisations/{house.museum}/people/")
        form = page.locator("#invite-form")
        form.get_by_label("E-mail address").fill(email)
        form.get_by_label("Role").select_option(role)
        form.get_by_role("button", name=re.compile("[Ii]nvit")).click()
        expect(page.get_by_role("status").or_(page.locator(".notice")).first).to_be_visible()
    return str(re.search(r"http\S+/invitations/\S+", house.letter_to(email))[0])  # type: ignore[index]


def accept(page: Page, link: str, name: str) -> None:
    """Take up an invitation: a name, a password, and one is in."""
    page.goto(link)
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("button[value=accept]").click()
    page.wait_for_url(re.compile(r"/workspace/$"))


def test_from_the_letter_to_the_guide(browser: Browser, house: House) -> None:
    link = invite(browser, house, "olle@example.org", "maja@example.org", "manager")
    with window(browser, house, locale="da-DK") as maja:
        # She takes it up, makes a passkey, and comes back with it alone.
        give_device(maja)
        accept(maja, link, "Maja")
        maja.goto(f"{house.url}/en/workspace/account/passkeys/new/")
        maja.get_by_label("What shall it be called?").fill("Telefon")
        maja.keyboard.press("Enter")
        expect(maja.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        maja.goto(f"{house.url}/en/workspace/")
        maja.get_by_label("Your account").click()
        maja.get_by_role("button", name="Sign out").click()
        maja.wait_for_url(re.compile("/sign-in/"))
        maja.get_by_role("button", name="Use a passkey").click()
        maja.wait_for_url(re.compile(r"/workspace/$"))

        # The museum says what it does, and what not.
        maja.goto(f"{house.url}/en/workspace/organisations/{house.museum}/")
        maja.get_by_role("tab", name=re.compile("Dansk")).click()
        maja.locator('[name="does.da"]').fill("Vi viser hvordan man malede korn.")
        maja.locator('[name="does_not.da"]').fill("Vi udlejer ikke lokaler.")
        maja.locator("#edit .save-bar button").first.click()
        expect(maja.locator(".notice.good, .notice[role=status]").first).to_be_visible()
        maja.goto(f"{house.url}/da/organisations/moellemuseet-{house.museum}/")
        expect(maja.locator("main")).to_contain_text("Vi viser hvordan man malede korn.")

        # An event in Danish; the network wants to look at it first.
        maja.goto(f"{house.url}/en/workspace/records/event/new/?language=da")
        maja.locator('[name="name.da"]').fill("Mølledag")
        maja.locator('[name="summary.da"]').fill("Kom og mal dit eget mel.")
        maja.locator('[name="schedule.start_day"]').fill(DAY.isoformat())
        maja.locator('[name="schedule.start_time"]').fill("11:00")
        maja.get_by_role("button", name="Save as a draft").click()
        maja.wait_for_url(re.compile(r"/records/event/\d+/"))
        record = maja.url.split("#")[0].split("?")[0]
        maja.get_by_role("button", name="Submit for review").click()
        expect(maja.get_by_text("This waits for review.").first).to_be_visible()
        number = record.rstrip("/").rpartition("/")[2]
        assert maja.request.get(f"{house.url}/api/v1/events/{number}").status == 404

        # The coordinator asks for a change; it is made; it is published.
        with window(browser, house, "carla@example.org") as carla:
            carla.goto(f"{house.url}/en/workspace/review/")
            carla.get_by_role("link", name="Mølledag").click()
            carla.get_by_label("What should be changed?").fill("Hvad koster det?")
            carla.get_by_role("button", name="Please change").click()
            carla.wait_for_url(re.compile(r"/review/"))
            maja.goto(record)
            expect(maja.get_by_text("The reviewers ask for a change.")).to_be_visible()
            expect(maja.locator("#talk")).to_contain_text("Hvad koster det?")
            maja.locator('[name="summary.da"]').fill("Kom og mal dit eget mel. Gratis.")
            maja.locator("form#edit .save-bar button, .save-bar .btn.main").first.click()
            expect(maja.locator(".notice").first).to_be_visible()
            maja.get_by_role("button", name="Submit for review").click()
            expect(maja.get_by_text("This waits for review.").first).to_be_visible()
            carla.goto(f"{house.url}/en/workspace/review/")
            carla.get_by_role("link", name="Mølledag").click()
            expect(carla.locator("main")).to_contain_text("Gratis.")
            carla.get_by_role("button", name="Accept and publish").click()
            expect(carla.locator("main")).to_contain_text(re.compile("Accepted|published|Nothing waits"))

        # It is translated side by side, and stands in the guide in both languages.
        with window(browser, house, "carla@example.org") as carla:
            carla.goto(f"{house.url}/en/workspace/translations/event/{number}/de/")
            carla.locator("#text-name").fill("Mühlentag")
            carla.get_by_role("button", name="Save", exact=True).click()
            expect(carla.locator(".notice").first).to_contain_text("Saved")
        maja.goto(f"{house.url}/de/events/?q=M%C3%BChlentag")
        expect(maja.get_by_role("link", name="Mühlentag").first).to_be_visible()
        maja.goto(f"{house.url}/de/events/muehlentag-{number}/")
        expect(maja.get_by_role("heading", level=1)).to_have_text("Mühlentag")
        maja.goto(f"{house.url}/da/events/?q=M%C3%B8lledag")
        expect(maja.get_by_role("link", name="Mølledag").first).to_be_visible()
        maja.goto(f"{house.url}/da/events/moelledag-{number}/")
        expect(maja.locator("main")).to_contain_text("Gratis.")


def test_two_editors_in_one_record_a_hand_over_and_a_wish_to_be_forgotten(browser: Browser, house: House) -> None:
    first = invite(browser, house, "olle@example.org", "ida@example.org", "manager")
    with window(browser, house) as ida, window(browser, house) as jens:
        accept(ida, first, "Ida")
        accept(jens, invite(browser, house, "ida@example.org", "jens@example.org", "editor"), "Jens")

        # Both have the same draft open; what differs is merged, what clashes is shown.
        ida.goto(f"{house.url}/en/workspace/records/event/new/?language=da")
        ida.locator('[name="name.da"]').fill("Bagedag")
        ida.locator('[name="schedule.start_day"]').fill(DAY.isoformat())
        ida.locator('[name="schedule.start_time"]').fill("10:00")
        ida.get_by_role("button", name="Save as a draft").click()
        ida.wait_for_url(re.compile(r"/records/event/\d+/"))
        record = ida.url.split("#")[0].split("?")[0]
        jens.goto(record)
        ida.locator('[name="name.da"]').fill("Den store bagedag")
        ida.locator(".save-bar .btn.main").first.click()
        expect(ida.locator(".notice").first).to_contain_text("Saved")
        jens.locator('[name="summary.da"]').fill("Med stenovn.")
        jens.locator(".save-bar .btn.main").first.click()
        expect(jens.locator(".notice").first).to_contain_text("Saved")
        expect(jens.locator('[name="name.da"]')).to_have_value("Den store bagedag")
        ida.goto(record)
        jens.goto(record)
        ida.locator('[name="summary.da"]').fill("Idas ord.")
        ida.locator(".save-bar .btn.main").first.click()
        expect(ida.locator(".notice").first).to_contain_text("Saved")
        jens.locator('[name="summary.da"]').fill("Jens’ ord.")
        jens.locator(".save-bar .btn.main").first.click()
        expect(jens.locator("main")).to_contain_text("Idas ord.")
        expect(jens.locator('[name="summary.da"]')).to_have_value("Jens’ ord.")

        # Ida leaves and hands over to Jens, who is manager then.
        ida.goto(f"{house.url}/en/workspace/organisations/{house.museum}/people/")
        ida.get_by_role("link", name="Leave", exact=True).click()
        ida.get_by_label("Who takes over?").select_option(label=re.compile("Jens").pattern)
        ida.get_by_role("button", name="Hand over and leave").click()
        ida.goto(record)
        assert "Bagedag" not in ida.locator("main").inner_text()
        expect(ida.get_by_role("heading", level=1)).not_to_contain_text("bagedag")

        # She wants to be forgotten.
        ida.goto(f"{house.url}/en/workspace/account/data/")
        expect(ida.locator("main")).to_contain_text("ida@example.org")
        ida.get_by_label("I am sure").check()
        ida.get_by_role("button", name="Erase my account").click()
        expect(ida.locator("main")).to_contain_text(re.compile("stop|erased", re.IGNORECASE))
        assert "erase" in house.letter_to("ida@example.org").lower()
