"""A site's summary, and its usual day."""

from __future__ import annotations

from datetime import date

import numpy as np

from allmende.insight.models import SiteSummary
from allmende.insight.summary import VERSION, Summary, usual_from_bytes


def summary_of(site_id: int) -> Summary | None:
    """What was counted of a site; None before it is counted by this version of the program."""
    told = SiteSummary.objects.filter(site=site_id, version=VERSION).values_list("data", flat=True).first()
    return Summary.from_json(told) if told else None


def usual_day(site_id: int, day: date) -> list[tuple[int, float | None]]:
    """(local hour, usual pressure) for the 24 hours of a day like ``day``; None where too little is known."""
    row = SiteSummary.objects.filter(site=site_id, version=VERSION).values_list("usual", "site__capacity").first()
    medians = usual_from_bytes(bytes(row[0])) if row else None
    if row is None or medians is None or not row[1]:
        return [(hour, None) for hour in range(24)]
    of_day = medians[day.month - 1, day.weekday() * 24 : day.weekday() * 24 + 24]
    return [(hour, float(value) / row[1] if np.isfinite(value) else None) for hour, value in enumerate(of_day)]
