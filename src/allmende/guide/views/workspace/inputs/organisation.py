"""The form of an organisation's profile: values to input texts and back, group by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext

from allmende.core.languages import LANGUAGES
from allmende.guide.views.workspace.inputs.base import (
    Typed,
    Wrong,
    many,
    one,
    print_of,
    rows,
    to_day,
    to_decimal,
    to_email,
    to_length,
    to_web_address,
    typed,
)
from allmende.partners.models import Profile, Room, TopicContact
from allmende.partners.profiles.queries import municipality_named
from allmende.partners.profiles.values import LONGEST_WORD, MOST_WORDS, TEXTS, EditableProfile
from allmende.partners.vocabulary import terms

GROUPS: Final = (
    *TEXTS,
    "kind",
    "reach",
    "offer",
    "schools",
    "requests",
    "contacts",
    "rooms",
    "equipment",
    "certifications",
)
Values = Mapping[str, Any]


def languages_of(values: Values, language: str) -> list[str]:
    """The languages to show: the original first, then those with text, then those of the interface."""
    found: dict[str, None] = {}
    originals = [values[name]["original"] for name in ("does", "about", *TEXTS) if values[name]]
    found[originals[0] if originals else language] = None
    for name in TEXTS:
        found.update(dict.fromkeys(values[name].get("texts", {})))
    return list(found | dict.fromkeys(LANGUAGES))


def show(entry: EditableProfile) -> Typed:
    """What stands in the form."""
    values = entry.values
    told: dict[str, Any] = {}
    for name in TEXTS:
        told |= {f"{name}.{code}": text for code, text in values[name].get("texts", {}).items()}
    told |= {
        "kind.section": values["section"],
        "kind.size": values["size"],
        "kind.audiences": values["audiences"],
        "reach.municipality": entry.municipality,
        "offer.services": values["services"],
        "offer.service_words": "\n".join(values["service_words"]),
        "offer.skills": values["skills"],
        "offer.skill_words": "\n".join(values["skill_words"]),
        "schools.schools": values["schools"],
        "requests.open": "1" if values["takes_requests"] else "",
    }
    told |= {f"reach.{name}": values[name] for name in ("street", "postal_code", "locality", "email", "phone", "url")}
    for group in ("contacts", "rooms", "equipment", "certifications"):
        for number, row in enumerate(values[group]):
            told |= {f"{group}.{number}.{name}": _cell(name, value) for name, value in row.items()}
    return typed(told)


def _cell(name: str, value: Any) -> str:
    if name == "seen_by":
        return "1" if value == TopicContact.Audience.PARTNERS else ""
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def prints(inputs: Typed) -> dict[str, str]:
    """A short print of each group, to see which of them somebody changed."""
    return {group: print_of(inputs, group) for group in GROUPS}


def read(group: str, inputs: Typed, values: Values, language: str) -> dict[str, Any]:
    """Values of a group as typed; raises :class:`Wrong`."""
    if group in TEXTS:
        return {group: _text(group, inputs, values, language)}
    return _READ[group](inputs, values)


def _text(name: str, inputs: Typed, values: Values, language: str) -> dict[str, Any]:
    """The translated value; a text that a person wrote is no machine's any more."""
    before: Mapping[str, Any] = values[name]
    texts = {code: to_length(inputs, f"{name}.{code}", TEXTS[name]) for code in languages_of(values, language)}
    texts = {code: text for code, text in texts.items() if text}
    if not texts:
        return {}
    original = before.get("original") or languages_of(values, language)[0]
    told: dict[str, Any] = {"original": original if original in texts else next(iter(texts)), "texts": texts}
    machine = [code for code in before.get("machine", []) if texts.get(code) == before["texts"].get(code)]
    return told | ({"machine": machine} if machine else {})


def _words(inputs: Typed, name: str) -> list[str]:
    words = list(dict.fromkeys(word.strip() for line in one(inputs, name).splitlines() for word in line.split(";")))
    words = [word for word in words if word]
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        raise Wrong(
            name,
            gettext("At most %(n)s entries of %(long)s characters, please.") % {"n": MOST_WORDS, "long": LONGEST_WORD},
        )
    return words


def _keys(inputs: Typed, name: str, group: str, before: list[str]) -> list[str]:
    """Ticked keys in the vocabulary's order; what stood there and is no term any more goes."""
    ticked = set(many(inputs, name))
    return [key for key in terms(group) if key in ticked]


def _among(inputs: Typed, name: str, allowed: list[str]) -> str:
    value = one(inputs, name)
    if value and value not in allowed:
        raise Wrong(name, gettext("Please choose from the list."))
    return value


def _kind(inputs: Typed, values: Values) -> dict[str, Any]:
    return {
        "section": _among(inputs, "kind.section", list(terms("sections"))),
        "size": _among(inputs, "kind.size", list(Profile.Size.values)),
        "audiences": _keys(inputs, "kind.audiences", "audiences", values["audiences"]),
    }


