"""From columns of words to figures of series, by arrays: a million rows are understood without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.core.slugs import fold
from allmende.insight.bridges.tables import Columns
from allmende.insight.deliveries.combining import Gathered, combine
from allmende.insight.deliveries.foreign import add_foreign
from allmende.insight.deliveries.matching import Match
from allmende.insight.deliveries.problems import COLUMN, FILE, Problems
from allmende.insight.deliveries.values import KnownSite, SeriesFigures
from allmende.insight.deliveries.words import (
    CLASSES,
    MEASURES,
    State,
    TimeKind,
    Times,
    groups_by_point,
    hours_of,
    key_of,
    times_of,
    values_of,
)
from allmende.insight.values import Resolution

Ints = NDArray[np.int64]
LONGEST_ORIGIN: Final = 20
BAD_TIME: Final = {
    Resolution.HOUR: gettext_noop("“%(word)s” is no hour that can be understood."),
    Resolution.DAY: gettext_noop("“%(word)s” is no day that can be understood."),
    Resolution.MONTH: gettext_noop("“%(word)s” is no month that can be understood."),
}
BAD_WORD: Final = {
    "measure": gettext_noop("“%(word)s” is nothing known that is counted."),
    "visitor_class": gettext_noop("“%(word)s” is no known group of visitors."),
    "origin": gettext_noop("“%(word)s” is no known origin: it is longer than 20 letters."),
}


@dataclass(slots=True)
class Understood:
    """A delivery, understood."""

    series: list[SeriesFigures]
    problems: Problems
    read: int
    """Figures that the file holds, good or bad."""
    failed: int
    """Figures that stay out."""
    repeated: int = 0
    """Figures that stand in the file twice, equally."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Names of places that are no known site -> rows."""
    below: float | None = None


class Long(NamedTuple):
    """One entry for each figure of the file."""

    row: Ints
    site: Ints
    """Index of the site, -1: unknown, -2: to be left out."""
    site_word: Ints
    value_word: Ints
    figure: NDArray[np.float64]
    state: NDArray[np.uint8]


def understand(columns: Columns, match: Match, sites: Sequence[KnownSite]) -> Understood:
    """Read a table by ``match``; what cannot be understood is named and left out, the rest goes in."""
    problems = Problems()
    for one in columns.problems:
        add_foreign(problems, one)
    long, site_words, value_words, below = _long(columns, match, sites)
    total = len(long.row)
    if not match.decimal and any(groups_by_point(words) for words in value_words):
        remedy = gettext_noop("If the point is before decimals, choose it above, and look at the preview again.")
        message = gettext_noop("Figures such as 1.200 were read as thousands.")
        problems.add(FILE, message, "point-groups", remedy)
    times, time_words, time_codes = _times(columns, match, problems)
    place = np.searchsorted(columns.rows, long.row)
    good = _report_sites(long, site_words, problems)
    unknown = _unknown(long, site_words)
    good &= _report_values(long, value_words, good, problems)
    kinds = times.kinds[place] if len(times.kinds) else np.zeros(total, np.uint8)
    good &= _report_times(kinds, place, time_words, time_codes, long.row, good, match, problems)
    named, good = _named_columns(columns, match, place, long.row, good, problems)
    use = np.flatnonzero(good & (long.state != State.MISSING))
    empty = int((good & (long.state == State.MISSING)).sum())
    gathered = Gathered(
        row=long.row[use],
        site=long.site[use],
        minute=times.minutes[place][use] if total else np.zeros(0, np.int64),
        kind=kinds[use],
        figure=long.figure[use],
        is_suppressed=long.state[use] == State.SUPPRESSED,
        named=tuple(codes[use] for codes, _ in named),
    )
    series, left, repeated = combine(gathered, tuple(words for _, words in named), match, sites, problems)
    below = match.suppressed_below if match.suppressed_below is not None else below
    failed = total - len(use) - empty + left
    return Understood(series, problems, total, failed, repeated, unknown, below)


