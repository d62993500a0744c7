"""Changes of many records at once, kept so that they can be taken back together."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from allmende.catalogue.models.match import KIND_CHOICES


class BulkEdit(models.Model):
    """What a person changed in many records at once."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    fields = models.JSONField(default=list)
    """The fields that were to change; ``state`` and ``plan`` among them."""
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="bulk_edit_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class BulkEditRow(models.Model):
    """What became of one of the records."""

    class Outcome(models.TextChoices):
        CHANGED = "changed"
        PROPOSED = "proposed"
        UNCHANGED = "unchanged"
        REFUSED = "refused"

    edit = models.ForeignKey(BulkEdit, on_delete=models.CASCADE, related_name="rows")
    item_id = models.BigIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    fields = models.JSONField(default=list)
    """The fields that changed."""
    reason = models.CharField(max_length=300, blank=True)
    """Why it was refused; afterwards, why it could not be taken back."""
    before = models.JSONField(default=dict)
    """columns, unpinned (fields that followed their source), state, plan."""
    after = models.JSONField(default=dict)
    """revision (the last one), proposal (when the proposal was changed last), state, plan."""
    is_restored = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edit", "item_id"], name="bulk_edit_row_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.outcome}"
