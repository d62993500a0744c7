"""What is expected, and how good earlier expectations were."""

from __future__ import annotations

from django.db import models

from allmende.insight.models.series import Series
from allmende.insight.values import Resolution


class Forecast(models.Model):
    """The current forecast of a series: quantiles for each period ahead, with the backtest that judges it."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, primary_key=True, related_name="forecast")
    made_at = models.DateTimeField()
    resolution = models.CharField(max_length=5, choices=Resolution.choices)
    start = models.DateTimeField()
    """Begin of the first period (hours: UTC; months: midnight UTC of their first day)."""
    steps = models.PositiveIntegerField()
    levels = models.JSONField(default=list)
    """Probabilities of the quantiles, ascending: [0.025, 0.1, 0.5, 0.9, 0.975]."""
    quantiles = models.BinaryField()
    """Little-endian 32-bit floats, periods × levels."""
    method = models.CharField(max_length=60)
    inputs = models.JSONField(default=dict)
    """What it rests on: last figure, calendars, weather, version of the engine."""

    def __str__(self) -> str:
        return f"{self.series_id} {self.made_at:%Y-%m-%d}"


class Backtest(models.Model):
    """How far forecasts of the past were off: made anew from what was known then, beside simple methods."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, primary_key=True, related_name="backtest")
    made_at = models.DateTimeField()
    origins = models.PositiveSmallIntegerField()
    """From how many days in the past it was forecast."""
    data = models.JSONField(default=dict)
    """Errors by horizon and method (WAPE, MASE), the share of figures within the 80 and 95 % intervals."""

    def __str__(self) -> str:
        return f"{self.series_id} {self.made_at:%Y-%m-%d}"
