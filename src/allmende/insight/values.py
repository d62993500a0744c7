"""Words and numbers that the module, its pages and its engines' bridges share."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Resolution(models.TextChoices):
    """How long one figure's period is.  Hours are UTC; days and months are those of the site's own zone."""

    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class Measure(models.TextChoices):
    """What is counted."""

    PRESENCE = "presence", _("People present")
    ENTRIES = "entries", _("People entering")
    EXITS = "exits", _("People leaving")
    PASSAGES = "passages", _("People passing")
    BICYCLES = "bicycles", _("Bicycles passing")
    VEHICLES = "vehicles", _("Vehicles passing")
    PARKED = "parked", _("Parked vehicles")
    TICKETS = "tickets", _("Tickets")
    ARRIVALS = "arrivals", _("Arrivals in accommodation")
    NIGHTS = "nights", _("Overnight stays")
    SURVEY = "survey", _("Answers to a survey")


STOCKS: Final = frozenset({Measure.PRESENCE, Measure.PARKED})
"""Measures of how many are there at a time; the others count who passes in it, and may be added up over time."""


class VisitorClass(models.TextChoices):
    """Who is counted; the flow engine's words."""

    ALL = "all", pgettext_lazy("visitors", "Everyone")
    RESIDENT = "resident", _("Residents")
    COMMUTER = "commuter", _("Commuters")
    DOMESTIC_SAME_DAY = "domestic_same_day", _("Domestic same-day visitors")
    DOMESTIC_OVERNIGHT = "domestic_overnight", _("Domestic overnight visitors")
    INBOUND_SAME_DAY = "inbound_same_day", _("Inbound same-day visitors")
    INBOUND_OVERNIGHT = "inbound_overnight", _("Inbound overnight visitors")
    TRANSIT = "transit", _("Passing through")


class Quality(IntEnum):
    """How far one figure is to be believed; one byte beside every figure."""

    MISSING = 0
    """No figure."""
    MEASURED = 1
    ESTIMATED = 2
    """Expanded from a part by whoever delivered it."""
    PARTIAL = 3
    """Parts of the period are missing; the figure counts the rest."""
    SUPPRESSED = 4
    """There is a figure, but it is below the deliverer's threshold: between 0 and ``Series.suppressed_below``."""
    DOUBTFUL = 5
    """Cannot be right; kept as delivered, shown as doubtful and left out of what is computed."""
    PROVISIONAL = 6
    """The period is not over."""
    CORRECTED = 7
    """Put right by a person, on record."""


USABLE: Final = (Quality.MEASURED, Quality.ESTIMATED, Quality.PARTIAL, Quality.PROVISIONAL, Quality.CORRECTED)
"""What may be computed with."""


READINGS_KEPT: Final = timedelta(days=90)
"""So long the readings of counters stay as evidence, and can be added up anew."""
READINGS_LATE: Final = timedelta(days=60)
"""An older reading is not taken any more.  It is shorter than they are kept, so that its hour can be added up anew."""


class Level(models.TextChoices):
    """How full a place is, in words."""

    QUIET = "quiet", pgettext_lazy("how full", "Quiet")
    LIVELY = "lively", pgettext_lazy("how full", "Lively")
    FULL = "full", pgettext_lazy("how full", "Full")
