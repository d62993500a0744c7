"""Pictures with their rights."""

from __future__ import annotations

from django.db import models

from allmende.catalogue.values import KINDS


class Media(models.Model):
    """A picture of an item, with licence and credit.  Only pictures that are kept here are shown: no page asks others."""

    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    item_id = models.BigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    url = models.CharField(max_length=1000, blank=True)
    """Where the source keeps it."""
    file = models.CharField(max_length=200, blank=True)
    """Path in the media folder once it is kept here."""
    licence = models.CharField(max_length=200, blank=True)
    credit = models.CharField(max_length=300, blank=True)
    alt = models.JSONField(default=dict)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    library = models.ForeignKey("catalogue.Picture", null=True, on_delete=models.CASCADE, related_name="+")
    """The picture of an organisation's library that this is; it goes before what a source names."""

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["kind", "item_id", "position"], name="media_of_item")]

    def __str__(self) -> str:
        return self.url or self.file
