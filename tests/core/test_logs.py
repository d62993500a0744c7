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


def test_every_handler_hides_them_and_other_lines_stay() -> None:
    assert all(handler["filters"] == ["secrets"] for handler in settings.LOGGING["handlers"].values())
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s: %s", ("Not Found", "/en/events/"), None)
    assert HideSecrets().filter(record)
    assert (record.msg, record.getMessage()) == ("%s: %s", "Not Found: /en/events/")
