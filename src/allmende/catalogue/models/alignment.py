"""What planning together needs: the season counted by week, gaps in what is on offer, and gaps that are set aside."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allmende.partners.models import Territory


class SeasonCount(models.Model):
    """Event days of one week, by one fact and perhaps a second one.  Derived."""

    axis = models.CharField(max_length=20)
    """all, municipality, department, category, audience; ``stamp`` for what it was counted from."""
    value = models.CharField(max_length=60)
    by = models.CharField(max_length=20, blank=True)
    """The second fact, or nothing."""
    by_value = models.CharField(max_length=60, blank=True)
    week = models.DateField()
    """Its Monday."""
    n = models.PositiveIntegerField()
    """Days of events in the week: one for each event and day on which it takes place."""
    begins = models.PositiveIntegerField()
    """Of these, those on which something begins; the others go on from an earlier day."""

    class Meta:
        indexes = [models.Index(fields=["axis", "by", "by_value", "value", "week"], name="season_count")]

    def __str__(self) -> str:
        return f"{self.week} {self.axis} {self.value}: {self.n}"


class GapFound(models.Model):
    """Something that guests of a municipality look for in vain.  Derived."""

    rule = models.CharField(max_length=40)
    municipality = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    severity = models.PositiveSmallIntegerField()
    """1 to 3."""
    weight = models.PositiveIntegerField()
    """People who live there, or, where that is not known, how much there is for guests."""
    fits = models.PositiveIntegerField()
    untold = models.PositiveIntegerField()
    """Would fit perhaps: a fact is not told."""
    seen = models.PositiveIntegerField()
    nearest_kind = models.CharField(max_length=10, blank=True)
    nearest_id = models.BigIntegerField(null=True)
    nearest_km = models.FloatField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    evidence = models.JSONField(default=dict)
    """{days, sources, around: [territory ids], fillers: [{kind, id, km, why}]}."""
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "municipality"], name="gap_once")]
        indexes = [models.Index(fields=["-severity", "-weight", "id"], name="gap_by_severity")]

    def __str__(self) -> str:
        return f"{self.rule} {self.municipality_id}"


class GapSetAside(models.Model):
    """A gap that is known and not wanted to be filled."""

    rule = models.CharField(max_length=40)
    municipality = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "municipality"], name="gap_set_aside_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.municipality_id}"
