"""What became of organisations and municipalities: merged, renamed, split off, each from a date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.partners.models.organisation import Organisation
from allmende.partners.models.territory import Territory


class Change(models.Model):
    """A change that takes effect on a date."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Taken back")
        FAILED = "failed", _("Could not be done")

    effective_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    moved = models.JSONField(default=dict, blank=True)
    """What followed: ``table.field`` -> ids, to take it back."""
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class OrganisationChange(Change):
    """An organisation was merged into another, got a new name, or another split off from it."""

    class Kind(models.TextChoices):
        MERGED = "merged", _("Merged")
        RENAMED = "renamed", _("Renamed")
        SPLIT = "split", _("Split off")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    """The one that was merged or renamed, or from which another split off."""
    other = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """Into which it was merged, or which split off."""
    old_name = models.CharField(max_length=200)
    old_key = models.CharField(max_length=200, db_index=True)
    """Folded: feeds that go on writing the old name still mean this organisation."""
    new_name = models.CharField(max_length=200, blank=True)

    class Meta(Change.Meta):
        ordering = ["effective_on", "id"]
        indexes = [models.Index(fields=["state", "effective_on"], name="organisation_change_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.organisation_id} {self.effective_on}"


class TerritoryChange(Change):
    """A municipality became part of another."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    successor = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")

    class Meta(Change.Meta):
        ordering = ["effective_on", "id"]
        indexes = [models.Index(fields=["state", "effective_on"], name="territory_change_due")]

    def __str__(self) -> str:
        return f"{self.territory_id} -> {self.successor_id} {self.effective_on}"
