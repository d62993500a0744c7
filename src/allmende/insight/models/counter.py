"""Counters that report by themselves."""

from __future__ import annotations

from django.db import models

from allmende.insight.models.series import Series


class Counter(models.Model):
    """A device that sends readings of one series: a Datastream, in the words of SensorThings."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="counters")
    key = models.CharField(max_length=80)
    """Name by which its readings call it, unique within the owner of the site."""
    organisation = models.ForeignKey("partners.Organisation", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveSmallIntegerField(default=60)
    """Length of the period of one reading; readings of less than an hour are added up (flows) or averaged (stocks)."""
    factor = models.FloatField(default=1.0)
    """Multiplied to each reading, e.g. for a door that counts both ways: 0.5."""
    silent_after_minutes = models.PositiveIntegerField(default=180)
    last_period = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    told_silent_at = models.DateTimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="counter_once")]

    def __str__(self) -> str:
        return self.key


class Reading(models.Model):
    """One reading as it was sent.  It waits here until it is added to its series, and is kept for a while as evidence."""

    counter = models.ForeignKey(Counter, on_delete=models.CASCADE, related_name="readings", db_index=False)
    start = models.DateTimeField()
    """Begin of its period, UTC."""
    value = models.FloatField()
    received_at = models.DateTimeField()
    revision = models.PositiveSmallIntegerField(default=0)
    """How often a later reading of the same period replaced it."""
    is_folded = models.BooleanField(default=False)
    """Its hour in the series is up to date."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["counter", "start"], name="reading_once")]
        indexes = [
            models.Index(fields=["counter", "start"], condition=models.Q(is_folded=False), name="reading_waiting"),
            models.Index(fields=["received_at"], name="reading_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.counter_id} {self.start}"
