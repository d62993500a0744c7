"""A neighbour: a real server on this machine with an actor, a key, objects, and an inbox that remembers."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client

from allmende.catalogue.actions import ImportOptions, open_source, run_import
from allmende.catalogue.models import Source
from allmende.core.fetch import parse_allow
from allmende.federation import signatures

NOW = datetime.now(UTC).replace(microsecond=0)
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTIVITY = "application/activity+json"


@cache
def key_pair(name: str) -> rsa.RSAPrivateKey:
    """One key for each name: making them takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


class Neighbour:
    """A server of the federation, as small as it can be."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = key_pair(name)
        self.documents: dict[str, Any] = {}
        """Path -> document, or a status."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.received: list[dict[str, Any]] = []
        self.posts: list[signatures.Signed] = []
        self.answer_to_posts = 202
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.origin = f"http://{self.host}"
        self.actor = f"{self.origin}/actor"
        self.documents["/actor"] = self.actor_document()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def actor_document(self) -> dict[str, Any]:
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.actor,
            "type": "Application",
            "preferredUsername": "relay",
            "name": self.name,
            "inbox": f"{self.origin}/inbox",
            "outbox": f"{self.origin}/outbox",
            "endpoints": {"sharedInbox": f"{self.origin}/shared"},
            "publicKey": {"id": f"{self.actor}#main-key", "owner": self.actor, "publicKeyPem": pem_of(self.key)},
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        neighbour = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                neighbour.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                found = neighbour.documents.get(self.path, 404)
                if isinstance(found, int):
                    self.send_response(found)
                    self.end_headers()
                    return
                self._send(200, found)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {k.lower(): v for k, v in self.headers.items()}
                neighbour.posts.append(signatures.Signed("POST", self.path, headers["host"], "http", headers, body))
                neighbour.received.append(json.loads(body))
                self._send(neighbour.answer_to_posts, {})

            def _send(self, status: int, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", ACTIVITY)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    # ------------------------------------------------------------------ what it says

    def event(self, number: int = 1, **more: Any) -> dict[str, Any]:
        """An event of the neighbour, served under its id."""
        value = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{self.origin}/events/{number}",
            "type": "Event",
            "name": f"Fest {number}",
            "startTime": (NOW + timedelta(days=number)).isoformat(),
            "attributedTo": self.actor,
            "to": [PUBLIC],
        } | more
        self.documents[f"/events/{number}"] = value
        return value

    def activity(self, kind: str, value: Any, **more: Any) -> dict[str, Any]:
        number = len(self.asked) * 1000 + len(self.received) + hash((kind, json.dumps(value))) % 10**9
        return {
            "id": f"{self.origin}/activities/{kind}-{number}",
            "type": kind,
            "actor": self.actor,
            "object": value,
        } | more

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


Send = Callable[..., Any]


@pytest.fixture
def neighbours(settings: Any) -> Iterator[Callable[[str], Neighbour]]:
    """Start neighbours; they end with the test."""
    started: list[Neighbour] = []
    settings.ALLMENDE_PUBLIC_URL = "http://region.example.org"
    settings.ALLOWED_HOSTS = ["region.example.org", "testserver"]
    allowed: list[str] = []

    def start(name: str) -> Neighbour:
        here = Neighbour(name)
        started.append(here)
        allowed.append(here.host)
        settings.ALLMENDE_FETCH_ALLOW = parse_allow(",".join(allowed))
        return here

    yield start
    for here in started:
        here.close()


@pytest.fixture
def neighbour(neighbours: Callable[[str], Neighbour]) -> Neighbour:
    return neighbours("Nachbarregion")


@pytest.fixture
def post() -> Send:
    """Send an activity to our inbox as a neighbour does; what is wrong with it can be said."""

    def run(who: Neighbour, value: Any, **wrong: Any) -> Any:
        body = wrong.pop("body", None) or json.dumps(value).encode()
        url = "http://region.example.org/federation/inbox"
        headers = signatures.signed_headers(
            "POST",
            url,
            key_id=wrong.pop("key_id", f"{who.actor}#main-key"),
            sign=wrong.pop("sign", who.sign),
            now=wrong.pop("now", datetime.now(UTC)),
            body=wrong.pop("signed_body", body),
            content_type=wrong.pop("content_type", ACTIVITY),
        )
        headers |= {"Host": "region.example.org"} | wrong.pop("headers", {})
        kind = headers.pop("Content-Type")
        assert not wrong
        return Client().generic("POST", "/federation/inbox", body, content_type=kind, headers=headers)

    return run


Deliver = Callable[..., Any]


@pytest.fixture
def deliver(db: None, tmp_path: Path, settings: Any) -> Deliver:
    """Import events of our own, as a calendar delivers them."""
    settings.ALLMENDE_DATA = tmp_path / "data"

    def run(*events: dict[str, str], now: datetime | None = None) -> Any:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN"]
        for event in events:
            told = {
                "DTSTART;TZID=Europe/Paris": "20301205T193000",
                "DTEND;TZID=Europe/Paris": "20301205T220000",
            } | event
            lines += ["BEGIN:VEVENT", *(f"{name}:{text}" for name, text in told.items()), "END:VEVENT"]
        path = tmp_path / "feed.ics"
        path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]))
        source: Source = open_source(
            "agenda",
            defaults={
                "title": "Agenda",
                "organisation": "Ville d’Uzès",
                "language": "fr",
                "timezone": "Europe/Paris",
                "country": "FR",
                "licence": "Licence Ouverte 2.0",
                "credit": "Ville d’Uzès",
            },
            now=NOW,
        )
        return run_import(
            source, path, options=ImportOptions(allow_vanish=True), by=None, now=now or datetime.now(UTC), trusted=True
        )

    return run


def http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
