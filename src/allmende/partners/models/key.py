"""Keys with which other systems write for an organisation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.partners.models.organisation import Organisation


class ApiKey(models.Model):
    """Lets a program act for an organisation, in the name of the person who made it: never further than that person."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    """What it is for: "nightly export of the museum"."""
    prefix = models.CharField(max_length=12, unique=True)
    """Begins the token; shown in lists, so that one can tell keys apart."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the token.  The token itself is shown once and kept nowhere."""
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.READ)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    """The person in whose name it acts; without one it opens nothing."""
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    """To the hour."""
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"
