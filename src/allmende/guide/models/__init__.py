"""Tables of the guide."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Brand(models.Model):
    """The umbrella brand: one row, edited on the settings page."""

    class Font(models.TextChoices):
        SANS = "sans", _("Sans serif")
        SERIF = "serif", _("Serif")
        ROUNDED = "rounded", _("Rounded")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=80, default="Allmende")
    claim = models.JSONField(default=dict, blank=True)
    """Translated text under the name."""
    primary = models.CharField(max_length=7, default="#1f5f4a")
    accent = models.CharField(max_length=7, default="#c8501e")
    font = models.CharField(max_length=10, choices=Font.choices, default=Font.SANS)
    logo = models.CharField(max_length=200, blank=True)
    """Path in the media folder."""
    default_language = models.CharField(max_length=5, default="en")
    region_code = models.CharField(max_length=20, blank=True)
    """Code of the region's territory."""
    timezone = models.CharField(max_length=60, default="Europe/Berlin")
    contact_email = models.EmailField(blank=True)
    imprint = models.JSONField(default=dict, blank=True)
    is_demo = models.BooleanField(default=False)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="brand_single_row")]

    def __str__(self) -> str:
        return self.name
