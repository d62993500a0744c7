"""Work for a translation service, and how much it was given."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.values import KINDS


class TranslationOrder(models.Model):
    """A record that somebody wants translated into a language by the service."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    item_id = models.BigIntegerField()
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    """Who pressed the button; none: renewed because the original changed."""
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "item_id", "language"], name="translation_order_once")]
        indexes = [models.Index(fields=["state", "asked_at"], name="translation_order_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} {self.language}"


class TranslationDay(models.Model):
    """What went to the translation service on one day (UTC)."""

    day = models.DateField(primary_key=True)
    characters = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.day)
