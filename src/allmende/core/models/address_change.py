"""A person's wish to be written to, and to sign in, under another mail address."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AddressChange(models.Model):
    """A new address that nobody has confirmed yet; nothing has changed so far."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token in the link, which is kept nowhere."""
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"address of user {self.user_id}"
