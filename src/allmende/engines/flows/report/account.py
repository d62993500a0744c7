"""The sections about the figures themselves: quality of the input, protection, lineage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allmende.engines.flows.release import Release
from allmende.engines.flows.report.parts import Chart, Fact, Section, Table
from allmende.engines.flows.report.sections import absent
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.report.svg import Bar, Said, bars
from allmende.engines.flows.report.wording import Words

_LONGEST = 160


def quality(summary: RunSummary, words: Words) -> Section:
    """What cleaning kept and left out."""
    if not summary.read:
        return absent("quality", words)
    kept = summary.kept / summary.read
    left_out = sorted(summary.dropped.items(), key=lambda pair: (-pair[1], pair[0]))
    entries = [Bar(words.known("dropped", name), float(count)) for name, count in left_out if count]
    said = Said(
        words("quality.alt"),
        words("quality.desc", kept=words.percent(kept), read=words.number(summary.read)),
        words.number,
    )
    return Section(
        "quality",
        words("quality.title"),
        words("quality.lead") + " " + said.desc,
        notes=_window(summary, words),
        facts=(
            Fact(words("quality.read"), words.number(summary.read)),
            Fact(words("quality.kept"), words.number(summary.kept), words.percent(kept)),
        ),
        chart=Chart(
            lambda width, theme: bars(entries, width=width, said=said, theme=theme, role="line2"), said.title, said.desc
        )
        if entries
        else None,
        table=Table(
            words("quality.table"),
            (words("quality.reason"), words("quality.events"), words("share")),
            tuple((bar.label, words.number(bar.value), words.percent(bar.value / summary.read)) for bar in entries),
        )
        if entries
        else None,
    )


def _window(summary: RunSummary, words: Words) -> tuple[str, ...]:
    """From how many days residence was judged."""
    if not summary.window_most:
        return ()
    if summary.window_least == summary.window_most:
        return (words("quality.window_same", most=summary.window_most),)
    return (words("quality.window", least=summary.window_least, most=summary.window_most),)


def protection(release: Release, summary: RunSummary, words: Words) -> Section:
    """How small groups are protected, and what that hides."""
    if not release.protection:
        return absent("protection", words)
    found = release.protection
    facts: list[Fact] = []
    if isinstance(found.get("threshold"), int):
        facts.append(Fact(words("protection.threshold_detail"), words.number(found["threshold"])))
    if summary.figures:
        facts.append(
            Fact(
                words("protection.suppressed"),
                words.percent(summary.suppressed / summary.figures),
                words("protection.of", count=words.number(summary.suppressed), all=words.number(summary.figures)),
            )
        )
    if summary.people_share_suppressed is not None:
        facts.append(
            Fact(
                words("protection.people"),
                words.percent(summary.people_share_suppressed),
                words("protection.people_detail"),
            )
        )
    rows = tuple(
        (
            words.known("protection", name),
            words.known("method", str(value)) if name == "method" else _value(value, words),
        )
        for name, value in sorted(found.items())
    )
    return Section(
        "protection",
        words("protection.title"),
        words("protection.lead"),
        facts=tuple(facts),
        table=Table(words("protection.table"), (words("name"), words("value")), rows, names=2),
        open_table=True,
        notes=(words("protection.note"),),
    )


def lineage(release: Release, summary: RunSummary, words: Words) -> Section:
    """Input, parameters, versions and checks."""
    rows: list[tuple[str, str]] = []
    for name, value in sorted(release.lineage.items()):
        rows += _flat(words.known("lineage", name), value, words)
    if summary.created:
        rows.insert(0, (words("lineage.created"), _moment(summary.created, words)))
    checks = [
        (check.name, words("check.passed") if check.passed else words("check.failed"), check.detail)
        for check in summary.checks
    ]
    if not rows and not checks:
        return absent("lineage", words)
    rows += [
        (f"{words('check')}: {name}", f"{answer}{f' – {detail}' if detail else ''}") for name, answer, detail in checks
    ]
    failed = sum(not check.passed for check in summary.checks)
    facts = (
        (
            Fact(
                words("lineage.checks"),
                f"{words.number(len(checks) - failed)} / {words.number(len(checks))}",
                words("lineage.passed"),
            ),
        )
        if checks
        else ()
    )
    return Section(
        "lineage",
        words("lineage.title"),
        words("lineage.lead"),
        facts=facts,
        table=Table(words("lineage.table"), (words("name"), words("value")), tuple(rows), names=2),
        open_table=True,
    )


def _flat(name: str, value: Any, words: Words) -> list[tuple[str, str]]:
    """Nested values as rows, one level deep; what is deeper or longer is written as JSON and cut."""
    if isinstance(value, Mapping) and value:
        return [(f"{name}: {key}", _value(inner, words)) for key, inner in sorted(value.items())]
    if isinstance(value, list | tuple) and value and all(isinstance(entry, Mapping) for entry in value):
        return [(f"{name} {at}", _value(entry, words)) for at, entry in enumerate(value, 1)]
    return [(name, _value(value, words))]


def _moment(written: str, words: Words) -> str:
    """Date and time in words; what is no ISO 8601 stays as it is."""
    try:
        return words.moment(datetime.fromisoformat(written))
    except ValueError:
        return written


def _value(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words("yes") if value else words("no")
    if isinstance(value, int | float):
        return words.number(value) if isinstance(value, int) else f"{value:g}"
    if isinstance(value, Mapping):
        found = "; ".join(f"{key} {_value(inner, words)}" for key, inner in sorted(value.items()))
    elif isinstance(value, list | tuple):
        found = ", ".join(_value(entry, words) for entry in value)
    else:
        found = str(value) if isinstance(value, str) else json.dumps(value, default=str)
    return found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…"
