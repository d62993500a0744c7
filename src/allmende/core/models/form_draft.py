"""What somebody typed into a form and has not sent yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FormDraft(models.Model):
    """The inputs of one form as one person typed them in one window.  It is for that person alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=80)
    """Which form: ``record/event/5``, ``record/event/new``."""
    tab = models.CharField(max_length=40)
    """The window in which it was typed."""
    number = models.PositiveIntegerField()
    """Counts what was sent from that window: what comes late is left out."""
    typed = models.JSONField(default=dict)
    """Name of an input -> its texts."""
    seen = models.JSONField(default=dict)
    """Prints of the fields as they stood when the form was opened."""
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form", "tab"], name="form_draft_once")]
        indexes = [models.Index(fields=["saved_at"], name="form_draft_age")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.form}"
