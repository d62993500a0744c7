"""A release and the summary of its run as a report."""

from __future__ import annotations

from typing import Any

from allmende.engines.flows.release import Release
from allmende.engines.flows.report.account import lineage, protection, quality
from allmende.engines.flows.report.facts import Facts, Figure, facts
from allmende.engines.flows.report.geography import by_area, moves, presence_map
from allmende.engines.flows.report.parts import Fact, Report, Section
from allmende.engines.flows.report.sections import (
    by_class,
    by_day,
    by_hour,
    by_origin,
    confidence,
    lengths,
    range_of,
)
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.report.wording import Words


def compose(release: Release, summary: RunSummary, words: Words) -> Report:
    """The report in that language."""
    found = facts(release, summary)
    area = summary.area or str(release.lineage.get("area", ""))
    return Report(
        language=words.language,
        title=summary.title or (words("title_of", area=area) if area else words("title")),
        subtitle=_subtitle(found, area if summary.title else "", words),
        label=words("simulated") if summary.simulated or _says_simulated(release.lineage) else "",
        headline=_headline(found, summary, words),
        sections=_present(
            presence_map(found, summary, words),
            by_area(found, summary, words),
            by_day(found, summary, words),
            by_hour(found, words),
            by_class(found, words),
            by_origin(found, summary, words),
            moves(found, summary, words),
            lengths(summary, words),
            protection(release, summary, words),
            quality(summary, words),
            lineage(release, summary, words),
            words=words,
        ),
        foot=words("foot"),
    )


_ALWAYS = ("protection", "lineage")
"""without these a release is not to be trusted: each says so for itself"""


def _present(*sections: Section, words: Words) -> tuple[Section, ...]:
    """What there is to show; what is not there in one section at the end."""
    shown = [section for section in sections if section.chart or section.table or section.key in _ALWAYS]
    absent = " ".join(section.lead for section in sections if section not in shown)
    return (*shown, Section("absent", words("absent.title"), absent)) if absent else tuple(shown)


def _says_simulated(lineage: dict[str, Any]) -> bool:
    return any(lineage.get(name) for name in ("simulated", "simulation", "demo"))


def _subtitle(found: Facts, area: str, words: Words) -> str:
    parts = [area] if area else []
    if found.first and found.last:
        first, last = words.plain_day(found.first), words.plain_day(found.last)
        parts.append(first if first == last else f"{first} – {last}")
    return " · ".join(parts)


def _headline(found: Facts, summary: RunSummary, words: Words) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    level = confidence(summary, words)

    def add(key: str, figure: Figure | None, detail: str = "") -> None:
        if figure is not None and figure.people > 0:
            sure = range_of(figure, words)
            parts = (
                words("between", range=sure, level=level) if sure else "",
                detail,
                words("head.added_up") if found.added_up else "",
            )
            both = " · ".join(part for part in parts if part)
            facts.append(Fact(words(key), words.about(figure.people), both))

    if found.days:
        people = list(found.days.values())
        count = len(people)
        lows = [figure.low for figure in people if figure.low is not None]
        highs = [figure.high for figure in people if figure.high is not None]
        mean = Figure(
            sum(figure.people for figure in people) / count,
            sum(lows) / count if len(lows) == count else None,
            sum(highs) / count if len(highs) == count else None,
        )
        add("head.peak" if found.days_are_peaks else "head.day", mean)
        best = max(found.days, key=lambda day: found.days[day].people)
        add("head.busiest", found.days[best], words.day(best))
    add(
        "head.visitors_hour" if found.days_are_peaks else "head.visitors",
        found.visitors,
        words("head.inbound", share=words.percent(found.inbound)) if found.inbound else "",
    )
    add("head.overnight", found.overnight)
    if summary.nights and sum(summary.nights.values()):
        trips = {nights: people for nights, people in summary.nights.items() if nights}
        if trips:
            mean_nights = sum(n * people for n, people in trips.items()) / sum(trips.values())
            facts.append(Fact(words("head.nights"), words.number(mean_nights), words("head.nights_detail")))
    return tuple(facts)
