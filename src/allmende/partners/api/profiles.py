"""Profiles of organisations, as the API tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import Field

from allmende.core.api.schemas import AnyText, Strict
from allmende.partners.models import Certification, LentEquipment, Room, TopicContact
from allmende.partners.profiles.queries import public_contacts
from allmende.partners.profiles.values import TEXTS

TOLD_TEXTS: Final = tuple(name for name in TEXTS if name != "about")
KEPT: Final = (
    *TOLD_TEXTS,
    "audiences",
    "services",
    "service_words",
    "skills",
    "skill_words",
    "schools",
    "section",
    "size",
    "takes_requests",
    "is_demo",
)
COLUMNS: Final = tuple(f"profile__{name}" for name in ("pk", *KEPT))


class TopicContactOut(Strict):
    """Whom to ask about a topic."""

    topic: str = Field(description="Key of the vocabulary's `topics`.")
    name: str | None = Field(description="A function, or a person who agreed.")
    email: str | None
    phone: str | None


class RoomOut(Strict):
    """A room."""

    name: str
    seats: int | None
    equipment: str | None
    step_free: str | None = Field(description="yes, partly, no; null: not told.")
    for_others: bool = Field(description="Others may use it.")


class EquipmentOut(Strict):
    """Something that is lent."""

    name: str
    amount: int | None
    terms: str | None


class CertificationOut(Strict):
    """A certificate or label."""

    name: str
    issuer: str | None
    valid_until: date | None


class ProfileOut(Strict):
    """What an organisation says about itself.  Keys are explained at `/vocabulary.json`."""

    does: AnyText = None
    does_not: AnyText = None
    ask_us: AnyText = Field(None, description="What people can ask it.")
    ask_others: AnyText = Field(None, description="What people had better ask others.")
    purpose: AnyText = None
    audiences: list[str]
    services: list[str]
    service_words: list[str] = Field(description="Services in its own words.")
    skills: list[str]
    skill_words: list[str]
    schools: str | None = Field(description="yes, on_request, no; null: not told.")
    schools_note: AnyText = None
    section: str | None = Field(description="Section of NACE Rev. 2, A to U.")
    size: str | None = Field(description="People employed: 1-9, 10-49, 50-249, 250+.")
    takes_requests: bool
    requests_note: AnyText = None
    contacts: list[TopicContactOut]
    rooms: list[RoomOut]
    equipment: list[EquipmentOut]
    certifications: list[CertificationOut]
    is_demo: bool = Field(description="Invented for a demo.")


class SuccessorOut(Strict):
    """The organisation that another is part of today."""

    id: int
    name: str
    page: str


def profiles_of(rows: Sequence[Mapping[str, Any]], text: Callable[[Any], Any]) -> dict[int, dict[str, Any]]:
    """Profiles by organisation of rows that have ``pk`` and ``COLUMNS``; four queries."""
    ids = [row["pk"] for row in rows if row["profile__pk"] is not None]
    if not ids:
        return {}
    contacts: dict[int, list[TopicContact]] = _by_owner(public_contacts(ids))
    rooms: dict[int, list[Room]] = _by_owner(Room.objects.filter(organisation__in=ids))
    equipment: dict[int, list[LentEquipment]] = _by_owner(LentEquipment.objects.filter(organisation__in=ids))
    certificates: dict[int, list[Certification]] = _by_owner(Certification.objects.filter(organisation__in=ids))
    found = {}
    for row in rows:
        owner = row["pk"]
        if owner not in ids:
            continue
        told = {name: row[f"profile__{name}"] for name in KEPT}
        told |= {name: text(told[name]) for name in TOLD_TEXTS}
        told |= {name: told[name] or None for name in ("schools", "section", "size")}
        told["contacts"] = [
            {"topic": one.topic, "name": one.name or None, "email": one.email or None, "phone": one.phone or None}
            for one in contacts.get(owner, ())
        ]
        told["rooms"] = [
            {
                "name": one.name,
                "seats": one.seats,
                "equipment": one.equipment or None,
                "step_free": one.step_free or None,
                "for_others": one.for_others,
            }
            for one in rooms.get(owner, ())
        ]
        told["equipment"] = [
            {"name": one.name, "amount": one.amount, "terms": one.terms or None} for one in equipment.get(owner, ())
        ]
        told["certifications"] = [
            {"name": one.name, "issuer": one.issuer or None, "valid_until": one.valid_until}
            for one in certificates.get(owner, ())
        ]
        found[owner] = told
    return found


def _by_owner(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    return found
