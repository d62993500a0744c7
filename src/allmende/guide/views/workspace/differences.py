"""Two states of a record, field by field and in words that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from allmende.catalogue import vocabulary
from allmende.catalogue.queries.editing import GROUPS, group_in_words
from allmende.core import formats
from allmende.core.languages import OWN_NAMES
from allmende.core.text import pick
from allmende.core.wording import Piece, side_by_side
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.inputs.schedule import rule_in_words, when_in_words

Columns = Mapping[str, Any]
TEXTS = ("name", "summary", "description")


@dataclass(frozen=True, slots=True)
class Row:
    """One field; texts have a row for each language."""

    group: str
    label: str
    lang: str
    """Language of the text, or ``""``."""
    old: list[Piece]
    new: list[Piece]
    is_new: bool
    """There was nothing before."""
    moved: bool
    """What is public was changed by somebody else since."""


def _labels(terms: Any, language: str) -> dict[str, str]:
    return {term.key: str(term.labels.get(language, term.labels["en"])) for term in terms}


def _categories(columns: Columns, language: str) -> str:
    names = {entry.key: entry.labels.get(language, entry.labels["en"]).one for entry in vocabulary.categories()}
    return ", ".join(names.get(key, key) for key in columns["categories"])


def _audience(columns: Columns, language: str) -> str:
    names = _labels(vocabulary.audiences(), language)
    ages = [str(columns[name]) if columns[name] is not None else "…" for name in ("age_min", "age_max")]
    return ", ".join(
        [*(names.get(key, key) for key in columns["audience"]), *([" – ".join(ages)] if ages != ["…", "…"] else [])]
    )


def _access(columns: Columns, language: str) -> str:
    names = _labels(vocabulary.access_facts(), language)
    return "\n".join(
        f"{names.get(fact, fact)}: {words.word(words.ANSWER, state)}"
        for fact, state in columns["accessibility"].items()
    )


def _schedule(columns: Columns, language: str) -> str:
    schedule = columns["schedule"]
    lines = [when_in_words(schedule, language), rule_in_words(schedule, columns["timezone"], language)]
    lines += [when_in_words({"start": start, "end": end}, language) for start, end in schedule.get("dates", [])]
    lines += [when_in_words({"start": start}, language) for start in schedule.get("rdates", [])]
    lines += ["− " + when_in_words({"start": start}, language) for start in schedule.get("exdates", [])]
    return "\n".join(line for line in lines if line)


def _day(number: int, language: str) -> str:
    """A weekday by its number, Monday is 0; 7 stands for public holidays."""
    if number > 6:
        return gettext("public holidays")
    return formats.weekday_short(date(2024, 1, 1 + number), language)


def _hours(columns: Columns, language: str) -> str:
    lines = []
    for line in columns["hours"]:
        days = ", ".join(_day(day, language) for day in line["days"])
        times = f"{line['opens']} – {line['closes']}" if line["opens"] else "–"
        lines.append(f"{days} {times}")
    return "\n".join([*lines, group_in_words({"hours_text": columns["hours_text"]}, "hours")]).strip()


def _status(columns: Columns, language: str) -> str:
    return _labels(vocabulary.statuses(), language).get(str(columns["status"]), str(columns["status"]))


def _prices(columns: Columns, language: str) -> str:
    lines = []
    for price in columns["prices"]:
        low, high = price.get("min"), price.get("max")
        amounts = dict.fromkeys(Decimal(str(amount)) for amount in (low, high) if amount is not None)
        told = " – ".join(formats.money(amount, price.get("currency") or "EUR", language) for amount in amounts)
        label = pick((price.get("label") and {"original": "", "texts": price["label"]}) or {}, language).text
        lines.append(": ".join(part for part in (label, told) if part))
    return "\n".join([*lines, group_in_words({"price_text": columns["price_text"]}, "prices")]).strip()


_IN_WORDS = {
    "prices": _prices,
    "categories": _categories,
    "audience": _audience,
    "accessibility": _access,
    "schedule": _schedule,
    "hours": _hours,
    "status": _status,
}


def told_in_words(columns: Columns | None, group: str, language: str) -> str:
    """A field of a record as people read it."""
    if columns is None:
        return ""
    write = _IN_WORDS.get(group)
    return write(columns, language) if write else group_in_words(columns, group)


def rows_of(before: Columns | None, after: Columns, language: str, *, moved: frozenset[str] = frozenset()) -> list[Row]:
    """The fields that differ; of a new record (``before`` is None), all that are told."""
    found: list[Row] = []
    for group, names in GROUPS.items():
        if group == "state" or not any(name in after for name in names if name != "municipality_id"):
            continue
        is_moved = any(name in moved for name in names)
        for label, lang, old, new in _pairs(before, after, group, language):
            if old != new:
                left, right = side_by_side(old, new)
                found.append(Row(group, label, lang, left, right, is_new=not old, moved=is_moved))
    return found


def _pairs(before: Columns | None, after: Columns, group: str, language: str) -> list[tuple[str, str, str, str]]:
    """(label, language, old, new) of a field, once for each language of a text."""
    label = words.word(words.FIELDS, group)
    if group not in TEXTS:
        return [(label, "", told_in_words(before, group, language), told_in_words(after, group, language))]
    old = (before or {}).get(group, {}).get("texts", {})
    new = after[group].get("texts", {})
    codes = list(dict.fromkeys([*old, *new]))
    return [
        (
            f"{label} ({OWN_NAMES.get(code, code)})" if len(codes) > 1 else label,
            code,
            str(old.get(code, "")),
            str(new.get(code, "")),
        )
        for code in codes
    ]
