"""The sections about people: when, who, from where, and for how long."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from allmende.engines.flows.report.countries import COUNTRY_OF
from allmende.engines.flows.report.facts import CLASSES, Facts, Figure, places
from allmende.engines.flows.report.maps import Area
from allmende.engines.flows.report.parts import Chart, Section, Table
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.report.svg import (
    Bar,
    Point,
    Said,
    bars,
    breaks,
    colour_step,
    columns,
    heat_map,
    line_chart,
    stacked_bars,
)
from allmende.engines.flows.report.wording import Words

MOST_ORIGINS = 12
_ABROAD = 1_000_000


def absent(key: str, words: Words) -> Section:
    """A section whose data are not there says so instead of vanishing."""
    return Section(key, words(f"{key}.title"), words(f"{key}.absent"))


def range_of(figure: Figure, words: Words) -> str:
    """``18,200 – 19,100``; empty where nothing is known."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{words.about(figure.low)} – {words.about(figure.high)}"


def confidence(summary: RunSummary, words: Words) -> str:
    """The level of the intervals: ``95 %``."""
    return words.percent(summary.uncertainty.confidence if summary.uncertainty else 0.95)


def added_up(facts: Facts, words: Words) -> tuple[str, ...]:
    """Where the whole is a sum over areas, it says so."""
    return (words("added_up"),) if facts.added_up else ()


def area_name(code: str, named: dict[str, Area]) -> str:
    """The name of a zone, or its code."""
    return named[code].name if code in named else code


def origin_name(code: str, named: dict[str, Area], words: Words) -> str:
    """The name of a home zone or country, however the table writes it."""
    if code in named:
        return named[code].name
    if code.isdigit() and int(code) >= _ABROAD:
        return words.country(COUNTRY_OF.get(int(code) - _ABROAD, code))
    if len(code) == 2 and code.isalpha() and code.isupper():
        return words.country(code)
    return words.known("origin", "unknown" if code == "-1" else code)


def scale(limits: list[float], words: Words) -> tuple[tuple[str, str], ...]:
    """The legend of a scale of colours."""
    classes = len(limits) - 1
    labels = [f"{words.number(low)} – {words.number(high)}" for low, high in pairwise(limits)]
    labels[-1] = f"≥ {words.number(limits[-2])}"
    return tuple((f"s{colour_step(at, classes)}", label) for at, label in enumerate(labels))


def clock(facts: Facts, words: Words) -> str:
    """Whose days and hours they are."""
    return words("clock.utc") if facts.timezone in ("", "UTC") else words("clock.local", zone=facts.timezone)


def by_day(facts: Facts, summary: RunSummary, words: Words) -> Section:
    """A line with its interval."""
    if not facts.days or facts.first is None or facts.last is None:
        return absent("days", words)
    every = [facts.first + timedelta(days=at) for at in range((facts.last - facts.first).days + 1)]
    points = [
        Point(words.short_day(day), found.people, found.low, found.high, day.weekday() >= 5)
        if (found := facts.days.get(day))
        else Point(words.short_day(day), None, rest=day.weekday() >= 5)
        for day in every
    ]
    best = max(facts.days, key=lambda day: facts.days[day].people)
    least = min(facts.days, key=lambda day: facts.days[day].people)
    said = Said(
        words("days.alt"),
        words(
            "days.desc", best=words.day(best), most=words.about(facts.days[best].people), least=words.day(least),
            fewest=words.about(facts.days[least].people),
        ),
        words.number,
    )  # fmt: skip
    level = confidence(summary, words)
    sure = any(point.low is not None for point in points)
    return Section(
        "days",
        words("days.title"),
        words("days.lead_peak" if facts.days_are_peaks else "days.lead") + " " + said.desc,
        chart=Chart(
            lambda width, theme: line_chart(points, width=width, said=said, theme=theme), said.title, said.desc
        ),
        legend=(
            ("brand", words("days.estimate")),
            *((("band", words("interval", level=level)),) if sure else ()),
            ("void", words("days.weekend")),
        ),
        table=Table(
            words("days.table"),
            (words("day"), words("people"), *((words("interval", level=level),) if sure else ())),
            tuple(
                (words.day(day), words.about(figure.people), *((range_of(figure, words),) if sure else ()))
                for day, figure in sorted(facts.days.items())
            ),
        ),
        notes=(clock(facts, words), *added_up(facts, words), *(() if sure else (words("no_interval"),))),
    )


