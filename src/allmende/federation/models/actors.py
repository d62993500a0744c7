"""Who takes part: this region, the others, and who follows whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models import Source

LONGEST_URI = 500


class RegionActor(models.Model):
    """This region as others see it: one row, made when it is first asked for."""

    private_key = models.TextField()
    """PKCS #8 PEM, encrypted with a key that follows from the installation's secret key."""
    public_key = models.TextField()
    made_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    changes_from = models.DateTimeField(null=True)
    """Nothing that changed before this moment is announced: it was there before anybody followed."""
    changed_at = models.DateTimeField(null=True)
    """Up to here, in the order of changes, changes were announced."""

    def __str__(self) -> str:
        return "region"


class RemoteActor(models.Model):
    """An actor on another server, as it described itself."""

    uri = models.CharField(max_length=LONGEST_URI, unique=True)
    host = models.CharField(max_length=255)
    """Host with port, in lower case."""
    handle = models.CharField(max_length=300, blank=True)
    """``@name@host``."""
    name = models.CharField(max_length=200, blank=True)
    inbox = models.CharField(max_length=LONGEST_URI)
    shared_inbox = models.CharField(max_length=LONGEST_URI, blank=True)
    outbox = models.CharField(max_length=LONGEST_URI, blank=True)
    key_id = models.CharField(max_length=LONGEST_URI, blank=True)
    public_key = models.TextField(blank=True)
    fetched_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["key_id"], name="remote_actor_key"),
            models.Index(fields=["host"], name="remote_host"),
        ]

    def __str__(self) -> str:
        return self.handle or self.uri

    @property
    def best_inbox(self) -> str:
        """Where activities for several actors of that server go."""
        return self.shared_inbox or self.inbox


class Follower(models.Model):
    """An actor that follows this region."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waits for approval")
        ACCEPTED = "accepted", _("Accepted")

    actor = models.OneToOneField(RemoteActor, on_delete=models.CASCADE, related_name="follower")
    state = models.CharField(max_length=10, choices=State.choices)
    follow_id = models.CharField(max_length=LONGEST_URI)
    """The activity that asked."""
    since = models.DateTimeField()
    last_delivered_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.state}"


class Following(models.Model):
    """An actor that this region follows; what it publishes is a source of the catalogue."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", _("Ended")

    actor = models.OneToOneField(RemoteActor, on_delete=models.CASCADE, related_name="following")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    follow_id = models.CharField(max_length=LONGEST_URI)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    last_arrived_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    """When its outbox was last read through."""
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.state}"


class DomainBlock(models.Model):
    """A server with which nothing is exchanged, with all hosts below it."""

    domain = models.CharField(max_length=255, unique=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