# ---------------------------------------------------------------------- where


def known_words(sites: Sequence[KnownSite]) -> dict[str, int]:
    """What a site may be called -> its index: slug, name, official code, number."""
    words: dict[str, int] = {}
    for at, site in enumerate(sites):
        for word in (str(site.id), site.code, site.name, site.slug):
            if word:
                words[fold(word).strip()] = at
    return words


def _long(
    columns: Columns, match: Match, sites: Sequence[KnownSite]
) -> tuple[Long, list[str], list[list[str]], float | None]:
    """The table with one entry for each figure, whether each site has a column of its own or not."""
    slugs = {site.slug: at for at, site in enumerate(sites)}
    names = known_words(sites)
    chosen = {word: slugs.get(slug, -1) if slug else -2 for word, slug in match.sites.items()}
    header = {name: at for at, name in enumerate(columns.headers)}
    wide, below = match.wide(), None
    parts: list[Long] = []
    words_of: list[list[str]] = []
    column = match.column_of("site")
    site_words = columns.words[header[column]] if column else []
    lut = np.array([chosen.get(word, names.get(fold(word).strip(), -1)) for word in site_words] or [0], np.int64)
    codes = columns.codes[header[column]].astype(np.int64) if column else np.zeros(len(columns), np.int64)
    fixed = slugs.get(match.site, -1)
    value = match.column_of("value")
    for name, slug in [(value, "")] if value else list(wide.items()):
        at = header[name]
        values = values_of(columns.words[at], suppressed=match.suppressed, decimal=match.decimal)
        below = values.below if below is None else max(below, values.below or 0)
        own = columns.codes[at]
        where = np.full(len(columns), slugs.get(slug, -1) if slug else fixed)
        if column and not slug:
            where = lut[codes]
        word = own.astype(np.int64) + (len(words_of) << 32)
        words_of.append(columns.words[at])
        parts.append(Long(columns.rows, where, codes, word, values.figures[own], values.states[own]))
    long = Long(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    return long, site_words, words_of, below


def _report_sites(long: Long, words: list[str], problems: Problems) -> NDArray[np.bool_]:
    bad = long.site == -1
    if bad.any() and words:
        problems.by_word(
            long.site_word[bad],
            words,
            long.row[bad],
            gettext_noop("“%(word)s” is no place that you measure."),
            "unknown-site",
            gettext_noop("Say below which of your places it is, make it, or leave it out."),
        )
    return np.asarray(long.site >= 0)


def _unknown(long: Long, words: list[str]) -> dict[str, int]:
    numbers, n = np.unique(long.site_word[long.site == -1], return_counts=True)
    order = np.argsort(-n, kind="stable")[:200]
    return {words[int(numbers[at])]: int(n[at]) for at in order.tolist()} if words else {}


def _report_values(
    long: Long, words: list[list[str]], good: NDArray[np.bool_], problems: Problems
) -> NDArray[np.bool_]:
    bad = (long.state == State.BAD) & good
    for at, those in enumerate(words):
        mine = bad & (long.value_word >> 32 == at)
        if mine.any():
            remedy = gettext_noop("Correct it at the source, or say among the marks that such figures were held back.")
            codes = long.value_word[mine] & 0xFFFFFFFF
            message = gettext_noop("“%(word)s” is no figure.")
            problems.by_word(codes, those, long.row[mine], message, "bad-figure", remedy)
    whole: NDArray[np.bool_] = long.state != State.BAD
    return whole


# ---------------------------------------------------------------------- when


def _times(columns: Columns, match: Match, problems: Problems) -> tuple[Times, list[str], Ints]:
    """Time of each row of the table, and the words that say it."""
    header = {name: at for at, name in enumerate(columns.headers)}
    name = match.column_of("time") or match.column_of("date")
    if name is None:
        return Times(np.zeros(0, np.int64), np.zeros(0, np.uint8)), [], np.zeros(0, np.int64)
    codes = columns.codes[header[name]].astype(np.int64)
    words = columns.words[header[name]]
    lut = times_of(words)
    minutes, kinds = lut.minutes[codes], lut.kinds[codes].copy()
    hour = match.column_of("hour")
    if match.column_of("time") is None and hour is not None:
        of_day, from_one = hours_of(columns.words[header[hour]])
        if from_one:
            message = gettext_noop("The hours count from 1 to 24, so 1 is the hour that begins at midnight.")
            remedy = gettext_noop("Nothing to do, if that is right.")
            problems.add(COLUMN, message, "hours-from-one", remedy, column=hour[:40])
        more = of_day[columns.codes[header[hour]]]
        minutes = minutes + np.maximum(more, 0)
        whole = (kinds == TimeKind.DAY) & (more >= 0)
        kinds[(kinds != TimeKind.BAD) & ~whole] = TimeKind.BAD
        kinds[whole] = TimeKind.LOCAL
    elif match.resolution == Resolution.HOUR and match.column_of("time") is not None:
        kinds[kinds == TimeKind.DAY] = TimeKind.LOCAL  # a spreadsheet writes midnight as the day alone
    return Times(minutes, kinds), words, codes


def _report_times(
    kinds: NDArray[np.uint8],
    place: Ints,
    words: list[str],
    codes: Ints,
    rows: Ints,
    good: NDArray[np.bool_],
    match: Match,
    problems: Problems,
) -> NDArray[np.bool_]:
    fits = {
        Resolution.HOUR: (kinds == TimeKind.LOCAL) | (kinds == TimeKind.UTC),
        Resolution.DAY: (kinds != TimeKind.BAD) & (kinds != TimeKind.MONTH),
        Resolution.MONTH: kinds != TimeKind.BAD,
    }[Resolution(match.resolution)]
    bad = ~fits & good
    if bad.any():
        message = BAD_TIME[Resolution(match.resolution)]
        remedy = gettext_noop(
            "Write times as 2026-06-01 14:00, days as 2026-06-01, months as 2026-06; or choose another length of period."
        )
        problems.by_word(codes[place[bad]], words, rows[bad], message, "bad-time", remedy)
    return np.asarray(fits, np.bool_)


# ---------------------------------------------------------------------- who, what, from where


def _named_columns(
    columns: Columns, match: Match, place: Ints, rows: Ints, good: NDArray[np.bool_], problems: Problems
) -> tuple[list[tuple[Ints, list[str]]], NDArray[np.bool_]]:
    """Measure, visitor class and origin of each figure, as numbers of words; and the figures that are still good."""
    found: list[tuple[Ints, list[str]]] = []
    header = {name: at for at, name in enumerate(columns.headers)}
    for role, usual, known in (
        ("measure", match.measure, MEASURES),
        ("visitor_class", match.visitor_class, CLASSES),
        ("origin", "", {}),
    ):
        name = match.column_of(role)
        if name is None:
            found.append((np.zeros(len(place), np.int64), [usual]))
            continue
        words = columns.words[header[name]]
        meant = [_meant(word, role, usual, known) for word in words]
        those = list(dict.fromkeys(one for one in meant if one is not None)) or [usual]
        number = {word: at for at, word in enumerate(those)}
        lut = np.array([-1 if one is None else number[one] for one in meant] or [0], np.int64)
        word_codes = columns.codes[header[name]].astype(np.int64)[place]
        codes = lut[word_codes]
        bad = (codes < 0) & good
        if bad.any():
            remedy = gettext_noop("See the reference for the words.")
            problems.by_word(word_codes[bad], words, rows[bad], BAD_WORD[role], f"bad-{role.replace('_', '-')}", remedy)
        good = good & (codes >= 0)
        found.append((codes, those))
    return found, good


def _meant(word: str, role: str, usual: str, known: Mapping[str, str]) -> str | None:
    if role == "origin":
        text = "" if word in {"*", "all"} else word
        return text if len(text) <= LONGEST_ORIGIN else None
    return known.get(key_of(word) or word.strip(), None) if word else usual
