"""Profiles saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.partners.models import Organisation, Profile
from allmende.partners.profiles.values import KEYS, LONGEST_WORD, MOST_ROWS, MOST_WORDS, OWN, PLAIN, ROWS, TEXTS, WORDS
from allmende.partners.rules import is_operator, may_edit_for
from allmende.partners.vocabulary import terms


class ProfileForbidden(PermissionError):
    """This person may not edit this organisation."""


class ProfileOvertaken(Exception):
    """Somebody else saved the profile since it was read."""


class ProfileRefused(Exception):
    """A value cannot be stored; ``field`` names it, the message says what to give instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


_CHOICES = {
    "schools": frozenset(Profile.Schools.values),
    "size": frozenset(Profile.Size.values),
}


def save_profile(
    organisation_id: int,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    seen: int | None = None,
    trusted: bool = False,
) -> list[str]:
    """Store what changed and return the names of the fields that did.

    ``changes``: names of ``values.OWN``, ``TEXTS``, ``KEYS``, ``WORDS`` and ``PLAIN`` -> value; of ``ROWS`` -> all rows anew,
    each a mapping.  ``seen``: the revision that the person saw.  ``trusted``: from the machine's command line.
    Raises :class:`ProfileForbidden`, :class:`ProfileOvertaken`, :class:`ProfileRefused`.
    """
    if not trusted and not may_edit_for(by, organisation_id):
        raise ProfileForbidden("Only editors and managers of an organisation may edit its profile.")
    _check(changes)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        if organisation.ended_on and organisation.successor_id:
            raise ProfileRefused("about", gettext("This organisation is part of another one now; edit that one."))
        is_settled = organisation.kind == "municipality" and not (trusted or is_operator(by))
        if is_settled and changes.get("municipality_id", organisation.municipality_id) != organisation.municipality_id:
            # Whoever manages a municipality decides for its area: the area is nothing to choose for oneself.
            raise ProfileRefused("municipality_id", gettext("Only the operator changes the area of a municipality."))
        profile, _ = Profile.objects.select_for_update().get_or_create(
            organisation=organisation, defaults={"updated_at": now}
        )
        if seen is not None and seen != profile.revision:
            raise ProfileOvertaken
        told: dict[str, Any] = {}
        for name, value in changes.items():
            if name in ROWS:
                change = _save_rows(organisation, name, value)
            else:
                owner: Any = organisation if name in OWN else profile
                before = getattr(owner, name)
                change = None if before == value else {"from": before, "to": value}
                setattr(owner, name, value)
            if change is not None:
                told[name] = change
        if told:
            profile.revision += 1
            profile.updated_at = organisation.updated_at = now
            profile.save()
            organisation.save()
            record("partners.edit_profile", ("organisation", organisation_id), by=by, now=now, changed=told)
            touch_content()
    return list(told)


def _save_rows(organisation: Organisation, name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Store rows anew; what is told of it names no person."""
    table, columns = ROWS[name]
    stored = list(table._default_manager.filter(organisation=organisation).values(*columns))
    blank = table()
    wanted = [{column: row.get(column, getattr(blank, column)) for column in columns} for row in rows]
    if stored == wanted:
        return None
    table._default_manager.filter(organisation=organisation).delete()
    table._default_manager.bulk_create(
        [table(organisation=organisation, position=position, **row) for position, row in enumerate(wanted)]
    )
    return {"from": len(stored), "to": len(wanted)}


def _check(changes: Mapping[str, Any]) -> None:
    """Refuse what no form would send."""
    for name, value in changes.items():
        if name in KEYS:
            unknown = [key for key in value if key not in terms(KEYS[name])]
            if unknown:
                raise ProfileRefused(name, gettext("There is no such choice: %(key)s.") % {"key": unknown[0]})
        elif name in WORDS:
            if len(value) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in value):
                message = gettext("At most %(n)s entries of %(long)s characters, please.")
                raise ProfileRefused(name, message % {"n": MOST_WORDS, "long": LONGEST_WORD})
        elif name in TEXTS:
            if any(len(text) > TEXTS[name] for text in value.get("texts", {}).values()):
                raise ProfileRefused(name, gettext("Please write at most %(n)s characters.") % {"n": TEXTS[name]})
        elif name in ROWS:
            if len(value) > MOST_ROWS:
                raise ProfileRefused(name, gettext("At most %(n)s rows, please.") % {"n": MOST_ROWS})
            if name == "contacts" and any(row["topic"] not in terms("topics") for row in value):
                raise ProfileRefused(name, gettext("Choose a topic from the list."))
        elif name == "section":
            if value and value not in terms("sections"):
                raise ProfileRefused(name, gettext("There is no such choice: %(key)s.") % {"key": value})
        elif name in _CHOICES:
            if value not in _CHOICES[name]:
                raise ProfileRefused(name, gettext("There is no such choice: %(key)s.") % {"key": value})
        elif name not in OWN and name not in PLAIN:
            raise ValueError(f"A profile has no {name!r}.")
