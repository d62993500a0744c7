"""Tables of holidays: our declared columns, and the calendar of the French ministry of education as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from allmende.formats.holidays.periods import LONGEST_NAME, HolidayFile, Period
from allmende.formats.holidays.subdivisions import expanded, french_zone
from allmende.formats.words import fold

Row = tuple[int, Sequence[str]]
"""Its number as a spreadsheet shows it, and its cells."""
_NAMES: Final[Mapping[str, str]] = {
    "first": "first from start start date von beginn fran fra van du debut date de debut begin",
    "last": "last to end end date bis ende till til tot au fin date de fin",
    "name": "name holiday ferien bezeichnung namn navn naam nom description",
    "country": "country land pays",
    "subdivision": "subdivision region code bundesland lan landsdel provincie iso",
    "kind": "kind type art typ slag soort genre",
}
_PHRASES: Final = {"start date": "first", "date de debut": "first", "end date": "last", "date de fin": "last"}
ROLES: Final = {
    **{word: role for role, words in _NAMES.items() for word in words.split() if word not in {"date", "de"}},
    **_PHRASES,
}
KINDS: Final = {
    **dict.fromkeys(
        ["school", "schule", "schulferien", "ferien", "skola", "skole", "school", "schoolvakantie", "scolaire"],
        "school",
    ),
    **dict.fromkeys(["public", "feiertag", "helgdag", "helligdag", "feestdag", "bank"], "public"),
}
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
PARIS: Final = ZoneInfo("Europe/Paris")


def is_table(headers: Sequence[str], *, declared: bool) -> bool:
    """Whether a table with these names holds holidays.  ``declared``: somebody says so."""
    if _is_french(headers):
        return True
    return declared and {"first", "last", "name"} <= set(_roles(headers).values())


def _is_french(headers: Sequence[str]) -> bool:
    named = {fold(name) for name in headers}
    return "annee scolaire" in named and bool({"zones", "zone"} & named)


def _roles(headers: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for at, name in enumerate(headers):
        role = ROLES.get(fold(name), "")
        if role and role not in found.values():
            found[at] = role
        elif fold(name).startswith("name ") and len(fold(name)) == 7:
            found[at] = f"name:{fold(name)[-2:]}"
    return found


def read_table(headers: Sequence[str], rows: Iterable[Row]) -> HolidayFile:
    """The stretches of a table."""
    return _french(headers, rows) if _is_french(headers) else _declared(headers, rows)


def _declared(headers: Sequence[str], rows: Iterable[Row]) -> HolidayFile:
    out = HolidayFile("table")
    roles = _roles(headers)
    for number, cells in rows:
        out.read += 1
        where = f"row {number}"
        told = {role: cells[at].strip() for at, role in roles.items() if at < len(cells)}
        first, last = _day(told.get("first", "")), _day(told.get("last", "") or told.get("first", ""))
        if first is None or last is None:
            out.wrong(where, "Its first or last day cannot be read. Write it as 2026-07-04.", "bad-day")
            continue
        names = {role[5:]: word[:LONGEST_NAME] for role, word in told.items() if role.startswith("name:") and word}
        if told.get("name"):
            names = {"": told["name"][:LONGEST_NAME], **names}
        words = [word for word in re.split(r"[\s,;|]+", told.get("subdivision", "")) if word]
        codes = [code for word in words for code in expanded(word)]
        if len(codes) < len(words):
            message = f"{told['subdivision'][:40]} is no code of ISO 3166-2. Write one such as DE-NW or FR-OCC."
            out.wrong(where, message, "bad-subdivision")
            continue
        country = told.get("country", "").upper() or (codes[0][:2] if codes else "")
        if len(country) != 2 and country:
            # Its first two letters would be another country: GE of Germany is Georgia.
            out.wrong(where, "Write the country as two letters, such as FR.", "bad-country")
            continue
        kind = KINDS.get(fold(told.get("kind", "")).partition(" ")[0], "")
        out.add(Period(first, last, names, kind, country, tuple(codes), bool(country) and not codes, where))
    return out


def _french(headers: Sequence[str], rows: Iterable[Row]) -> HolidayFile:
    """https://data.education.gouv.fr/explore/dataset/fr-en-calendrier-scolaire: midnights in Paris; the end is the day of return."""
    out = HolidayFile("education.gouv.fr")
    at = {fold(name): number for number, name in enumerate(headers)}

    def cell(cells: Sequence[str], *names: str) -> str:
        place = next((at[name] for name in names if name in at), None)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    seen: set[tuple[date, date, str, tuple[str, ...]]] = set()
    for number, cells in rows:
        out.read += 1
        where = f"row {number}"
        if fold(cell(cells, "population")) == "enseignants":
            out.left_out += 1
            continue
        first = _paris(cell(cells, "start date", "date de debut"))
        back = _paris(cell(cells, "end date", "date de fin"))
        if first is None or back is None:
            out.wrong(where, "Its first or last day cannot be read. Export the table again.", "bad-day")
            continue
        codes = french_zone(cell(cells, "zones", "zone"))
        name = cell(cells, "description")[:LONGEST_NAME]
        key = first, back, name, codes
        # Every académie of a zone has a row of its own; overseas ones are of no zone; the day of return is no holiday.
        if back <= first or not codes or key in seen:
            out.left_out += 1
            continue
        seen.add(key)
        out.add(Period(first, back - timedelta(days=1), {"fr": name}, "school", "FR", codes, False, where))
    return out


def _paris(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _day(text)
    return (moment.astimezone(PARIS) if moment.tzinfo else moment).date()


def _day(text: str) -> date | None:
    try:
        if found := _DAY_FIRST.fullmatch(text.strip()):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
