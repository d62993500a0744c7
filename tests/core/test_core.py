"""The core: texts fall back visibly, the audit trail is append-only, rates are limited, dates read right."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory

from allmende.core import formats
from allmende.core.audit import record
from allmende.core.content import content_stamp, touch_content
from allmende.core.languages import from_accept_language, split_path
from allmende.core.models import AuditEntry, User
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.core.slugs import fold, name_key, slugify
from allmende.core.text import original_text, pick, translated

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_text_in_the_readers_language_is_no_fallback() -> None:
    value = translated({"fr": "Bonjour", "de": "Hallo"}, "fr", ["de"])
    assert pick(value, "fr") == ("Bonjour", "fr", False, False)
    assert pick(value, "de") == ("Hallo", "de", False, True)


def test_a_missing_language_falls_back_visibly_to_a_near_one_then_the_original() -> None:
    value = translated({"fr": "Bonjour", "da": "Hej"}, "fr")
    assert pick(value, "sv") == ("Hej", "da", True, False)
    assert pick(value, "nl") == ("Bonjour", "fr", True, False)
    assert pick({}, "nl").text == ""


def test_the_language_of_the_delivery_stands_under_an_empty_key() -> None:
    assert translated({"": "Bonjour", "en": ""}, "fr") == {"original": "fr", "texts": {"fr": "Bonjour"}}
    assert original_text(translated({"en": "Hello"}, "fr")) == "Hello"
    assert translated({"fr": ""}, "fr") == {}


@pytest.mark.django_db
def test_the_audit_trail_cannot_be_changed() -> None:
    with transaction.atomic():
        entry = record("test.do", ("thing", 1), by=None, now=NOW, what="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="other")
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()
    assert AuditEntry.objects.get().action == "test.do"


@pytest.mark.django_db(transaction=True)
def test_an_audit_line_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record("test.do", ("thing", 1), by=None, now=NOW)


@pytest.mark.django_db
def test_the_stamp_grows_with_every_change() -> None:
    before = content_stamp()
    touch_content()
    assert content_stamp() == before + 1


@pytest.mark.django_db
def test_one_address_is_one_account_whatever_its_case() -> None:
    User.objects.create_user("Anna@example.org", "correct horse")
    assert User.objects.get_by_natural_key("anna@EXAMPLE.org").check_password("correct horse")
    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.create_user("anna@example.org")


@pytest.mark.django_db
def test_senders_are_slowed_and_forgiven_in_the_next_window() -> None:
    limit = Limit(2, 60)
    assert [is_too_fast("form", "me", limit, now=NOW) for _ in range(3)] == [False, False, True]
    assert not is_too_fast("form", "you", limit, now=NOW)
    assert not is_too_fast("form", "me", limit, now=NOW.replace(minute=5))


def test_a_sender_is_kept_as_a_hash() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    assert "203.0.113.7" not in sender_of(request)
    assert sender_of(request) == sender_of(request)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("fr", "fr"), ("de-AT,en;q=0.5", "de"), ("es,en;q=0.3,sv;q=0.8", "sv"), ("nb", "da"), ("", "en"), ("*;q=x", "en")],
)
def test_the_browsers_language_is_understood(header: str, wanted: str) -> None:
    assert from_accept_language(header) == wanted


def test_paths_lose_their_language() -> None:
    assert split_path("/fr/events/") == ("fr", "/events/")
    assert split_path("/fr") == ("fr", "/")
    assert split_path("/france/") == ("", "/france/")


def test_names_fold() -> None:
    assert fold("Musée d’Œuvres à Århus – Straße") == "musee d'oeuvres a arhus - strasse"
    assert slugify("L’Été à la Comédie !") == "l-ete-a-la-comedie"
    assert slugify("日本") == "-"
    assert name_key(" Ville  d’Uzès") == "ville d uzes"


def test_dates_times_and_numbers_read_right_in_each_language() -> None:
    day = date(2026, 11, 28)
    assert formats.day_long(day, "de") == "Samstag, 28. November 2026"
    assert formats.day_long(day, "fr") == "samedi 28 novembre 2026"
    assert formats.day_long(day, "sv") == "lördag 28 november 2026"
    assert formats.month_long(day, "da") == "November 2026"
    assert formats.clock(time(19, 30), "en") == "19:30"
    assert formats.clock(time(19, 30), "da") == "19.30"
    assert formats.number(Decimal("1234.5"), "de") == "1.234,5"
    assert formats.money(Decimal("12"), "EUR", "de") == "12 €"
    assert formats.money(Decimal("12.5"), "EUR", "en") == "€12.50"
    assert formats.words(["a", "b", "c"], "nl") == "a, b en c"
