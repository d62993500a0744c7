"""The names of what the audit trail speaks of: one query for each kind of thing, however many lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from allmende.catalogue.models import ITEM_MODELS, Picture, Source
from allmende.core.models import AuditEntry, User
from allmende.core.text import pick
from allmende.core.trail import shown_details
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.audit_words import sentence
from allmende.insight.models import Intervention
from allmende.partners.models import Network, NetworkProposal, Organisation, Task, Territory

Names = dict[int, str]


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A line of the audit trail in words."""

    id: int
    at: datetime
    action: str
    who: str
    text: str
    subject_type: str
    subject_id: int
    thing: str
    details: Mapping[str, Any]


def _records(kind: str, ids: set[int], language: str) -> Names:
    rows = ITEM_MODELS[kind].objects.filter(pk__in=ids).values_list("pk", "name")  # type: ignore[attr-defined]
    return {pk: pick(name, language).text for pk, name in rows}


def _names(subject_type: str, ids: set[int], language: str) -> Names:
    if subject_type in ITEM_MODELS:
        return _records(subject_type, ids, language)
    if subject_type == "user":
        return people(ids)
    table = {
        "source": (Source, "title"),
        "organisation": (Organisation, "name"),
        "network": (Network, "name"),
        "network_proposal": (NetworkProposal, "name"),
        "picture": (Picture, "name"),
        "task": (Task, "title"),
        "territory": (Territory, "name"),
        "intervention": (Intervention, "title"),
    }.get(subject_type)
    if table is None:
        return {}
    model, column = table
    return dict(model._default_manager.filter(pk__in=ids).values_list("pk", column))


def people(ids: Iterable[int]) -> Names:
    """Names of people; who left and was erased is a former member."""
    rows = User.objects.filter(pk__in=set(ids)).values_list("pk", "name", "email", "is_active")
    return {pk: name or email for pk, name, email, is_active in rows if is_active or name}


def thing_kind(subject_type: str) -> str:
    """What a kind of things is called."""
    told = {
        "source": gettext("Source"),
        "organisation": gettext("Organisation"),
        "network": gettext("Network"),
        "network_proposal": gettext("Proposed network"),
        "picture": gettext("Picture"),
        "translation": gettext("Translations"),
        "retention": gettext("What is kept"),
        "task": gettext("Task"),
        "user": gettext("Account"),
        "territory": gettext("Municipality"),
        "brand": gettext("Brand"),
        "intervention": gettext("Intervention"),
    }
    if subject_type in words.ONE_OF_KIND:
        return words.word(words.ONE_OF_KIND, subject_type)
    return told.get(subject_type, subject_type.replace("_", " "))


def in_rows(entries: Iterable[AuditEntry], *, language: str) -> list[TrailRow]:
    """Lines in words; a fixed number of queries."""
    entries = list(entries)
    ids: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        ids[entry.subject_type].add(entry.subject_id)
    names = {kind: _names(kind, found, language) for kind, found in ids.items()}
    persons = people({one for entry in entries for one in (entry.actor_id, entry.about) if one})
    return [_row(entry, names[entry.subject_type], persons) for entry in entries]


def _row(entry: AuditEntry, names: Names, persons: Names) -> TrailRow:
    former = gettext("former member")
    # Without an actor it was the program itself, its command line, or a guest.
    who = persons.get(entry.actor_id, former) if entry.actor_id else gettext("The program")
    person = persons.get(entry.about, former) if entry.about else ""
    name = names.get(entry.subject_id, former if entry.subject_type == "user" else "")
    thing = gettext("“%(name)s”") % {"name": name} if name else f"{thing_kind(entry.subject_type)} {entry.subject_id}"
    text = sentence(entry.action, who=who, thing=thing, person=person)
    details = shown_details(entry.details)
    return TrailRow(
        entry.pk, entry.at, entry.action, who, text, entry.subject_type, entry.subject_id, name or thing, details
    )
