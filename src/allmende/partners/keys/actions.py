"""Keys made and revoked."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from allmende.core.audit import record
from allmende.core.models import User
from allmende.partners.keys.queries import MARK, digest_of
from allmende.partners.models import ApiKey, Organisation
from allmende.partners.rules import may_manage


class KeyForbidden(PermissionError):
    """This person may not make or revoke keys of this organisation."""


def make_key(
    organisation: Organisation,
    name: str,
    *,
    may_write: bool,
    expires_at: datetime | None = None,
    by: User,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key that acts in the name of ``by``, and its token, which is to be shown once and is kept nowhere."""
    if not may_manage(by, organisation.pk):
        raise KeyForbidden("Only managers of an organisation may make keys for it.")
    prefix = secrets.token_hex(4)
    token = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            organisation=organisation,
            name=name.strip()[:100],
            prefix=prefix,
            digest=digest_of(token),
            scope=ApiKey.Scope.WRITE if may_write else ApiKey.Scope.READ,
            created_by=by,
            created_at=now,
            expires_at=expires_at,
        )
        record(
            "partners.make_key",
            ("organisation", organisation.pk),
            by=by,
            now=now,
            key=prefix,
            scope=str(key.scope),
            expires=expires_at.isoformat() if expires_at else None,
        )
    return key, token


def revoke_key(key: ApiKey, *, by: User | None, now: datetime, trusted: bool = False) -> bool:
    """Make a key useless at once; say whether it was not so before.  ``trusted``: from the machine's command line."""
    if not trusted and not may_manage(by, key.organisation_id):
        raise KeyForbidden("Only managers of an organisation may revoke its keys.")
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)
        if revoked:
            record("partners.revoke_key", ("organisation", key.organisation_id), by=by, now=now, key=key.prefix)
    return bool(revoked)
