"""Work on interventions that waits for its turn."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allmende.insight.models.intervention import Intervention


class EvaluationRequest(models.Model):
    """A plan or an evaluation that was asked for.  It goes away when it is done; one that failed stays with its reason."""

    class Task(models.TextChoices):
        PLAN = "plan"
        EVALUATION = "evaluation"

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="requests")
    task = models.CharField(max_length=10, choices=Task.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    """In whose name it is done: only places that this person sees are looked at."""
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    """When somebody began to work on it, or last said how far that is."""
    step = models.CharField(max_length=20, blank=True)
    """How far it is: reading, counting, writing."""
    failure = models.CharField(max_length=40, blank=True)
    """Why it could not be done (a key of the pages' words); empty: it was not tried, or is at work."""
    failed_about = models.CharField(max_length=200, blank=True)
    """What the failure is about, such as the name of a place."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intervention", "task"], name="evaluation_request_once")]
        indexes = [models.Index(fields=["asked_at"], condition=models.Q(failure=""), name="evaluation_request_waiting")]

    def __str__(self) -> str:
        return f"{self.intervention_id} {self.task}"
