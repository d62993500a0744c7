"""Administrative areas with official codes and outlines."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Territory(models.Model):
    """A country, region, department or municipality, by its official code (NUTS, LAU, INSEE, AGS ...)."""

    class Level(models.TextChoices):
        REGION = "region", _("Region")
        DEPARTMENT = "department", _("Department")
        MUNICIPALITY = "municipality", _("Municipality")

    country = models.CharField(max_length=2)
    level = models.CharField(max_length=20, choices=Level.choices)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    slug = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    population = models.PositiveIntegerField(null=True, blank=True)
    outline = models.JSONField(null=True, blank=True)
    """GeoJSON geometry, EPSG:4326, or none."""
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    """A point inside, for labels and distances."""
    lat = models.FloatField(null=True, blank=True)
    credit = models.CharField(max_length=200, blank=True)
    """Whom to credit for the outline."""
    valid_from = models.DateField(null=True, blank=True)
    """First day; none: always."""
    valid_until = models.DateField(null=True, blank=True)
    """First day on which it is no longer there; none: it is there."""
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The area that it is part of since then."""

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["country", "level", "code"], name="territory_code_once")]
        indexes = [
            models.Index(fields=["level", "name"], name="territory_level_name"),
            models.Index(fields=["level", "west", "east", "south", "north"], name="territory_box"),
        ]

    def __str__(self) -> str:
        return self.name
