"""The guide's own suggestions: on which days they are shown, and how often they are taken.  Counts only, no people."""

from __future__ import annotations

from django.db import models

from allmende.insight.models.intervention import Intervention
from allmende.insight.models.site import Site


class SteeringDay(models.Model):
    """Whether the guide suggests quieter places instead of a site on one day; drawn by lot where that is being measured."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    """Local day of the site."""
    is_on = models.BooleanField()
    share = models.FloatField()
    """With which probability it was drawn to be on; 1: it was no lot."""
    intervention = models.ForeignKey(Intervention, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="steering_day_once")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day} {self.is_on}"


class SteeringCount(models.Model):
    """How often a suggestion was shown and taken on one day."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    instead = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """The quieter place that was suggested; none: a quieter hour of the same one."""
    day = models.DateField()
    shown = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "instead", "day"], nulls_distinct=False, name="steering_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"
