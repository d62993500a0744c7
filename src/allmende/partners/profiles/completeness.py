"""How complete a profile is, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext, gettext_noop

from allmende.partners.profiles.values import Completeness, Step, Values

PARTS: Final[tuple[tuple[str, int, int, Callable[[Values], bool]], ...]] = (
    ("does", 20, 3, lambda v: bool(v["does"])),
    ("ask_us", 15, 3, lambda v: bool(v["ask_us"])),
    ("contacts", 15, 2, lambda v: bool(v["contacts"])),
    ("does_not", 10, 3, lambda v: bool(v["does_not"] or v["ask_others"])),
    ("services", 10, 1, lambda v: bool(v["services"] or v["service_words"])),
    ("reach", 10, 1, lambda v: bool((v["email"] or v["phone"]) and v["locality"])),
    ("schools", 5, 1, lambda v: bool(v["schools"])),
    ("audiences", 5, 1, lambda v: bool(v["audiences"])),
    ("purpose", 5, 3, lambda v: bool(v["purpose"])),
    ("section", 5, 1, lambda v: bool(v["section"] and v["size"])),
)
"""Key, per cent of the whole, minutes, and whether it is there.  Rooms, equipment and certificates are not for everybody."""

SENTENCES: Final = {
    "does": gettext_noop("Say in two sentences what you do."),
    "ask_us": gettext_noop("Say what people can ask you."),
    "contacts": gettext_noop("Add whom to ask: for schools, the press, or in general."),
    "does_not": gettext_noop("Say what you do not do, and who does."),
    "services": gettext_noop("Tick what you offer."),
    "reach": gettext_noop("Add where you are and how to reach you."),
    "schools": gettext_noop("Say whether schools are welcome."),
    "audiences": gettext_noop("Tick for whom you are there."),
    "purpose": gettext_noop("Say why your organisation exists."),
    "section": gettext_noop("Choose your branch and size."),
}
NAMES: Final = {
    "does": gettext_noop("What you do"),
    "ask_us": gettext_noop("What to ask you"),
    "contacts": gettext_noop("Whom to ask"),
    "does_not": gettext_noop("What you do not do"),
    "services": gettext_noop("Services"),
    "reach": gettext_noop("How to reach you"),
    "schools": gettext_noop("Schools"),
    "audiences": gettext_noop("Audiences"),
    "purpose": gettext_noop("Why you exist"),
    "section": gettext_noop("Branch and size"),
}
ANCHORS: Final = {
    "does": "f-texts",
    "ask_us": "f-texts",
    "does_not": "f-texts",
    "purpose": "f-texts",
    "section": "f-kind",
    "audiences": "f-kind",
}
"""Part of the form in which a step is taken, where it is not called like the step."""


def completeness_of(values: Values) -> Completeness:
    """The share and the steps of a profile's values (names as in ``values.OWN``, ``TEXTS``, ``ROWS`` ...)."""
    steps = [Step(key, weight, minutes, is_there(values)) for key, weight, minutes, is_there in PARTS]
    return Completeness(sum(step.weight for step in steps if step.is_done), steps)


def sentence(key: str) -> str:
    """What to do, in the language in use."""
    return gettext(SENTENCES[key])


def name_of(key: str) -> str:
    """What a step is about, in the language in use."""
    return gettext(NAMES[key])


def anchor_of(key: str) -> str:
    """The part of the form where a step is taken."""
    return ANCHORS.get(key, f"f-{key}")
