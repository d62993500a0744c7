"""What a person should hear of."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """Something that happened and concerns one person.  While it is unread, more of the same only raise its number."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    """Module and verb, as in the audit trail: ``catalogue.please_change``."""
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    message = models.CharField(max_length=300)
    """The sentence, an English key of the translations with named places."""
    facts = models.JSONField(default=dict)
    """What stands in the places of the sentence."""
    path = models.CharField(max_length=300)
    """Page to go to, below the language."""
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    """When it last happened."""
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    """When a letter told of it, alone or with others."""
    within = models.CharField(max_length=40, blank=True)
    """The network it happened in, as ``network:5``; whoever mutes that does not hear of it."""
    wants_letter = models.BooleanField(default=False)
    """Is told in a letter of its own, soon."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["user", "read_at", "-at"], name="notice_of_person"),
            models.Index(
                fields=["wants_letter", "user"],
                condition=models.Q(read_at__isnull=True, mailed_at__isnull=True),
                name="notice_to_mail",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject_type", "subject_id"],
                condition=models.Q(read_at__isnull=True),
                name="notice_unread_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"
