"""Organisations that show their shared figures to everybody."""

from __future__ import annotations

from django.db import models

from allmende.partners.models import Organisation


class PublicFigures(models.Model):
    """An organisation's figures are on a page for everybody: those that it shares with its name, and no others."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.organisation_id)
