"""What is derived from the figures of a site: its summary and the times when it was crowded."""

from __future__ import annotations

from django.db import models

from allmende.insight.models.series import Series
from allmende.insight.models.site import Site


class SiteSummary(models.Model):
    """What the pages of a site show, counted once when its figures change; made anew, never edited."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="summary")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+")
    computed_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=1)
    """Of the counting; another one means: count again."""
    usual = models.BinaryField(default=b"")
    """Medians by season and hour of the week: little-endian 32-bit floats, 12 × 168.  Beside the rest, which is longer, so
    that a map reads those of a thousand sites at once."""
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.site_id)


class CrowdingEpisode(models.Model):
    """A stretch of hours in which a site was fuller than it should be."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="episodes", db_index=False)
    start = models.DateTimeField()
    end = models.DateTimeField()
    """Begin of the first hour after it."""
    peak_at = models.DateTimeField()
    peak = models.FloatField()
    """Highest figure in it."""
    pressure = models.FloatField()
    """Highest figure ÷ capacity."""
    unusual = models.FloatField(null=True, blank=True)
    """Highest figure ÷ what is usual at that hour of the week in that season; none: too little is known."""
    percentile = models.FloatField(null=True, blank=True)
    """Share of the other hours of that kind that were emptier, 0 to 100; none: too little is known."""
    hours = models.PositiveIntegerField()
    """Hours in it with a figure at or above the threshold."""

    class Meta:
        ordering = ["-start"]
        constraints = [models.UniqueConstraint(fields=["site", "start"], name="episode_once")]
        indexes = [models.Index(fields=["site", "-pressure"], name="episode_by_pressure")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.start:%Y-%m-%d %H:%M}"
