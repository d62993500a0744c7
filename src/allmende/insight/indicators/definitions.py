"""Definitions as rows: those that come with the program, and those of networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from allmende.core.text import pick, translated
from allmende.insight.bridges import indicators as engine
from allmende.insight.indicators.vocabulary import SETS, SETS_OF_KIND, shipped
from allmende.insight.models import Indicator

COLUMNS: Final = ("set", "subject", "period", "unit", "decimals", "direction", "formula", "source", "name", "about")


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator, in the language of the reader."""

    id: int
    code: str
    set: str
    name: str
    about: str
    formula: str
    unit: str
    decimals: int
    period: str
    subject: str
    direction: str
    source: str
    network_id: int | None
    owner: str

    @property
    def is_computed(self) -> bool:
        """It follows from others and is not entered."""
        return bool(self.formula)

    @property
    def needs(self) -> tuple[str, ...]:
        """Codes that its formula takes."""
        return engine.understood(self.formula).codes() if self.formula else ()


def write_shipped() -> int:
    """Make the rows of the program's own indicators what the file says, and return how many changed.

    What a network defined stays; an indicator that the program no longer has keeps its row and its figures.
    """
    stored = {row.code: row for row in Indicator.objects.filter(network__isnull=True)}
    taken = set(Indicator.objects.filter(network__isnull=False).values_list("code", flat=True))
    changed = 0
    with transaction.atomic():
        for position, one in enumerate(shipped()):
            if one.code in taken:
                continue
            values = {name: getattr(one, name) for name in COLUMNS if name not in {"name", "about"}}
            values |= {"name": translated(one.name, "en"), "about": translated(one.about, "en"), "position": position}
            row = stored.get(one.code) or Indicator(code=one.code)
            if row.pk and all(getattr(row, name) == value for name, value in values.items()):
                continue
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            changed += 1
    return changed


def read_definitions(rows: Iterable[Indicator], language: str) -> list[Definition]:
    """Rows for a reader; those of the program in its order of lists, then those of networks."""
    rows = list(rows)
    rank = {name: place for place, name in enumerate(SETS)}
    found = [
        Definition(
            row.pk,
            row.code,
            row.set,
            pick(row.name, language).text or row.code,
            pick(row.about, language).text,
            row.formula,
            row.unit,
            row.decimals,
            row.period,
            row.subject,
            row.direction,
            row.source,
            row.network_id,
            row.owner.name if row.owner else "",
        )
        for row in rows
    ]
    positions = {row.pk: row.position for row in rows}
    return sorted(found, key=lambda one: (rank.get(one.set, len(rank)), positions[one.id], one.code))


def asked_of(kind: str, networks: Iterable[int], definitions: Iterable[Definition]) -> list[Definition]:
    """The indicators that an organisation of this kind, in these networks, is asked for."""
    sets, mine = SETS_OF_KIND.get(kind, ()), set(networks)
    return [one for one in definitions if (one.set in sets if one.network_id is None else one.network_id in mine)]


def computing_order(definitions: Iterable[Definition]) -> list[Definition]:
    """The computed ones, each after those that it needs."""
    computed: Mapping[str, Definition] = {one.code: one for one in definitions if one.formula}
    order = engine.order_of({code: engine.understood(one.formula) for code, one in computed.items()})
    return [computed[code] for code in order if isinstance(code, str)]
