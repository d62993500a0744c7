"""What a profile is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import models

from allmende.core.text import Picked
from allmende.partners.models import Certification, LentEquipment, Room, TopicContact

TEXTS: Final[Mapping[str, int]] = {
    "about": 1000,
    "does": 3000,
    "does_not": 3000,
    "ask_us": 3000,
    "ask_others": 3000,
    "purpose": 3000,
    "schools_note": 600,
    "requests_note": 600,
}
"""Translated texts -> longest text in one language, in characters."""
KEYS: Final[Mapping[str, str]] = {"audiences": "audiences", "services": "services", "skills": "skills"}
"""Lists of keys -> their group in the vocabulary."""
WORDS: Final = ("service_words", "skill_words")
MOST_WORDS: Final = 30
LONGEST_WORD: Final = 80
MOST_ROWS: Final = 60
"""Rows of a kind (rooms, contacts ...) that one organisation may list."""
OWN: Final = ("about", "url", "email", "phone", "street", "postal_code", "locality", "municipality_id")
"""Columns of the organisation itself."""
PLAIN: Final = ("schools", "section", "size", "takes_requests")
ROWS: Final[Mapping[str, tuple[type[models.Model], tuple[str, ...]]]] = {
    "contacts": (TopicContact, ("topic", "name", "is_person", "has_consent", "email", "phone", "seen_by")),
    "certifications": (Certification, ("name", "issuer", "valid_until")),
    "rooms": (Room, ("name", "seats", "equipment", "step_free", "for_others")),
    "equipment": (LentEquipment, ("name", "amount", "terms")),
}
"""Lists of rows -> their table and columns."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditableProfile:
    """Everything that one edits of an organisation."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    values: Values
    """Column or list of rows -> value."""
    municipality: str
    """Name, for the form."""
    revision: int
    updated_at: datetime
    is_demo: bool
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that makes a profile complete."""

    key: str
    weight: int
    """Per cent of the whole."""
    minutes: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete a profile is."""

    share: int
    """Per cent."""
    steps: Sequence[Step]

    @property
    def next(self) -> Step | None:
        """What helps most now: the greatest weight, the shortest first."""
        return min((s for s in self.steps if not s.is_done), key=lambda s: (-s.weight, s.minutes), default=None)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next best step of an organisation's profile, in words."""

    key: str
    sentence: str
    minutes: int
    share: int
    """Per cent that is done already."""
    path: str
    """Where it is done, below the language."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A key with its label; words of the organisation's own have no key."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ContactShown:
    """Whom to ask about a topic, for somebody who may see it."""

    topic: str
    name: str
    email: str
    phone: str
    partners_only: bool


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """A profile as a page shows it; empty parts are empty."""

    texts: Mapping[str, Picked]
    audiences: list[Labelled]
    services: list[Labelled]
    skills: list[Labelled]
    schools: str
    section: str
    section_label: str
    size: str
    takes_requests: bool
    contacts: list[ContactShown]
    certifications: list[Certification]
    rooms: list[Room]
    equipment: list[LentEquipment]
    networks: list[tuple[str, str, str]]
    """(name, slug, label of the kind) of the public networks that it is in."""
    is_demo: bool
    updated_at: datetime | None

    @property
    def has_sides(self) -> bool:
        """Whether it says what to ask here, or what not."""
        return any(self.texts[name].text for name in ("does", "does_not", "ask_us", "ask_others"))
