"""What an audit is told, and what it answers: limits, findings as values, and the audit as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["leak", "note"]
Point = tuple[object, object]
"""A place and an hour, as the release writes them."""

MOST_NAMED = 200
"""Findings of one attack on one table that are named one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the auditor assumes and how far it goes.  ``None`` is read from the release, or guessed from its figures.

    Devices are devices, figures are people.
    """

    threshold: int | None = None
    """Devices below which nothing may be shown; from the release's ``protection``, otherwise 10."""
    interval: float | None = None
    """Devices: no withheld figure may be bounded tighter; from the release, otherwise the threshold."""
    weight: float | None = None
    """People a device stands for; declared, guessed from the figures, otherwise at most 1."""
    slack: float | None = None
    """People by which a published figure may be off (rounding, noise); declared, or learned from sums."""
    strict: bool = False
    """Whether a figure on fewer than the threshold that is no cell of a table (those there by day, not at 2 p.m.) is a leak."""
    measures: Mapping[str, str] = field(default_factory=dict)
    """Table -> what it counts; tables that count the same are set against each other.  Otherwise the name up to the first ``_``."""
    widest_family: int = 64
    """Withheld children of one parent up to which the linear programme looks at each of them."""
    most_cells: int = 80_000
    """Withheld cells in more than one sum that the solver looks at, the most endangered first."""
    largest_component: int = 2_000
    """Withheld cells in one linear programme; larger ones lose their widest families, which only loosens the bounds."""
    auc: float = 0.6
    """Area under the curve of membership inference from which it counts as a leak."""
    odds: float = 9.0
    """Odds for membership from which one person counts as found."""
    chained_hours: int = 4
    """Hours in a row that make a chained trajectory."""
    most_units: int = 1_500
    """Devices that the trajectory attack assigns at once."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What only the owner of the data knows; with it the success of an attack is measured, never the attack helped."""

    paths: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    """Person -> where it was, hour by hour."""
    members: Mapping[str, bool] = field(default_factory=dict)
    """Person of ``known`` -> whether its data are in the release."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an outsider could infer.  ``place`` names the figure by its dimensions; bounds are in people."""

    attack: str
    table: str
    place: Mapping[str, str]
    inferred: str
    how: str
    severity: Severity
    remedy: str
    low: float | None = None
    high: float | None = None
    devices_low: float | None = None
    devices_high: float | None = None
    count: int = 1
    """How many figures this stands for: more than one only for those beyond ``MOST_NAMED``."""

    def __str__(self) -> str:
        where = ", ".join(f"{name} {value}" for name, value in self.place.items())
        return (
            f"{self.severity}: {self.table}{f' ({where})' if where else ''}: {self.inferred}. {self.how} {self.remedy}"
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome: what was found, what was tried, what was not looked at, and what the auditor assumed."""

    findings: tuple[Finding, ...]
    tried: tuple[str, ...]
    counts: Mapping[str, int]
    """Attack -> all its findings; ``findings`` names at most ``MOST_NAMED`` of each attack and table."""
    assumed: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    """What could not be examined, and why."""

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings that forbid publishing."""
        return tuple(finding for finding in self.findings if finding.severity == "leak")

    @property
    def passed(self) -> bool:
        """Whether nothing forbids publishing."""
        return not self.leaks

    def as_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "passed": self.passed,
            "tried": list(self.tried),
            "counts": dict(self.counts),
            "assumed": dict(self.assumed),
            "remarks": list(self.remarks),
            "findings": [asdict(finding) | {"place": dict(finding.place)} for finding in self.findings],
        }

    def as_text(self, most: int = 20) -> str:
        """As plain text: the verdict, then each attack with at most ``most`` findings, leaks first."""
        leaks = sum(1 for finding in self.findings if finding.severity == "leak")
        total = sum(self.counts.values())
        lines = [
            "Nothing could be inferred that the release promises to hide."
            if not leaks
            else "Do not publish: figures that the release promises to hide can be inferred.",
            f"{len(self.tried)} attacks, {total} findings.",
            "Assumed: " + ", ".join(f"{name} {value}" for name, value in self.assumed.items()) + ".",
        ]
        by_attack: dict[str, list[Finding]] = {}
        for finding in sorted(self.findings, key=lambda f: f.severity):
            by_attack.setdefault(finding.attack, []).append(finding)
        for name, found in by_attack.items():
            lines += ["", f"{name}: {self.counts[name]}"]
            lines += [f"  {finding}" for finding in found[:most]]
            if self.counts[name] > most:
                lines.append(f"  … and {self.counts[name] - min(most, len(found))} more")
        if self.remarks:
            lines += ["", *self.remarks]
        return "\n".join(lines) + "\n"


def collect(found: Iterable[Finding]) -> tuple[tuple[Finding, ...], dict[str, int]]:
    """Each figure once: the first attack that reached it names it, a leak before a note."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Finding] = []
    counts: Counter[str] = Counter()
    for finding in sorted(found, key=lambda one: one.severity):
        key = (
            finding.table,
            tuple(sorted(finding.place.items())),
            "" if finding.place else finding.attack + finding.inferred,
        )
        if key in seen:
            continue
        seen.add(key)
        counts[finding.attack] += finding.count
        kept.append(finding)
    return tuple(kept), dict(counts)


def capped(found: list[Finding], total: int, attack: str, table: str) -> list[Finding]:
    """The findings, and one more that counts those of ``total`` that are not named."""
    if total > len(found) and found:
        like = found[0]
        rest = total - len(found)
        found = [
            *found,
            Finding(
                attack, table, {}, f"{rest} further figures likewise", like.how, like.severity, like.remedy, count=rest
            ),
        ]
    return found
