"""Work on a large delivery that is done outside of a request."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allmende.insight.models.delivery import Delivery


class DeliveryWork(models.Model):
    """What was asked for.  It goes away when it is done or stopped; one that failed stays with its reason.

    How far it is stands in a file beside the delivery: the work holds a transaction, which nobody could look into.
    """

    class Task(models.TextChoices):
        READ = "read"
        """Propose how it is read, and preview it."""
        PREVIEW = "preview"
        APPLY = "apply"

    delivery = models.OneToOneField(Delivery, on_delete=models.CASCADE, primary_key=True, related_name="work")
    task = models.CharField(max_length=10, choices=Task.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    """In whose name it is done."""
    site = models.CharField(max_length=200, blank=True)
    """Name of the site that the file is for, where a person said so."""
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    """When somebody began to work on it."""
    tries = models.PositiveSmallIntegerField(default=0)
    """How often it was begun: a file that ends every process is not begun for ever."""
    failure = models.JSONField(null=True, blank=True)
    """Why it could not be done: keys and facts of sentences; none: it was not tried, or is at work."""

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(failure__isnull=True), name="delivery_work_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.task}"
