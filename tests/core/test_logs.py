"""What never stands in a log."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.test import Client

from allmende.core.logs import HideSecrets


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["invitations/", "join/confirm/"])
def test_the_address_of_a_letter_is_not_logged(path: str, caplog: pytest.LogCaptureFixture) -> None:
    Client().post(f"/en/workspace/{path}the-secret/", {"answer": "accept"})
    Client(enforce_csrf_checks=True).post(f"/en/workspace/{path}the-secret/")
    assert caplog.text.count(f"/en/workspace/{path}…/") == 2  # the handler has seen the lines before this one did
    assert "the-secret" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "/de/workspace/password/MQ/the-secret/",
        "/de/letters/the-secret/",
        "/de/networks/feeds/the-secret.ics",
        "/de/workspace/calendar.ics?token=the-secret",
        "/de/workspace/sign-in/with/region/back/?state=the-secret&code=the-secret",
        "/srv/allmende/library-originals/the-secret.webp",
        "/srv/allmende/network-files/the-secret/minutes.pdf",
    ],
)
def test_an_address_that_lets_in_is_hidden(address: str) -> None:
    record = logging.LogRecord("x", logging.WARNING, "x", 1, "%s: %s", ("Not Found", address), None)
    assert HideSecrets().filter(record)
    assert "the-secret" not in record.getMessage()
    assert record.getMessage().startswith("Not Found: /")


@pytest.mark.parametrize(
    "address",
    ["/de/workspace/letters/", "/de/workspace/password/new/", "/de/networks/culture/files/5/", "/de/?q=token"],
)
def test_other_addresses_are_told_whole(address: str) -> None:
    record = logging.LogRecord("x", logging.WARNING, "x", 1, "%s: %s", ("Not Found", address), None)
    HideSecrets().filter(record)
    assert record.getMessage() == f"Not Found: {address}"


def test_every_handler_hides_them_and_other_lines_stay() -> None:
    assert all(handler["filters"] == ["secrets"] for handler in settings.LOGGING["handlers"].values())
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s: %s", ("Not Found", "/en/events/"), None)
    assert HideSecrets().filter(record)
    assert (record.msg, record.getMessage()) == ("%s: %s", "Not Found: /en/events/")
