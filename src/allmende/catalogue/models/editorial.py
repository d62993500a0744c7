"""The way of a record to the public: what waits for review, and what people say about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models.match import KIND_CHOICES
from allmende.partners.models import Organisation


class Submission(models.Model):
    """A record, or a change of a public one, that somebody of a network is to look at before it is public."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for review")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Please change")
        TAKEN_BACK = "taken_back", _("Taken back")

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    item_id = models.BigIntegerField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    """Owner of the record."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    proposed = models.JSONField(default=dict)
    """Column -> new value, of a change to a public record; empty: the record itself waits to be published."""
    base = models.JSONField(default=dict)
    """Column -> value that was public when the change was proposed."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    """Reviewer who looks at it."""
    claimed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "item_id"], condition=models.Q(state="waiting"), name="submission_waiting_once"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "item_id", "-submitted_at"], name="submission_of_item"),
            models.Index(fields=["state", "submitted_at", "id"], name="submission_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} {self.state}"


class RecordComment(models.Model):
    """What the owner's people and the reviewers say to each other about a record."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    item_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(max_length=4000)
    asks_for_change = models.BooleanField(default=False)
    """The word that came with "please change"."""

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["kind", "item_id", "at"], name="comment_of_item")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} {self.at:%Y-%m-%d}"


class Revision(models.Model):
    """One change of a record by a person: the columns that changed, before and after.  What imports change is in their
    own history."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    item_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=20)
    """Verb of the audit trail: edit, accept, published ..."""
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["kind", "item_id", "id"], name="revision_of_item")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} {self.action}"


class PublicationPlan(models.Model):
    """When a record is to appear on the public pages, and when to leave them."""

    kind = models.CharField(max_length=10, choices=KIND_CHOICES)
    item_id = models.BigIntegerField()
    publish_at = models.DateTimeField(null=True)
    withdraw_at = models.DateTimeField(null=True)
    is_reviewed = models.BooleanField(default=False)
    """A reviewer has accepted what is to be published."""
    reminded_days = models.PositiveSmallIntegerField(null=True)
    """The last reminder was sent so many days before it leaves."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "item_id"], name="publication_plan_once"),
            models.CheckConstraint(
                condition=models.Q(publish_at__isnull=True)
                | models.Q(withdraw_at__isnull=True)
                | models.Q(withdraw_at__gt=models.F("publish_at")),
                name="publication_plan_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["publish_at"], name="plan_to_publish"),
            models.Index(fields=["withdraw_at"], name="plan_to_withdraw"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
