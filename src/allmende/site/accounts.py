"""Accounts made from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import transaction

from allmende.core.audit import record
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation


@dataclass(frozen=True, slots=True)
class Account:
    """What became of an account."""

    email: str
    is_new: bool


def save_account(
    email: str,
    password: str,
    *,
    name: str = "",
    is_operator: bool = False,
    organisation: str = "",
    role: str = "manager",
    now: datetime,
) -> Account:
    """Make the account, or give it this password and role; raise ``ValidationError`` for a bad address or password."""
    validate_email(email)
    validate_password(password)
    with transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email, password, name=name, is_operator=is_operator)
        else:
            user.set_password(password)
            user.name = name or user.name
            user.is_operator = user.is_operator or is_operator
            user.is_active = True
            user.save()
        record("site.save_account", ("user", user.pk), by=None, now=now, new=is_new, operator=user.is_operator)
        if organisation:
            owner = found_organisation(organisation, by=None, now=now)
            join_organisation(user, owner, role, by=None, now=now)
    return Account(user.email, is_new)
