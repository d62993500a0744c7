"""What is on its way: activities to send, objects that arrived, and what was sent and seen."""

from __future__ import annotations

from django.db import models

from allmende.federation.models.actors import LONGEST_URI, Following


class Outgoing(models.Model):
    """An activity to send, kept until all its deliveries are done."""

    uri = models.CharField(max_length=LONGEST_URI, unique=True)
    body = models.TextField()
    """JSON, the very text that is signed."""
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.uri


class Delivery(models.Model):
    """One activity for one inbox."""

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="deliveries")
    inbox = models.CharField(max_length=LONGEST_URI)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outgoing", "inbox"], name="delivery_once")]
        indexes = [models.Index(fields=["next_try_at", "id"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.outgoing_id} {self.inbox}"


class Arrival(models.Model):
    """An object that arrived from an actor that is followed, until the next round takes it in."""

    class Kind(models.TextChoices):
        OBJECT = "object"
        """It came with the activity, from its own server."""
        FETCH = "fetch"
        """Only its address counts; it is to be fetched from its own server."""
        DELETE = "delete"

    following = models.ForeignKey(Following, on_delete=models.CASCADE, related_name="arrivals")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    uri = models.CharField(max_length=LONGEST_URI)
    raw = models.BinaryField(default=b"")
    """JSON of the object."""
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["following", "id"], name="arrival_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uri}"


class SeenActivity(models.Model):
    """An activity that was received: a second time it has no effect."""

    mark = models.CharField(max_length=64, unique=True)
    """Digest of the whole activity.  Its id is not enough: Gancio gives every Update of an event the same one."""
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.mark


class SentEvent(models.Model):
    """What followers were last told about an event."""

    event_id = models.BigIntegerField(unique=True)
    changed_at = models.DateTimeField()
    """``updated_at`` of the event when it was looked at."""
    digest = models.CharField(max_length=32)
    is_deleted = models.BooleanField(default=False)
    next_look_at = models.DateTimeField(null=True, db_index=True)
    """For a series: when the date that was told is over, and another is the next one."""

    def __str__(self) -> str:
        return f"{self.event_id}"
