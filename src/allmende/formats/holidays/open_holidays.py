"""Answers of the OpenHolidays API: ``SchoolHolidays`` and ``PublicHolidays``."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import orjson

from allmende.formats.holidays.periods import LONGEST_NAME, HolidayFile, Period
from allmende.formats.holidays.subdivisions import expanded
from allmende.formats.records import UnusableInput

KINDS: Final = {"school": "school", "public": "public", "bank": "public"}
MOST: Final = 100_000


def read_json(raw: bytes) -> HolidayFile:
    """The stretches of an answer; raises :class:`UnusableInput` for other JSON."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnusableInput("The JSON is damaged. Save the answer of the service again, whole.") from error
    if not isinstance(told, list) or not any(isinstance(one, dict) and "startDate" in one for one in told):
        raise UnusableInput("The JSON holds no list of holidays with startDate and endDate.")
    if len(told) > MOST:
        raise UnusableInput(f"The file holds more than {MOST:,} holidays. Split it by country.")
    out = HolidayFile("openholidays")
    for number, one in enumerate(told, 1):
        out.read += 1
        where = f"entry {number}"
        if not isinstance(one, dict):
            out.wrong(where, "It is no holiday. Leave it out.", "bad-entry")
            continue
        kind = str(one.get("type") or "").lower()
        if kind and kind not in KINDS:
            out.left_out += 1
            continue
        first, last = _day(one.get("startDate")), _day(one.get("endDate"))
        if first is None or last is None:
            out.wrong(where, "Its startDate or endDate is no day. Write it as 2026-07-04.", "bad-day")
            continue
        parts = _parts(one)
        codes = tuple(dict.fromkeys(code for part in parts for code in expanded(part)))
        if parts and not codes:
            # Days off of a part that nobody knows are not those of the whole country.
            message = f"{parts[0][:40]} is no code of ISO 3166-2. Write one such as DE-NW or FR-OCC."
            out.wrong(where, message, "bad-subdivision")
            continue
        out.add(
            Period(
                first,
                last,
                _names(one.get("name")),
                KINDS.get(kind, ""),
                codes[0][:2] if codes else "",
                codes,
                one.get("nationwide") is True,
                where,
            )
        )
    return out


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _parts(one: dict[str, Any]) -> list[str]:
    """Codes of the parts of a country that an entry is for, as they are written."""
    lists = [value for key in ("subdivisions", "groups") if isinstance(value := one.get(key), list)]
    return [str(part.get("code") or "") for value in lists for part in value if isinstance(part, dict)]


def _names(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"": value[:LONGEST_NAME]}
    pairs = [one for one in value or () if isinstance(one, dict)] if isinstance(value, list) else []
    return {
        str(one.get("language") or "").lower()[:2]: str(one.get("text") or "").strip()[:LONGEST_NAME] for one in pairs
    }
