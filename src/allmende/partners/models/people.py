"""How people come into organisations and networks, and who stands in for whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from allmende.partners.models.network import Network
from allmende.partners.models.organisation import Membership, Organisation


class Invitation(models.Model):
    """A letter with a link that lets whoever holds it in, once and for a time.

    With an organisation alone: a person into it, with ``role``.  With a network alone: a person into it.  With both: the
    organisation into the network; ``role`` is then what the one who accepts becomes in the organisation, which
    nobody managed before.
    """

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    """A word from whoever invites."""
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token in the link, which is kept nowhere."""
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    """When the letter went out last; empty: it could not be sent."""
    expires_at = models.DateTimeField(db_index=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(network__isnull=False) | models.Q(organisation__isnull=False),
                name="invitation_leads_somewhere",
            ),
            models.UniqueConstraint(
                Coalesce("organisation", 0),
                Coalesce("network", 0),
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class JoinRequest(models.Model):
    """Somebody asks to be let into an organisation."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Not confirmed")
        WAITING = "waiting", _("Waits for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    """Who asks; empty while whoever asks has no account."""
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=150, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the token with which the address is confirmed."""
    state = models.CharField(max_length=12, choices=State.choices)
    created_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    word = models.CharField(max_length=1000, blank=True)
    """What the managers answered."""

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=models.Q(state="waiting"),
                name="join_request_waits_once",
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk} {self.state}"


class Deputy(models.Model):
    """A colleague who has the rights of a membership for a time.  It ends with that membership."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    """Whose rights, and where."""
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="deputy_ends_later")
        ]
        indexes = [models.Index(fields=["deputy", "ends_at"], name="deputy_in_force")]

    def __str__(self) -> str:
        return f"{self.deputy_id} for membership {self.membership_id}"
