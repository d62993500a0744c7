"""Numbers that the database computes from days and times, alike on SQLite and PostgreSQL.

Turning a text into a day costs more than all the rest where ten thousands of rows are read; numbers come as they are.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db.models import Case, F, Func, IntegerField, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from allmende.catalogue.values import ONGOING_RANK


class MinutesBetween(Func):
    """Whole minutes from the second time to the first."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(ROUND((julianday(%(expressions)s)) * 1440) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(EXTRACT(EPOCH FROM (%(expressions)s)) / 60)::integer"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


class DayNumber(Func):
    """The number of a day as ``date.toordinal`` gives it."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) - 1721424.5 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="(%(expressions)s - DATE '0001-01-01' + 1)", **context)


class WeekNumber(Func):
    """Weeks between ``FIRST_MONDAY`` and a day."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST((julianday(%(expressions)s) - 2440591.5) / 7 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="((%(expressions)s - DATE '1970-01-05') / 7)", **context)


FIRST_MONDAY: Final = date(1970, 1, 5)
MINUTES: Final = MinutesBetween(F("ends_at"), F("starts_at"))
"""How long an event or occurrence lasts; NULL where its end is not told."""
MINUTES_OR_NOT: Final = Coalesce(MINUTES, Value(-1))
"""The same; -1 where its end is not told."""
START: Final = Case(
    When(Q(all_day=True) | Q(rank=ONGOING_RANK), then=Value(-1)), default=F("rank"), output_field=IntegerField()
)
"""Minutes after local midnight at which an occurrence begins; -1 all day, or on an earlier day."""
DAY: Final = DayNumber("day")
STEP_FREE: Final = KeyTextTransform("step_free", "accessibility")
"""yes, no, partly; NULL where it is not told."""
PRICED: Final = Case(When(prices=[], price_text={}, then=Value(0)), default=Value(1), output_field=IntegerField())
"""1 where a price is told, in figures or in words."""
WEEK: Final = WeekNumber("day")
BEGINS: Final = Case(When(rank__lt=ONGOING_RANK, then=Value(1)), default=Value(0), output_field=IntegerField())
"""1 on the day on which an occurrence begins, 0 on later ones."""
