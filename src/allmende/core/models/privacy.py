"""What people allow, and that they ask to be forgotten."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Consent(models.Model):
    """One person allowed one purpose, in these words, from one moment until another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=40)
    wording = models.TextField()
    """What they read when they agreed."""
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=models.Q(withdrawn_at__isnull=True), name="consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.purpose}"


class ErasureRequest(models.Model):
    """A person asks to be forgotten; it is done when the days in which they may think again are over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    language = models.CharField(max_length=5)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    hindrance = models.CharField(max_length=300, blank=True)
    """Why it could not be done when it was due; it is tried again every round."""

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(cancelled_at__isnull=True, done_at__isnull=True),
                name="erasure_asked_once",
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
