"""Figures of measured places: a series is what is counted, its blocks are the observations."""

from __future__ import annotations

from django.db import models

from allmende.insight.models.site import Site
from allmende.insight.values import Measure, Resolution, VisitorClass


class Series(models.Model):
    """One row of figures over time: site × what is counted × who × from where."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="series")
    measure = models.CharField(max_length=10, choices=Measure.choices)
    visitor_class = models.CharField(max_length=20, choices=VisitorClass.choices, default=VisitorClass.ALL)
    origin = models.CharField(max_length=20, blank=True)
    """Code of the area or country of residence; empty: from wherever."""
    resolution = models.CharField(max_length=5, choices=Resolution.choices)
    unit = models.CharField(max_length=20, default="people")
    is_main = models.BooleanField(default=False)
    """The one by which crowding is judged."""
    suppressed_below = models.FloatField(null=True, blank=True)
    """The deliverer's threshold: a suppressed figure is below it."""
    relative_error = models.FloatField(null=True, blank=True)
    """Standard error of a figure in parts of it, where whoever delivered it says so."""
    most_plausible = models.FloatField(null=True, blank=True)
    """A reading above it cannot be right."""
    first = models.DateField(null=True, blank=True)
    """Day of the first figure (hours: in UTC)."""
    last = models.DateTimeField(null=True, blank=True)
    """Begin of the period of the last figure."""
    changed_at = models.DateTimeField(null=True, blank=True)
    """When a figure last changed: what is derived is stale since."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "measure", "visitor_class", "origin", "resolution"], name="series_once"
            ),
            models.UniqueConstraint(fields=["site"], condition=models.Q(is_main=True), name="site_has_one_main_series"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.measure} {self.visitor_class} {self.resolution}"


class Block(models.Model):
    """The figures of one series in one stretch of time: hours of a month, days of a year, months of ten years."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="blocks", db_index=False)
    start = models.DateField()
    """First day of the stretch (hours: in UTC)."""
    figures = models.BinaryField()
    """Little-endian 32-bit floats, one for each period; NaN where there is none."""
    quality = models.BinaryField()
    """One byte for each period, see ``values.Quality``."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "start"], name="block_once")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.start}"
