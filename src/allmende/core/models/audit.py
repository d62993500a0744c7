"""Who changed what and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One change, written in the same transaction as the change itself.  Triggers refuse to change, replace or delete it."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    action = models.CharField(max_length=60)
    """Module and verb: ``catalogue.edit``, ``catalogue.import``."""
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    details = models.JSONField(default=dict)
    about = models.BigIntegerField(null=True, blank=True)
    """The person whom it concerns beside the one who did it: who was made a member, whose account was changed."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_subject"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
            models.Index(fields=["about", "-at"], condition=models.Q(about__isnull=False), name="audit_about"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
