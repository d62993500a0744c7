"""The form that changes many records: what is ticked, and what that sets in each record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.actions.editorial.bulk import BulkChange
from allmende.catalogue.vocabulary import audiences
from allmende.guide.views.workspace.inputs import facts
from allmende.guide.views.workspace.inputs.base import Columns, Typed, Wrong, many, one

FIELDS: Final = ("categories", "audience", "prices", "contact", "url")
ALL: Final = (*FIELDS, "state", "plan")
HOW: Final[dict[str, dict[str, str | Promise]]] = {
    "categories": {
        "add": _("Add it"),
        "main": _("It is this first of all"),
        "remove": _("Take it away"),
    },
    "audience": {"set": _("Exactly these"), "add": _("Add these")},
}
BLANK: Final[dict[str, Any]] = {
    "language": "en",
    "categories": ["other"],
    "audience": [],
    "age_min": None,
    "age_max": None,
    "prices": [],
    "price_text": {},
    "contact_name": "",
    "email": "",
    "phone": "",
    "url": "",
}


def _categories(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    key, how, before = one(inputs, "categories.one"), one(inputs, "categories.how"), list(columns["categories"])
    if key not in facts.category_keys(kind, {"categories": []}):
        raise Wrong("categories.one", gettext("Choose a category."))
    rest = [old for old in before if old != key]
    if how == "remove":
        return {"categories": rest or ["other"]}
    if how == "main":
        return {"categories": [key, *(old for old in rest if old != "other")][: facts.MOST_CATEGORIES]}
    if key in before:
        return {"categories": before}
    return {"categories": [*(old for old in before if old != "other"), key][: facts.MOST_CATEGORIES]}


def _audience(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    told = {*many(inputs, "audience.who")}
    if one(inputs, "audience.how") == "add":
        told |= set(columns["audience"])
    if told == set(columns["audience"]):
        return {"audience": columns["audience"]}  # the same in another order is no change
    return {"audience": [entry.key for entry in audiences() if entry.key in told]}


def _prices(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    return facts.read_prices(inputs, columns)


def _contact(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    """Only what is filled in: a new address leaves the telephone alone."""
    told = facts.read_contact(inputs, columns)
    filled = {name: value for name, value in told.items() if value}
    if not filled:
        raise Wrong("contact.contact_name", gettext("Fill in what is to change."))
    return filled


def _url(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    return facts.read_url(inputs, columns)


_READ: Final[dict[str, Callable[[Typed, Columns, str], dict[str, Any]]]] = {
    "categories": _categories,
    "audience": _audience,
    "prices": _prices,
    "contact": _contact,
    "url": _url,
}


def _leaving(inputs: Typed, zone: ZoneInfo, now: datetime) -> datetime | None:
    text = one(inputs, "plan.withdraw_at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or not 2000 <= moment.year <= 2199:
        raise Wrong("plan.withdraw_at", gettext("Write the day and the time, such as 2026-12-05T10:00."))
    moment = moment.replace(tzinfo=zone)
    if moment <= now:
        raise Wrong("plan.withdraw_at", gettext("This time has passed. Choose a later one, or withdraw it now."))
    return moment


def read_change(
    ticked: list[str], inputs: Typed, kind: str, *, zone: ZoneInfo, now: datetime
) -> tuple[BulkChange, dict[str, str]]:
    """The change that is ticked and typed, and what is wrong with it: input -> sentence.

    ``zone``: the region's, in which the time to leave is told.
    """
    errors: dict[str, str] = {}
    fields = tuple(field for field in FIELDS if field in ticked)
    for field in fields:
        try:
            _READ[field](inputs, BLANK, kind)
        except Wrong as wrong:
            errors[wrong.name] = wrong.message
    state = one(inputs, "state.state") if "state" in ticked else ""
    if "state" in ticked and state not in {"published", "withdrawn"}:
        errors["state.state"] = gettext("Choose whether to publish or to withdraw.")
    leaving = None
    if "plan" in ticked:
        try:
            leaving = _leaving(inputs, zone, now)
        except Wrong as wrong:
            errors[wrong.name] = wrong.message

    def columns(before: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in fields:
            found.update(_READ[field](inputs, before, kind))
        return found

    return BulkChange(fields, columns, state, "plan" in ticked, leaving), errors
