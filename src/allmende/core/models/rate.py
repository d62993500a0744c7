"""Counters that slow down whoever sends forms too fast."""

from __future__ import annotations

from django.db import models


class RateCount(models.Model):
    """Tries of one sender in one window.  The sender is a keyed hash, never an address."""

    key = models.CharField(max_length=64, primary_key=True)
    window = models.BigIntegerField()
    count = models.PositiveIntegerField(default=0)
    expires = models.BigIntegerField(default=0, db_index=True)
    """End of the window, in seconds since 1970; later the row means nothing."""

    def __str__(self) -> str:
        return f"{self.count} in {self.window}"
