"""Letters: to a real server on this machine, or into the mailbox."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from allmende.core.mail import send_to_each
from allmende.core.mailbox import forget_letters, has_mailbox, letter, letters
from allmende.guide.bridges.letters import to_page


class Postbox(socketserver.ThreadingTCPServer):
    """As much of RFC 5321 as a client needs."""

    allow_reuse_address = True
    daemon_threads = True
    taken: list[tuple[list[str], bytes]]


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        receivers: list[str] = []
        self.wfile.write(b"220 test ESMTP\r\n")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    body += more.removeprefix(b".")
                self.server.taken.append((receivers, body))  # type: ignore[attr-defined]
                receivers = []
            elif verb == "RCPT":
                receivers.append(line.partition(":")[2].split(">")[0].strip(" <"))
            self.wfile.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            if verb == "QUIT":
                return


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    """A mail server on this machine, named as ALLMENDE_EMAIL_URL would."""
    with Postbox(("127.0.0.1", 0), Conversation) as server:
        server.taken = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server
        server.shutdown()


def test_a_real_server_gets_one_letter_for_each(postbox: Postbox) -> None:
    assert not has_mailbox()
    assert send_to_each(["anna@example.org", "bo@example.org"], "Einladung: Museum für Alle", "Grüße\n.\nEnde") == 2
    assert [receivers for receivers, _ in postbox.taken] == [["anna@example.org"], ["bo@example.org"]]
    got = message_from_bytes(postbox.taken[0][1], policy=default)
    assert (got["to"], got["subject"]) == ("anna@example.org", "Einladung: Museum für Alle")
    assert got.get_content().splitlines() == ["Grüße", ".", "Ende"]


def test_a_line_break_is_no_further_head(postbox: Postbox) -> None:
    assert send_to_each(["anna@example.org"], "Hello\r\nBcc: all@example.org", "x") == 1
    receivers, body = postbox.taken[0]
    assert receivers == ["anna@example.org"]
    assert message_from_bytes(body, policy=default)["bcc"] is None


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def test_without_a_server_letters_are_in_the_mailbox(folder: Path) -> None:
    assert has_mailbox()
    assert letters() == []
    body = "Grüße von <b>hier</b>: https://example.org/a?b=1&c=2.\n" + "-" * 79 + "\nEnde"
    send_to_each(["anna@example.org", "bo@example.org"], "Größe", body)
    bo, anna = letters()
    assert (anna.to, anna.subject, bo.to) == ("anna@example.org", "Größe", "bo@example.org")
    shown = to_page(anna)
    assert "&lt;b&gt;hier&lt;/b&gt;" in shown
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">' in shown


@pytest.mark.parametrize("name", ["../secret-key", "..", "x.log", "%2e%2e.log", "a" * 200 + ".log", ""])
def test_no_other_file_is_read(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder.parent / "secret-key").write_text("Subject: secret\n\nx")
    assert letter(name, 0) is None


def test_a_broken_or_hostile_letter_is_harmless(folder: Path) -> None:
    folder.mkdir()
    (folder / "20261129-1.log").write_bytes(b"\xff\xfe\x00 no letter at all")
    (folder / "20261129-2.log").write_text(
        "Subject: x\nContent-Type: text/html\nDate: nonsense\n\n"
        "<p onclick=alert(1)>Hello<script>alert(1)</script> <a href='javascript:alert(1)'>x</a></p>"
    )
    (folder / "20261129-3.log").write_text("Subject: y\nContent-Type: text/plain; charset=nonsense\n\nx")
    shown = [to_page(one) for one in letters()]
    assert len(shown) == 3
    assert not any("script" in text or "onclick" in text or "<p" in text for text in shown)
    assert "Hello" in shown[1]


def test_old_letters_are_forgotten(folder: Path) -> None:
    send_to_each(["anna@example.org"], "x", "y")
    now = datetime.now(UTC)
    assert forget_letters(now - timedelta(days=1)) == 0
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    assert forget_letters(now - timedelta(days=1)) == 1
    assert letters() == []
