"""Opening hours, a row for each span."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from allmende.guide.views.workspace.inputs import texts
from allmende.guide.views.workspace.inputs.base import Columns, Typed, Wrong, many, one, rows, to_clock, to_day

MOST_ROWS = 40
DAYS = tuple(range(8))
"""Monday to Sunday, and 7 for public holidays."""


def show(columns: Columns) -> Any:
    found: dict[str, Any] = {"hours.text": texts.show_one(columns["hours_text"])}
    for number, line in enumerate(columns["hours"]):
        name = f"hours.{number}"
        found[f"{name}.days"] = [str(day) for day in line["days"]]
        found[f"{name}.opens"] = line["opens"]
        found[f"{name}.closes"] = "00:00" if line["closes"] == "24:00" else line["closes"]
        found[f"{name}.from"] = line["valid_from"] or ""
        found[f"{name}.through"] = line["valid_through"] or ""
        found[f"{name}.every_year"] = "1" if line["every_year"] else ""
    return found


def _row(inputs: Typed, name: str) -> dict[str, Any]:
    days = sorted({int(day) for day in many(inputs, f"{name}.days") if day.isdecimal() and int(day) in DAYS})
    if not days:
        raise Wrong(f"{name}.days", gettext("Tick the days on which this row holds."))
    opens, closes = to_clock(inputs, f"{name}.opens"), to_clock(inputs, f"{name}.closes")
    if (opens is None) != (closes is None):
        missing = "opens" if opens is None else "closes"
        raise Wrong(f"{name}.{missing}", gettext("Write both times; leave both empty for “closed”."))
    first, last = to_day(inputs, f"{name}.from"), to_day(inputs, f"{name}.through")
    every_year = bool(one(inputs, f"{name}.every_year"))
    if every_year and (first is None or last is None):
        missing = "from" if first is None else "through"
        raise Wrong(f"{name}.{missing}", gettext("A season that comes every year needs its first and its last day."))
    if first and last and last < first and not every_year:
        raise Wrong(f"{name}.through", gettext("The season ends before it starts."))
    return {
        "days": days,
        "opens": f"{opens:%H:%M}" if opens else "",
        "closes": f"{closes:%H:%M}" if closes else "",
        "valid_from": first.isoformat() if first else None,
        "valid_through": last.isoformat() if last else None,
        "every_year": every_year,
    }


def read(inputs: Typed, columns: Columns) -> dict[str, Any]:
    """Columns of the opening hours."""
    lines = [_row(inputs, f"hours.{number}") for number in list(rows(inputs, "hours"))[:MOST_ROWS]]
    text = texts.read_one(inputs, "hours.text", columns["hours_text"], columns["language"], 2000)
    return {"hours": lines, "hours_text": text}
