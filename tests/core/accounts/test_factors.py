"""Codes of an authenticator app and recovery codes: right once, and unreadable where they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from allmende.core.accounts import actions, factors
from allmende.core.models import AuditEntry, Notice, User
from tests.core.accounts.codes import code_at

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, 10, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna@example.org", "a long enough password", name="Anna")


@pytest.fixture
def secret(anna: User) -> str:
    """Anna has an app, set up an hour ago."""
    secret = factors.new_secret()
    then = NOW - timedelta(hours=1)
    assert actions.add_app(anna, secret, code_at(secret, then), by=anna, now=then)
    return secret


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B: SHA-1, the last six of the eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code_at(secret, datetime.fromtimestamp(second, tz=UTC)) == code


def test_an_app_is_kept_only_with_the_right_code(anna: User) -> None:
    secret = factors.new_secret()
    wrong = f"{(int(code_at(secret, NOW)) + 1) % 10**6:06}"
    assert actions.add_app(anna, secret, wrong, by=anna, now=NOW - timedelta(days=1)) is None
    assert not factors.has_second_factor(anna.pk)
    codes = actions.add_app(anna, secret, code_at(secret, NOW), by=anna, now=NOW)
    assert codes is not None
    assert len(set(codes)) == 10
    assert factors.factors_of(anna).codes_left == 10
    assert AuditEntry.objects.get().action == "core.add_app"
    assert Notice.objects.get().kind == "core.add_app"


def test_a_code_opens_once_and_not_long(anna: User, secret: str) -> None:
    code = code_at(secret, NOW)
    assert factors.check_code(anna, code, now=NOW + timedelta(seconds=90)) == ""
    assert factors.check_code(anna, f"{code[:3]} {code[3:]}", now=NOW + timedelta(seconds=30)) == "app"
    assert factors.check_code(anna, code, now=NOW) == ""
    assert factors.check_code(anna, code_at(secret, NOW - timedelta(seconds=30)), now=NOW) == ""  # older than one used
    assert (
        factors.check_code(anna, code_at(secret, NOW + timedelta(seconds=60)), now=NOW + timedelta(seconds=60)) == "app"
    )


@pytest.mark.parametrize("code", ["", "0", "abcdef", "１２３４５６", "000000000000", "\x00"])
def test_what_is_no_code_opens_nothing(anna: User, secret: str, code: str) -> None:
    assert factors.check_code(anna, code, now=NOW) == ""


def test_a_recovery_code_opens_once_and_its_owner_hears_of_it(anna: User, secret: str) -> None:
    codes = actions.renew_recovery_codes(anna, by=anna, now=NOW)
    assert actions.check_code(anna, codes[3], now=NOW) == "recovery"
    assert actions.check_code(anna, codes[3].replace(" ", ""), now=NOW) == ""
    assert factors.factors_of(anna).codes_left == 9
    assert Notice.objects.filter(kind="core.use_recovery_code").count() == 1
    renewed = actions.renew_recovery_codes(anna, by=anna, now=NOW)
    assert actions.check_code(anna, codes[4], now=NOW) == ""
    assert actions.check_code(anna, renewed[4], now=NOW) == "recovery"


def test_the_table_holds_no_secret_that_can_be_read(anna: User, secret: str) -> None:
    codes = actions.renew_recovery_codes(anna, by=anna, now=NOW)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not [code for code in codes if code.replace(" ", "") in kept]


def test_without_the_secret_key_nothing_opens(anna: User, secret: str, settings: Any) -> None:
    codes = actions.renew_recovery_codes(anna, by=anna, now=NOW)
    settings.SECRET_KEY = "another one"
    assert factors.check_code(anna, code_at(secret, NOW), now=NOW) == ""
    assert factors.check_code(anna, codes[0], now=NOW) == ""
    assert factors.factors_of(anna).codes_left == 0
    assert factors.has_second_factor(anna.pk)


def test_recovery_codes_go_with_the_last_factor(anna: User, secret: str) -> None:
    assert actions.remove_app(anna, by=anna, now=NOW)
    assert not Authenticator.objects.exists()
    assert not actions.remove_app(anna, by=anna, now=NOW)
    assert actions.renew_recovery_codes(anna, by=anna, now=NOW) == []


def test_a_new_app_takes_the_place_of_the_old_one(anna: User, secret: str) -> None:
    newer = factors.new_secret()
    assert actions.add_app(anna, newer, code_at(newer, NOW), by=anna, now=NOW) == []
    later = NOW + timedelta(minutes=5)
    assert factors.check_code(anna, code_at(secret, later), now=later) == ""
    assert factors.check_code(anna, code_at(newer, later), now=later) == "app"


def test_another_persons_code_opens_nothing(anna: User, secret: str) -> None:
    bo = User.objects.create_user("bo@example.org")
    assert factors.check_code(bo, code_at(secret, NOW), now=NOW) == ""


def test_the_qr_code_tells_site_account_and_secret() -> None:
    address = factors.app_address("ABC", account="anna@example.org", issuer="Pays d’Uzès: guide")
    assert address == (
        "otpauth://totp/Pays%20d%E2%80%99Uz%C3%A8s%20%20guide%3Aanna%40example.org"
        "?secret=ABC&issuer=Pays%20d%E2%80%99Uz%C3%A8s%20%20guide"
    )
    path, side = factors.qr_path(address)
    assert path.startswith("M3,3")
    assert side % 4 == 3  # 17 + 4 × version modules, and three of margin on both sides
