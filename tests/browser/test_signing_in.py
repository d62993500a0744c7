"""Passkeys and authenticator apps as a person meets them: Chromium with a virtual authenticator, by keyboard where it counts."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.core.accounts.codes import code_at
from tests.databases import Migrated
from tests.site.conftest import free_port

from .conftest import COMMAND, Site, Visit, _note, _note_request, _wait_for

pytestmark = pytest.mark.browser
PASSWORD = "a long enough password"
WORKSPACE = re.compile(r"/workspace/$")
PEOPLE = ("anna", "bo", "cleo")


@pytest.fixture(scope="module")
def workspace(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation under a host name, as browsers ask it for passkeys, with three people of a museum."""
    port = free_port()
    environment = {
        **os.environ,
        "ALLMENDE_DATA": str(shutil.copytree(migrated.data, tmp_path_factory.mktemp("signing-in") / "data")),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://localhost:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    for name in PEOPLE:
        command = [*COMMAND, "user", f"{name}@example.org", "--organisation", "Museum", "--password-stdin"]
        subprocess.run(command, env=environment, input=PASSWORD, text=True, check=True, capture_output=True)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, f"http://localhost:{port}/robots.txt")
        yield Site(f"http://localhost:{port}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


@pytest.fixture
def visit(browser: Browser, workspace: Site) -> Iterator[Any]:
    """Open windows that note what should not happen."""
    contexts = []

    def open_window(width: int = 1280) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        context.set_default_timeout(10_000)
        opened = Visit(workspace, context, context.new_page())
        opened.page.on("pageerror", lambda error: opened.complaints.append(f"script: {error}"))
        opened.page.on("console", lambda said: _note(opened, said.type, said.text))
        opened.page.on("request", lambda request: _note_request(opened, request.url))
        return opened

    yield open_window
    for context in contexts:
        context.close()


def give_device(page: Page) -> Any:
    """The window gets a device that makes and shows passkeys, with a finger on it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def sign_in(page: Page, name: str) -> None:
    page.fill("#email", f"{name}@example.org")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in/"))


@pytest.mark.parametrize("width", [390, 1280])
def test_a_passkey_is_made_and_opens_without_a_password(visit: Any, width: int) -> None:
    name = "anna" if width == 390 else "cleo"
    window = visit(width)
    page = window.go("/en/workspace/sign-in/")
    give_device(page)
    assert window.barriers() == []
    assert window.overflow() <= 0
    sign_in(page, name)
    page.wait_for_url(WORKSPACE)

    window.go("/en/workspace/account/passkeys/new/")
    page.get_by_label("What shall it be called?").fill("My phone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    assert window.barriers() == []
    assert window.overflow() <= 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert page.locator(".codes code").first.inner_text() in text
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Rename My phone")).to_be_visible()
    assert window.barriers() == []
    assert window.overflow() <= 0

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(WORKSPACE)
    window.go("/en/workspace/account/")
    expect(page.locator("#signed-in ~ ul")).to_contain_text("Passkey")
    assert window.complaints == []


def test_a_device_without_the_passkey_is_told_what_else_to_do(visit: Any) -> None:
    window = visit()
    page = window.go("/en/workspace/sign-in/")
    session, device = give_device(page)
    # Nobody puts a finger on it, and the browser's own window is closed.
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Use a passkey").click()
    said = page.get_by_role("alert")
    expect(said).to_have_text("No passkey was chosen. Try again, or take another way.")
    assert window.barriers() == []


def test_an_app_is_set_up_and_asked_for_with_the_keyboard_alone(visit: Any) -> None:
    window = visit(390)
    page = window.go("/de/workspace/sign-in/")
    sign_in(page, "bo")
    page.wait_for_url(WORKSPACE)
    window.go("/de/workspace/account/app/")
    assert window.barriers() == []
    assert window.overflow() <= 0
    secret = page.locator("#secret").input_value().replace(" ", "")
    before = datetime.now(UTC)
    page.locator("#code").focus()
    page.keyboard.type(code_at(secret, before))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes code").first.inner_text()

    other = visit()
    page = other.go("/de/workspace/sign-in/")
    sign_in(page, "bo")
    page.wait_for_url(re.compile("/second-step/"))
    assert other.barriers() == []
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(code_at(secret, before))  # the code that set it up has been used
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("schon benutzt")
    page.locator("#code").focus()
    page.keyboard.type(recovery)
    page.keyboard.press("Enter")
    page.wait_for_url(WORKSPACE)
    expect(page.get_by_role("status").first).to_contain_text("9 sind übrig")


def test_passkeys_need_scripts_and_say_so(browser: Browser, workspace: Site) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{workspace.address}/en/workspace/sign-in/")
    expect(page.get_by_text("Passkeys need JavaScript in this browser.")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    context.close()
