"""Where people are signed in."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SignIn(models.Model):
    """A session of one person on one device.  No address and no place: only what they know it by."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60, blank=True)
    """Browser and system, ``Firefox|Windows``; empty where the browser says neither."""
    method = models.CharField(max_length=60, blank=True)
    """How they came in: ``password``, ``password+app``, ``passkey``, ``oidc:<provider>``."""
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    """To the hour: reading must not write."""

    class Meta:
        ordering = ["-last_seen_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"