def _reach(inputs: Typed, values: Values) -> dict[str, Any]:
    told: dict[str, Any] = {
        "street": to_length(inputs, "reach.street", 200),
        "postal_code": to_length(inputs, "reach.postal_code", 20),
        "locality": to_length(inputs, "reach.locality", 120),
        "email": to_email(inputs, "reach.email"),
        "phone": to_length(inputs, "reach.phone", 60),
        "url": to_web_address(inputs, "reach.url", 500),
        "municipality_id": None,
    }
    if town := one(inputs, "reach.municipality"):
        told["municipality_id"], near = municipality_named(town)
        if told["municipality_id"] is None:
            names = "; ".join(near)
            hint = gettext("Which one do you mean: %(names)s?") % {"names": names} if near else ""
            message = gettext("There is no single municipality of this name; write its official code.")
            raise Wrong("reach.municipality", f"{message} {hint}".strip())
    return told


def _offer(inputs: Typed, values: Values) -> dict[str, Any]:
    return {
        "services": _keys(inputs, "offer.services", "services", values["services"]),
        "service_words": _words(inputs, "offer.service_words"),
        "skills": _keys(inputs, "offer.skills", "skills", values["skills"]),
        "skill_words": _words(inputs, "offer.skill_words"),
    }


def _schools(inputs: Typed, values: Values) -> dict[str, Any]:
    return {"schools": _among(inputs, "schools.schools", list(Profile.Schools.values))}


def _requests(inputs: Typed, values: Values) -> dict[str, Any]:
    return {"takes_requests": bool(one(inputs, "requests.open"))}


def _contacts(inputs: Typed, values: Values) -> dict[str, Any]:
    found = []
    for number in rows(inputs, "contacts"):
        p = f"contacts.{number}"
        row = {
            "topic": _among(inputs, f"{p}.topic", list(terms("topics"))),
            "name": to_length(inputs, f"{p}.name", 120),
            "is_person": bool(one(inputs, f"{p}.is_person")),
            "has_consent": bool(one(inputs, f"{p}.has_consent")),
            "email": to_email(inputs, f"{p}.email"),
            "phone": to_length(inputs, f"{p}.phone", 60),
            "seen_by": "partners" if one(inputs, f"{p}.seen_by") else "public",
        }
        if not (row["topic"] or row["name"] or row["email"] or row["phone"]):
            continue
        if not row["topic"]:
            raise Wrong(f"{p}.topic", gettext("Choose what this contact is for."))
        if not (row["email"] or row["phone"]):
            raise Wrong(f"{p}.email", gettext("Give an e-mail address or a telephone number."))
        found.append(row)
    return {"contacts": found}


def _named(inputs: Typed, group: str, read_row: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Rows that have a name; one with other things and no name is asked for it."""
    found = []
    for number in rows(inputs, group):
        p = f"{group}.{number}"
        row = {"name": to_length(inputs, f"{p}.name", 160), **read_row(p)}
        if not any(value for value in row.values() if value is not True):
            continue
        if not row["name"]:
            raise Wrong(f"{p}.name", gettext("Please give it a name."))
        found.append(row)
    return {group: found}


def _count(inputs: Typed, name: str) -> int | None:
    value = to_decimal(inputs, name, 0, 100_000)
    return None if value is None else int(value)


def _rooms(inputs: Typed, values: Values) -> dict[str, Any]:
    def row(p: str) -> dict[str, Any]:
        return {
            "seats": _count(inputs, f"{p}.seats"),
            "equipment": to_length(inputs, f"{p}.equipment", 300),
            "step_free": _among(inputs, f"{p}.step_free", list(Room.StepFree.values)),
            "for_others": bool(one(inputs, f"{p}.for_others")),
        }

    return _named(inputs, "rooms", row)


def _equipment(inputs: Typed, values: Values) -> dict[str, Any]:
    def row(p: str) -> dict[str, Any]:
        return {"amount": _count(inputs, f"{p}.amount"), "terms": to_length(inputs, f"{p}.terms", 300)}

    return _named(inputs, "equipment", row)


def _certifications(inputs: Typed, values: Values) -> dict[str, Any]:
    def row(p: str) -> dict[str, Any]:
        return {
            "issuer": to_length(inputs, f"{p}.issuer", 160),
            "valid_until": to_day(inputs, f"{p}.valid_until"),
        }

    return _named(inputs, "certifications", row)


_READ: Final[Mapping[str, Callable[[Typed, Values], dict[str, Any]]]] = {
    "kind": _kind,
    "reach": _reach,
    "offer": _offer,
    "schools": _schools,
    "requests": _requests,
    "contacts": _contacts,
    "rooms": _rooms,
    "equipment": _equipment,
    "certifications": _certifications,
}