def by_hour(facts: Facts, words: Words) -> Section:
    """Weekday by hour."""
    shown = [value for row in facts.hours for value in row if value is not None]
    if not shown:
        return absent("hours", words)
    limits = breaks(shown)
    most = max((value or 0.0, day, hour) for day, row in enumerate(facts.hours) for hour, value in enumerate(row))
    said = Said(
        words("hours.alt"),
        words(
            "hours.desc", day=words.weekday(most[1], title=False), hour=f"{most[2]:02d}:00", most=words.about(most[0])
        ),
        words.number,
    )
    labels = [f"{hour:02d}" for hour in range(24)]
    return Section(
        "hours",
        words("hours.title"),
        words("hours.lead") + " " + said.desc,
        chart=Chart(
            lambda width, theme: heat_map(
                [words.weekday(day, short=True) for day in range(7)], labels, facts.hours, limits=limits, width=width, said=said, theme=theme,
            ),
            said.title,
            said.desc,
        ),
        legend=scale(limits, words),
        table=Table(
            words("hours.table"),
            (words("hour"), *(words.weekday(day, short=True) for day in range(7))),
            tuple(
                (f"{hour:02d}:00", *(words.about(value) if (value := facts.hours[day][hour]) else "–" for day in range(7)))
                for hour in range(24)
            ),
        ),
        notes=(clock(facts, words), *added_up(facts, words)),
    )  # fmt: skip


def by_class(facts: Facts, words: Words) -> Section:
    """Who they are, by weekday."""
    if not facts.classes:
        return absent("classes", words)
    parts = [name for name in CLASSES if any(name in found for found in facts.classes.values())]
    days = sorted(facts.classes)
    names = [words("classes.all") if day < 0 else words.weekday(day) for day in days]
    values = [[facts.classes[day].get(name, 0.0) for name in parts] for day in days]
    total = sum(values[0])
    largest = max(parts, key=lambda name: facts.classes[days[0]].get(name, 0.0))
    said = Said(
        words("classes.alt"),
        words(
            "classes.desc",
            largest=words.known("class", largest),
            share=words.percent(facts.classes[days[0]].get(largest, 0) / total),
        ),
        words.number,
    )
    return Section(
        "classes",
        words("classes.title"),
        words("classes.lead") + " " + said.desc,
        chart=Chart(
            lambda width, theme: stacked_bars(names, parts, values, percent=words.percent, width=width, said=said, theme=theme),
            said.title,
            said.desc,
        ),
        legend=tuple((name, words.known("class", name)) for name in parts),
        table=Table(
            words("classes.table"),
            (words("class"), *names),
            tuple(
                (words.known("class", name), *(words.about(row[at]) if row[at] else "–" for row in values))
                for at, name in enumerate(parts)
            ),
        ),
        notes=added_up(facts, words),
    )  # fmt: skip


def by_origin(facts: Facts, summary: RunSummary, words: Words) -> Section:
    """Where they come from."""
    if not facts.origins:
        return absent("origins", words)
    named = places(summary)
    shown = list(facts.origins.items())[:MOST_ORIGINS]
    entries = [Bar(origin_name(code, named, words), figure.people, figure.low, figure.high) for code, figure in shown]
    rest = sum(figure.people for figure in facts.origins.values()) - sum(bar.value for bar in entries)
    if rest > 0:
        entries.append(Bar(words("origins.rest", count=len(facts.origins) - len(shown)), rest))
    said = Said(
        words("origins.alt"),
        words("origins.desc", first=entries[0].label, most=words.about(entries[0].value)),
        words.about,
    )
    level = confidence(summary, words)
    sure = any(figure.low is not None for figure in facts.origins.values())
    return Section(
        "origins",
        words("origins.title"),
        words("origins.lead") + " " + said.desc,
        chart=Chart(lambda width, theme: bars(entries, width=width, said=said, theme=theme), said.title, said.desc),
        table=Table(
            words("origins.table"),
            (words("origins.origin"), words("people"), *((words("interval", level=level),) if sure else ())),
            tuple(
                (
                    origin_name(code, named, words),
                    words.about(figure.people),
                    *((range_of(figure, words),) if sure else ()),
                )
                for code, figure in facts.origins.items()
            ),
        ),
    )


def lengths(summary: RunSummary, words: Words) -> Section:
    """Nights of trips, or minutes at one place."""
    if not summary.nights and not summary.stay_minutes:
        return absent("lengths", words)
    if summary.nights:
        total = sum(summary.nights.values())
        mean = sum(nights * people for nights, people in summary.nights.items()) / total if total else 0.0
        entries = _tail([Bar(str(nights), float(people)) for nights, people in sorted(summary.nights.items())])
        said = Said(words("lengths.alt_nights"), words("lengths.desc_nights", mean=words.number(mean)), words.about)
        head = words("lengths.nights")
    else:
        entries = _tail(
            [Bar(_duration(minutes), float(people)) for minutes, people in sorted(summary.stay_minutes.items())]
        )
        said = Said(words("lengths.alt_stay"), words("lengths.desc_stay"), words.about)
        head = words("lengths.from")
    return Section(
        "lengths",
        words("lengths.title"),
        said.desc,
        chart=Chart(lambda width, theme: columns(entries, width=width, said=said, theme=theme), said.title, said.desc),
        table=Table(said.title, (head, words("people")), tuple((bar.label, words.about(bar.value)) for bar in entries)),
    )


def _tail(entries: list[Bar], most: int = 15) -> list[Bar]:
    """The first classes, and the rest as one."""
    if len(entries) <= most:
        return entries
    return [*entries[: most - 1], Bar(f"≥ {entries[most - 1].label}", sum(bar.value for bar in entries[most - 1 :]))]


def _duration(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 or minutes % 60 else f"{minutes // 60} h"
