"""One number that grows whenever public content changes."""

from __future__ import annotations

from django.db import models


class ContentStamp(models.Model):
    """The single row that tells every server process whether its finished pages are still fresh."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="content_stamp_single_row")]

    def __str__(self) -> str:
        return str(self.value)
