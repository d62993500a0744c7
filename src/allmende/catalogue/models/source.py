"""Feeds, their runs, and what they delivered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.partners.models import Organisation


class Source(models.Model):
    """A feed or file that a partner keeps and this catalogue reads again and again."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """Owner: its editors may import, and own the records."""
    format = models.CharField(max_length=20)
    location = models.CharField(max_length=1000, blank=True)
    """File name or address of the last delivery."""
    mapping = models.JSONField(null=True, blank=True)
    language = models.CharField(max_length=5, default="en")
    timezone = models.CharField(max_length=60, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=10, default="event")
    licence = models.CharField(max_length=200, blank=True)
    licence_url = models.URLField(max_length=500, blank=True)
    credit = models.CharField(max_length=300, blank=True)
    precedence = models.SmallIntegerField(default=0)
    """Of several sources that describe the same thing, the one with the higher number is believed first."""
    is_indexed = models.BooleanField(default=True)
    """Whether search engines may list the pages of its records."""
    inside_only = models.BooleanField(default=False)
    """Records outside of every municipality of the region are left out: for feeds that deliver a whole country."""
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    """How often ``location`` is fetched; none: only by hand."""
    is_paused = models.BooleanField(default=False)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    """Validators of the last delivery that was taken in whole, for conditional requests."""
    next_fetch_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    """Failed fetches in a row; each doubles the wait."""
    leased_until = models.DateTimeField(null=True, blank=True)
    """While one process fetches it: until when the others keep away."""
    alerted_at = models.DateTimeField(null=True, blank=True)
    """When the owner was last told that the feed is dead or shrinks."""
    is_demo = models.BooleanField(default=False)
    shift_days = models.IntegerField(default=0)
    """Demo only: all dates are moved by this many days, and every page says so."""
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["title"]
        indexes = [models.Index(fields=["next_fetch_at"], name="source_due")]

    def __str__(self) -> str:
        return self.title


class ImportRun(models.Model):
    """One delivery, from reading to applying."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("Previewed")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        REFUSED = "refused", _("Refused")
        UNUSABLE = "unusable", _("Unusable")
        INTERRUPTED = "interrupted", _("Interrupted")

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=20, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    location = models.CharField(max_length=1000, blank=True)
    delivery = models.CharField(max_length=200, blank=True)
    """Name of the kept file in the data folder's ``deliveries``, while it may still be applied."""
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    """The first thousand errors and notes, each {where, message, code, severity, key}."""

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.source_id} {self.started_at:%Y-%m-%d %H:%M}"


class SourceRecord(models.Model):
    """One thing as its source delivered it last, kept to the byte."""

    class State(models.TextChoices):
        CURRENT = "current", _("In the feed")
        WITHDRAWN = "withdrawn", _("No longer in the feed")

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=32)
    raw = models.BinaryField()
    """The bytes as a zlib stream; short ones are stored in it uncompressed."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.CURRENT)
    kind = models.CharField(max_length=10)
    item_id = models.BigIntegerField()
    changed_at = models.DateTimeField()
    run = models.ForeignKey(ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="source_record_once")]
        indexes = [models.Index(fields=["kind", "item_id"], name="source_record_item")]

    def __str__(self) -> str:
        return self.key
