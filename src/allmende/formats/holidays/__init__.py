"""Holidays as authorities and services publish them: iCalendar, OpenHolidays JSON, tables.

Bytes or rows become :class:`Period`s; what is none is a problem with its place.  ``subdivisions`` knows the codes of ISO 3166-2.
"""

from __future__ import annotations

from allmende.formats.holidays.calendar import read_calendar_file
from allmende.formats.holidays.open_holidays import read_json
from allmende.formats.holidays.periods import HolidayFile, Period
from allmende.formats.holidays.subdivisions import subdivision_in
from allmende.formats.holidays.tables import is_table, read_table

__all__ = ["HolidayFile", "Period", "is_table", "read_calendar_file", "read_json", "read_table", "subdivision_in"]
