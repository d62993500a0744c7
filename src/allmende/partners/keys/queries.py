"""Reads of the keys."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from allmende.core.models import User
from allmende.core.prepared import prepared
from allmende.partners.models import ApiKey, Membership, Organisation
from allmende.partners.rules import Someone, is_member, is_operator, remember_seats
from allmende.partners.standing import memberships_in_force

MARK: Final = "allmende"
TOUCH_EVERY: Final = timedelta(hours=1)
"""The last use is noted so coarsely: reading must not write."""
MOST_KEYS: Final = 200


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who knocks with a key that is good."""

    key_id: int
    prefix: str
    may_write: bool
    organisation_id: int
    user: User
    """In whose name it acts."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in a list."""

    id: int
    prefix: str
    name: str
    scope: str
    organisation: str
    by: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str
    """good, expired, revoked, or orphaned (the person is gone)."""


def digest_of(token: str) -> str:
    """What is stored of a token.  It holds 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def prefix_of(token: str) -> str:
    """The part of a token that names the key, or ``""`` for what is no token of ours."""
    parts = token.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == MARK and len(parts[1]) == 8 else ""


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.created_by is None or not key.created_by.is_active:
        return "orphaned"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "good"


@prepared
def _by_prefix(prefix: str) -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("created_by").filter(prefix=prefix).order_by()[:1]


def open_with(token: str, *, now: datetime) -> KeyHolder | None:
    """Whom a token lets in; None for a token that is unknown, expired or revoked, or whose person has gone."""
    prefix = prefix_of(token)
    if not prefix:
        return None
    key = next(iter(_by_prefix(prefix)), None)
    if key is None or not secrets.compare_digest(key.digest, digest_of(token)) or _state(key, now) != "good":
        return None
    user = key.created_by
    remember_seats(user)
    belongs = user is not None and is_member(user, key.organisation_id)
    if user is None or not belongs:
        return None
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
        hour = now.replace(minute=0, second=0, microsecond=0)
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=hour)
    return KeyHolder(key.pk, key.prefix, key.scope == ApiKey.Scope.WRITE, key.organisation_id, user)


def organisations_for_keys(user: Someone) -> list[Organisation]:
    """The organisations for which ``user`` may make keys."""
    if not user or not user.is_authenticated or not user.is_active:
        return []
    if is_operator(user):
        return list(Organisation.objects.order_by("name")[:500])
    mine = memberships_in_force(user.pk).filter(role=Membership.Role.MANAGER).values("organisation_id")
    return list(Organisation.objects.filter(pk__in=mine).order_by("name"))


def _row(key: ApiKey, now: datetime) -> KeyRow:
    by = key.created_by
    return KeyRow(
        id=key.pk,
        prefix=key.prefix,
        name=key.name,
        scope=key.scope,
        organisation=key.organisation.name,
        by=(by.name or by.email) if by else "",
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        state=_state(key, now),
    )


def every_key(*, now: datetime) -> list[KeyRow]:
    """All keys of the installation, for its command line."""
    return [_row(key, now) for key in ApiKey.objects.select_related("organisation", "created_by")]


def keys_to_manage(user: Someone, *, now: datetime) -> list[KeyRow]:
    """The keys of the organisations that ``user`` coordinates, the newest first."""
    keys = ApiKey.objects.select_related("organisation", "created_by")
    if not is_operator(user):
        keys = keys.filter(organisation__in=[one.pk for one in organisations_for_keys(user)])
    return [_row(key, now) for key in keys[:MOST_KEYS]]


def key_to_manage(user: Someone, identifier: int) -> ApiKey | None:
    """The key if ``user`` may revoke it."""
    key = ApiKey.objects.filter(pk=identifier).first()
    allowed = {one.pk for one in organisations_for_keys(user)} if key and not is_operator(user) else set()
    return key if key and (is_operator(user) or key.organisation_id in allowed) else None
