"""A server killed at any moment while people save: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from pathlib import Path

import pytest

from tests.databases import Migrated
from tests.site.conftest import free_port

COMMAND = [sys.executable, "-m", "allmende.site"]
ROUNDS = 4
FEED = '[{"id": "a", "titre": "Concert", "debut": "2030-05-01"}]'
PASSWORD = "a long enough secret"


class Editor:
    """A person who saves the same record again and again, as a browser would."""

    def __init__(self, address: str) -> None:
        self.address = address
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.acknowledged = 0
        self.sent = 0
        self.confirmed = 0

    def _get(self, path: str) -> str:
        with self.opener.open(self.address + path, timeout=10) as answer:
            return str(answer.read().decode())

    def _post(self, path: str, values: dict[str, str]) -> str:
        request = urllib.request.Request(
            self.address + path, urllib.parse.urlencode(values).encode(), {"Referer": self.address + path}
        )
        with self.opener.open(request, timeout=10) as answer:
            return str(answer.read().decode())

    def sign_in(self) -> None:
        page = self._get("/en/workspace/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        values = {"csrfmiddlewaretoken": token[1], "email": "op@example.org", "password": PASSWORD}
        self._post("/en/workspace/sign-in/", values)

    def save(self) -> None:
        """Open the form, write the next number as the name, save; count it only if the server confirmed."""
        page = self._get(f"/en/workspace/records/{RECORD}/")
        values = form_values(page)
        self.sent += 1
        values["name.fr"] = f"Concert {self.sent}"
        answer = self._post(f"/en/workspace/records/{RECORD}/", values)
        if f"Concert {self.sent}" in answer:
            self.acknowledged = self.sent
            self.confirmed += 1


RECORD = "event/1"


def form_values(page: str) -> dict[str, str]:
    """The fields of the edit form as they stand."""
    found: dict[str, str] = {}
    form = page[page.index('id="edit"') :].partition("</form>")[0]
    for tag in re.findall(r"<input[^>]+>", form):
        attributes = {name: unescape(value) for name, value in re.findall(r'(\w[\w-]*)="([^"]*)"', tag)}
        kind = attributes.get("type", "text")
        if "name" in attributes and (kind not in {"checkbox", "radio", "submit", "file"} or " checked" in tag):
            found[attributes["name"]] = attributes.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = unescape(text.strip("\n"))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.fixture
def installation(tmp_path: Path, migrated: Migrated) -> tuple[Path, dict[str, str], str]:
    port = free_port()
    shutil.copytree(migrated.data, tmp_path / "data")
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env |= {"ALLMENDE_DATA": str(tmp_path / "data"), "PORT": str(port), "ALLMENDE_URL": f"http://127.0.0.1:{port}"}
    (tmp_path / "feed.json").write_text(FEED)
    load = [
        "import",
        "--source",
        "agenda",
        "--format",
        "json",
        "--language",
        "fr",
        "--json",
        str(tmp_path / "feed.json"),
    ]
    subprocess.run([*COMMAND, *load], env=env, check=True, capture_output=True)
    code = (
        "import django; django.setup()\n"
        "from allmende.core.models import User\n"
        f"User.objects.create_user('op@example.org', {PASSWORD!r}, is_operator=True)"
    )
    subprocess.run(
        [sys.executable, "-c", code], env=env | {"DJANGO_SETTINGS_MODULE": "allmende.site.settings"}, check=True
    )
    return tmp_path / "data" / "allmende.sqlite3", env, f"http://127.0.0.1:{port}"


def start(env: dict[str, str], address: str) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([*COMMAND, "serve"], env=env, start_new_session=True, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(address + "/healthz", timeout=5).close()
            return server
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.sqlite  # it reads the database's file
def test_what_was_acknowledged_survives_every_kill(installation: tuple[Path, dict[str, str], str]) -> None:
    database, env, address = installation
    chance = random.Random(3)
    editor = Editor(address)
    signed_in = False
    for _ in range(ROUNDS):
        server = start(env, address)
        if not signed_in:
            editor.sign_in()
            signed_in = True
        killer = threading.Timer(chance.uniform(0.5, 2.5), lambda pid=server.pid: os.killpg(pid, signal.SIGKILL))
        killer.start()
        while killer.is_alive():
            try:
                editor.save()
            except (OSError, urllib.error.URLError, http.client.HTTPException):
                break
        killer.join()
        server.wait(20)
        with sqlite3.connect(database) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (name, vevent) = db.execute("SELECT sort_name, vevent FROM catalogue_event WHERE id = 1").fetchone()
            number = int(name.split()[-1]) if name != "concert" else 0
            # The last save may have been written without the answer arriving; an acknowledged one is never lost.
            assert editor.acknowledged <= number <= editor.sent
            assert (f"Concert {number}" if number else "Concert") in vevent
            (lines,) = db.execute("SELECT count(*) FROM core_auditentry WHERE action = 'catalogue.edit'").fetchone()
            assert editor.confirmed <= lines <= editor.sent
    assert editor.confirmed >= ROUNDS, "hardly anything was saved; the test proves nothing"
