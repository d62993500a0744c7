"""Mistakes that readers report."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.values import KINDS


class MistakeReport(models.Model):
    """What a reader says is wrong with a record."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")

    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    item_id = models.BigIntegerField()
    message = models.TextField(max_length=2000)
    reply_to = models.EmailField(blank=True)
    language = models.CharField(max_length=5)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "-created_at"], name="report_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
