"""The filter panel of lists: what one can choose, with how many there are of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext

from allmende.catalogue import queries, vocabulary
from allmende.core import formats
from allmende.guide.filters import WHENS, Asked, Pair, when_words
from allmende.guide.labels import looks
from allmende.guide.page import Page

SHOWN = 8
"""So many categories stand open; the others behind "more"."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    label: str
    count: str
    selected: bool
    icon: str = ""
    hue: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the form shows."""

    action: str
    has_dates: bool
    whens: list[Option] = field(default_factory=list)
    since: str = ""
    until: str = ""
    categories: list[Option] = field(default_factory=list)
    municipalities: list[Option] = field(default_factory=list)
    audiences: list[Option] = field(default_factory=list)
    access: list[Option] = field(default_factory=list)
    free: Option | None = None
    hidden: list[Pair] = field(default_factory=list)
    """What else is asked for and must not get lost."""
    q: str = ""
    total: int = 0
    """Number of hits, or so many at least."""
    at_least: bool = False


def _count(n: int, at_least: bool, language: str) -> str:
    return formats.number(n, language) + ("+" if at_least else "")


def panel_for(kind: str, asked: Asked, page: Page, path: str, *, has_dates: bool = True) -> Panel:
    """The filter panel of a list of one kind."""
    language = page.language
    options: dict[str, Any] = {"language": language, "now": page.now, "zone": page.zone}
    found = queries.facets(kind, filters=asked.filters, **options)
    only_category = asked.filters == queries.Filters(category=asked.filters.category)
    if only_category and asked.filters.category:
        # The whole catalogue is counted already: exact numbers instead of "more than".
        whole = queries.facets(kind, **options)["category"]
        found["category"] = [replace(f, selected=f.value in asked.filters.category) for f in whole]
    known = looks(language)
    audiences = {a.key: a for a in vocabulary.audiences()}
    facts = {f.key: f for f in vocabulary.access_facts()}
    words = when_words()

    def count(facet: queries.Facet) -> str:
        return _count(facet.n, facet.at_least, language)

    chosen_towns = asked.values("municipality")
    towns = [Option(f.value, f.label, count(f), f.value in chosen_towns) for f in found["municipality"]]
    missing = set(chosen_towns) - {town.value for town in towns}
    towns += [Option(code, asked.texts["municipality", code], "", True) for code in missing]
    # Every entry has one first category, so that these counts add up to all.
    hits = [f for f in found["category"] if f.selected or not asked.filters.category]
    own = {"q", "category", "municipality", "audience", "access", "free", "when", "from", "to"}
    return Panel(
        action=page.base + path,
        has_dates=has_dates,
        whens=[Option("", gettext("Any time"), "", not asked.when and not (asked.has("from") or asked.has("to")))]
        + [Option(key, words[key], "", asked.when == key) for key in WHENS],
        since=next(iter(asked.values("from")), ""),
        until=next(iter(asked.values("to")), ""),
        categories=[
            Option(f.value, known[f.value].many, count(f), f.selected, known[f.value].icon, f.value)
            for f in found["category"]
            if f.value in known
        ],
        municipalities=sorted(towns, key=lambda town: town.label),
        audiences=[
            Option(f.value, audiences[f.value].labels[language], count(f), f.selected, audiences[f.value].icon)
            for f in found["audience"]
        ],
        access=[
            Option(f.value, facts[f.value].labels[language], count(f), f.selected, facts[f.value].icon)
            for f in found["access"]
        ],
        free=Option("1", gettext("Free of charge"), count(found["free"][0]), asked.filters.free)
        if found["free"]
        else None,
        hidden=[pair for pair in asked.pairs if pair[0] not in own],
        q=asked.filters.q,
        total=sum(f.n for f in hits),
        at_least=any(f.at_least for f in hits),
    )
