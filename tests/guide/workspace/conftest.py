"""People with different roles, a feed of an organisation, and helpers to walk through the workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from allmende.catalogue.actions import ImportOptions, open_source, run_import
from allmende.catalogue.models import Event, ImportRun, Source
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation

NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "a long enough password"
EVENT = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{name}
DESCRIPTION:{text}
DTSTART;TZID=Europe/Paris:{start}
DTEND;TZID=Europe/Paris:{end}
LOCATION:Salle des fêtes
END:VEVENT
"""


def event(uid: str, name: str = "Concert", text: str = "Une soirée.", start: str = "20301205T193000") -> str:
    """An event as a calendar delivers it."""
    return EVENT.format(uid=uid, name=name, text=text, start=start, end=start[:9] + "220000")


def calendar(*events: str) -> bytes:
    """A calendar file."""
    body = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//test//EN\n" + "".join(events) + "END:VCALENDAR\n"
    return body.replace("\n", "\r\n").encode()


def upload(content: bytes, name: str = "feed.ics") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@dataclass(frozen=True)
class People:
    """One of each role; ``colleague`` coordinates another organisation, ``stranger`` has no account."""

    member: Client
    editor: Client
    manager: Client
    colleague: Client
    operator: Client
    stranger: Client

    def answers(self, ask: Callable[[Client], Any]) -> dict[str, int]:
        """Status code for each of them."""
        return {name: ask(getattr(self, name)).status_code for name in self.__annotations__}


def signed_in(email: str, **more: Any) -> tuple[User, Client]:
    user = User.objects.create_user(email, PASSWORD, name=email.split("@")[0].title(), **more)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return user, client


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, settings: Any) -> None:
    """Each test keeps its deliveries in a folder of its own."""
    settings.ALLMENDE_DATA = tmp_path / "data"


def make_people() -> None:
    """Everybody of ``People``, each with a session; made a little earlier than any test's ``NOW``."""
    at = NOW - timedelta(minutes=30)
    town = found_organisation("Ville d’Uzès", by=None, now=at, kind="dmo")
    other = found_organisation("Musée de Nîmes", by=None, now=at, kind="museum")
    for name, organisation, role in (
        ("member", town, "member"),
        ("editor", town, "editor"),
        ("manager", town, "manager"),
        ("colleague", other, "manager"),
    ):
        user, _ = signed_in(f"{name}@example.org")
        join_organisation(user, organisation, role, by=None, now=at)
    signed_in("operator@example.org", is_operator=True)


@pytest.fixture
def people(workspace_people: None) -> People:
    """What ``make_people`` made: each client has the cookie of that person's session."""
    clients = {}
    names = dict(User.objects.values_list("pk", "email"))
    for session in Session.objects.all():
        client = Client(headers={"accept-language": "en"})
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        clients[names[int(session.get_decoded()[SESSION_KEY])].partition("@")[0]] = client
    return People(**clients, stranger=Client(headers={"accept-language": "en"}))


@pytest.fixture
def source(people: People) -> Source:
    return open_source(
        "agenda",
        defaults={"title": "Agenda", "organisation": "Ville d’Uzès", "language": "fr", "timezone": "Europe/Paris"},
        now=NOW,
    )


Deliver = Callable[..., Any]


@pytest.fixture
def deliver(source: Source, tmp_path: Path) -> Deliver:
    """Import a calendar as the source's delivery."""

    def run(*events: str, **options: Any) -> Any:
        path = tmp_path / "feed.ics"
        path.write_bytes(calendar(*events))
        return run_import(source, path, options=ImportOptions(**options), by=None, now=NOW, trusted=True)

    return run


@pytest.fixture
def concert(deliver: Deliver) -> Event:
    """A published event of the town."""
    deliver(event("a"))
    return Event.objects.get()


def words(response: Any) -> str:
    """The page's HTML."""
    return str(response.content.decode())


def note_of(response: Any) -> list[str]:
    """What the next page will say was done."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def the_delivery() -> ImportRun:
    return ImportRun.objects.exclude(delivery="").get(state="previewed")


def form_of(html: str, form_id: str) -> dict[str, list[str]]:
    """What a browser would send for a form: names and values of its inputs."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.inside = False
            self.values: dict[str, list[str]] = {}
            self.area: str | None = None
            self.select: str | None = None
            self.picked: list[str] | None = None

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found = {name: value or "" for name, value in attributes}
            if tag == "form":
                self.inside = found.get("id") == form_id
            if not self.inside:
                return
            name = found.get("name", "")
            if tag == "input" and name and found.get("type") != "file":
                if found.get("type") in {"checkbox", "radio"} and "checked" not in found:
                    return
                self.values.setdefault(name, []).append(found.get("value", ""))
            elif tag == "textarea":
                self.area = name
                self.values[name] = [""]
            elif tag == "select":
                self.select, self.picked = name, None
            elif tag == "option" and self.select and (self.picked is None or "selected" in found):
                self.picked = [found.get("value", "")]

        def handle_data(self, data: str) -> None:
            if self.area:
                self.values[self.area][0] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "form":
                self.inside = False
            elif tag == "textarea" and self.area:
                self.values[self.area][0] = self.values[self.area][0].removeprefix("\n")
                self.area = None
            elif tag == "select" and self.select:
                if self.inside and self.picked is not None:
                    self.values.setdefault(self.select, []).extend(self.picked)
                self.select = None

    reader = Reader()
    reader.feed(html)
    return reader.values
