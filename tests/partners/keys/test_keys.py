"""Keys: made by managers, shown once, in force until they are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from allmende.core.models import AuditEntry, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import KeyForbidden, make_key, revoke_key
from allmende.partners.keys.queries import key_to_manage, keys_to_manage, open_with, organisations_for_keys
from allmende.partners.models import ApiKey, Organisation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def museum() -> Organisation:
    return found_organisation("Musée de Lodève", by=None, now=NOW)


def person(name: str, organisation: Organisation | None = None, role: str = "manager", **more: bool) -> User:
    user = User.objects.create_user(f"{name}@example.org", "a long enough password", **more)
    if organisation:
        join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def test_a_key_opens_for_its_organisation_in_the_name_of_its_maker(museum: Organisation) -> None:
    anna = person("anna", museum)
    key, token = make_key(museum, " nightly export ", may_write=True, by=anna, now=NOW)
    holder = open_with(token, now=NOW)
    assert holder is not None
    assert (holder.key_id, holder.organisation_id, holder.user, holder.may_write) == (key.pk, museum.pk, anna, True)
    assert key.name == "nightly export"


def test_the_token_is_kept_nowhere(museum: Organisation) -> None:
    key, token = make_key(museum, "x", may_write=False, by=person("anna", museum), now=NOW)
    secret = token.split("_", 2)[2]
    assert len(secret) >= 43
    assert token.startswith(f"allmende_{key.prefix}_")
    stored = ApiKey.objects.values().get()
    assert secret not in str(stored)
    assert token not in str(list(AuditEntry.objects.values()))


def test_only_managers_make_and_revoke_keys(museum: Organisation) -> None:
    anna = person("anna", museum)
    key, _ = make_key(museum, "x", may_write=False, by=anna, now=NOW)
    other = found_organisation("Ville d’Uzès", by=None, now=NOW)
    people = [person("member", museum, "member"), person("editor", museum, "editor"), person("colleague", other)]
    for user in [*people, person("stranger"), person("gone", museum, is_operator=False)]:
        if user.email.startswith("gone"):
            User.objects.filter(pk=user.pk).update(is_active=False)
            user.refresh_from_db()
        with pytest.raises(KeyForbidden):
            make_key(museum, "x", may_write=True, by=user, now=NOW)
        with pytest.raises(KeyForbidden):
            revoke_key(key, by=user, now=NOW)
        assert key_to_manage(user, key.pk) is None
        assert key.pk not in [row.id for row in keys_to_manage(user, now=NOW)]
    with pytest.raises(KeyForbidden):
        revoke_key(key, by=None, now=NOW)
    assert [row.state for row in keys_to_manage(anna, now=NOW)] == ["good"]
    assert organisations_for_keys(person("alone")) == []
    operator = person("op", is_operator=True)
    assert key_to_manage(operator, key.pk) == key
    assert revoke_key(key, by=operator, now=NOW)


@pytest.mark.parametrize("what", ["expired", "revoked", "orphaned", "left", "inactive", "changed", "other"])
def test_a_key_that_is_not_in_force_opens_nothing(museum: Organisation, what: str) -> None:
    anna = person("anna", museum)
    expires_at = NOW + timedelta(days=1)
    key, token = make_key(museum, "x", may_write=True, expires_at=expires_at, by=anna, now=NOW)
    assert open_with(token, now=expires_at - timedelta(seconds=1)) is not None
    now = NOW
    if what == "expired":
        now = expires_at
    elif what == "revoked":
        revoke_key(key, by=anna, now=NOW)
    elif what == "orphaned":
        ApiKey.objects.update(created_by=None)
    elif what == "left":
        museum.memberships.all().delete()
    elif what == "inactive":
        User.objects.update(is_active=False)
    elif what == "changed":
        token = token[:-1] + ("x" if token[-1] != "x" else "y")
    else:
        token = token.replace(key.prefix, "00000000")
    assert open_with(token, now=now) is None
    expected = {"expired": "expired", "revoked": "revoked", "orphaned": "orphaned", "inactive": "orphaned"}
    operator = person("op", is_operator=True)
    assert keys_to_manage(operator, now=now)[0].state == expected.get(what, "good")


@pytest.mark.parametrize(
    "token", ["", "_", "__", "allmende__", "allmende_1234567_x", "allmende_12345678_", "x" * 5000, "é_é_é"]
)
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert open_with(token, now=NOW) is None


def test_the_last_use_is_noted_to_the_hour_and_seldom(museum: Organisation, django_assert_num_queries: object) -> None:
    _, token = make_key(museum, "x", may_write=False, by=person("anna", museum), now=NOW)
    open_with(token, now=NOW)
    assert ApiKey.objects.get().last_used_at == NOW.replace(minute=0)
    open_with(token, now=NOW + timedelta(minutes=20))
    assert ApiKey.objects.get().last_used_at == NOW.replace(minute=0)
    open_with(token, now=NOW + timedelta(minutes=31))
    assert ApiKey.objects.get().last_used_at == NOW.replace(hour=10, minute=0)


def test_making_and_revoking_are_in_the_audit_trail(museum: Organisation) -> None:
    anna = person("anna", museum)
    key, _ = make_key(museum, "x", may_write=True, by=anna, now=NOW)
    assert revoke_key(key, by=anna, now=NOW)
    assert not revoke_key(key, by=anna, now=NOW)
    lines = AuditEntry.objects.filter(action__in=("partners.make_key", "partners.revoke_key")).order_by("id")
    assert [(line.action, line.actor_id, line.subject_id, line.details["key"]) for line in lines] == [
        ("partners.make_key", anna.pk, museum.pk, key.prefix),
        ("partners.revoke_key", anna.pk, museum.pk, key.prefix),
    ]
