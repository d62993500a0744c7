"""Which records are about the same thing: how it was decided, by whom, and what makes it findable again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.values import KINDS

KIND_CHOICES = [(kind, kind) for kind in KINDS]


class Match(models.Model):
    """Two records of one kind, and what was found or said about them.  ``left_id`` is the smaller number."""

    class Relation(models.TextChoices):
        SAME = "same", _("The same")
        OCCURRENCE = "occurrence", _("One date of a series")
        PART = "part", _("A part of the other")

    class Band(models.TextChoices):
        JOIN = "join", _("Joined")
        ASK = "ask", _("To be asked")
        APART = "apart", _("Different")

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    left_id = models.BigIntegerField()
    right_id = models.BigIntegerField()
    relation = models.CharField(max_length=10, choices=Relation.choices, default=Relation.SAME)
    band = models.CharField(max_length=10, choices=Band.choices)
    """What the engine would do."""
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    """Each {code, ...}: see ``engines.linkage``; turned into sentences where they are shown."""
    answer = models.CharField(max_length=10, blank=True)
    """What a person said: ``same``, ``different``, or nothing yet.  It outweighs ``band``."""
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    put_off_until = models.DateTimeField(null=True)
    """"Later": not asked again before this."""
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "left_id", "right_id"], name="match_once"),
            models.CheckConstraint(condition=models.Q(left_id__lt=models.F("right_id")), name="match_ordered"),
        ]
        indexes = [
            models.Index(fields=["kind", "right_id"], name="match_right"),
            models.Index(fields=["band", "answer", "-probability"], name="match_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.left_id} {self.right_id} {self.relation} {self.band}"


class MatchKey(models.Model):
    """A blocking key of a record: only records that share one are compared."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    key = models.BigIntegerField()
    """Hash of the key, 63 bits."""
    item_id = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "key", "item_id"], name="match_key"),
            models.Index(fields=["kind", "item_id"], name="match_key_item"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"


class MatchDue(models.Model):
    """A record that was written and has not been compared with the others since."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    item_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
