"""What is kept about the entry of figures, and what was shown of anonymous groups."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.insight.models.indicator import Indicator
from allmende.partners.models import Organisation


class IndicatorBatch(models.Model):
    """Figures that were saved, uploaded or shared together, with what stood there before: so it can be taken back."""

    class Origin(models.TextChoices):
        FORM = "form", _("Typed in")
        UPLOAD = "upload", _("Uploaded")
        SHARING = "sharing", _("Sharing changed")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    """The organisation that answers for the figures."""
    origin = models.CharField(max_length=10, choices=Origin.choices)
    name = models.CharField(max_length=200, blank=True)
    """Name of the file as it was sent."""
    at = models.DateTimeField()
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    years = models.JSONField(default=list)
    """Years in which figures changed."""
    before = models.JSONField(default=list)
    """Each {indicator, organisation, territory, site, start, was}; ``was`` is none where there was no figure."""
    undone_at = models.DateTimeField(null=True, blank=True)
    is_counted = models.BooleanField(default=False)
    """The anonymous groups of its years have been looked at since."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-at"], name="indicator_batch_by_owner"),
            models.Index(fields=["at"], condition=models.Q(is_counted=False), name="indicator_batch_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.at:%Y-%m-%d %H:%M}"


class BenchmarkRelease(models.Model):
    """What is shown of an anonymous group for one indicator and year, until enough of its members differ."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="+")
    circle = models.CharField(max_length=40)
    """Who is compared: ``museum:FR``, ``municipality:FR``, ``network:3``.  Each figure is in one circle only."""
    start = models.DateField()
    members = models.PositiveIntegerField(default=0)
    low = models.FloatField(null=True, blank=True)
    middle = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    """Quartiles; none where nothing is shown."""
    withheld = models.CharField(max_length=10, blank=True)
    """Why nothing is shown: ``few``, ``dominated``, ``waiting``."""
    waiting = models.PositiveIntegerField(default=0)
    """Members whose figure changed since."""
    figures = models.JSONField(default=dict)
    """Member -> figure, as they were when something was last shown; kept to tell how many differ, never shown."""
    released_at = models.DateTimeField(null=True, blank=True)
    """When what is shown was made."""
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "circle", "start"], name="benchmark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.circle} {self.start}"
