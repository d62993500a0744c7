"""Measured places."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models import Place
from allmende.partners.models import Network, Organisation, Territory


class Site(models.Model):
    """A place or area whose visitors are counted, with what it can hold."""

    class Kind(models.TextChoices):
        SIGHT = "sight", _("Sight")
        MUSEUM = "museum", _("Museum")
        NATURE = "nature", _("Nature area")
        BEACH = "beach", _("Beach")
        STREET = "street", _("Street or square")
        PATH = "path", _("Path")
        PARKING = "parking", _("Car park")
        EVENT = "event", _("Event ground")
        LODGING = "lodging", _("Accommodation")
        AREA = "area", _("Municipality or region")
        OTHER = "other", _("Other place")

    class CapacityBasis(models.TextChoices):
        """How its capacity was set."""

        COUNTED = "counted", _("Counted: seats, spaces, permitted persons")
        AREA = "area", _("Area per person")
        PAST = "past", _("From the busiest hours of the past")
        JUDGED = "judged", _("Judged by those who know the place")

    class Sharing(models.TextChoices):
        """Who sees its figures in detail beside its owner."""

        OWNER = "owner", _("Only we")
        NETWORK = "network", _("The members of the insight space")
        PUBLIC = "public", _("Everyone")

    class Shown(models.TextChoices):
        """What the public guide says of it."""

        NOTHING = "nothing", _("Nothing")
        WORDS = "words", _("Quiet, lively or full")
        FORECAST = "forecast", _("Quiet, lively or full, and what is expected")
        FIGURES = "figures", _("Also the figures")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """Owner: its editors keep it, and it decides what is shown."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The insight space in which it is shared."""
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The place of the guide that it measures."""
    territory = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The municipality in which it lies, or the area that it is."""
    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    about = models.TextField(blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    outline = models.JSONField(null=True, blank=True)
    """GeoJSON geometry, EPSG:4326, or none."""
    timezone = models.CharField(max_length=60, default="UTC")
    subdivision = models.CharField(max_length=10, blank=True)
    """ISO 3166-2 code of the part of the country whose holidays count, such as ``FR-OCC``; empty: that of the installation."""
    capacity = models.PositiveIntegerField(null=True, blank=True)
    """How many its main series may count in one hour before it is full; for a stock, how many may be there at once."""
    capacity_basis = models.CharField(max_length=10, choices=CapacityBasis.choices, blank=True)
    capacity_note = models.CharField(max_length=500, blank=True)
    """How it was set, in a sentence that a council can read."""
    capacity_set_on = models.DateField(null=True, blank=True)
    lively_from = models.FloatField(default=0.5)
    """Pressure from which it is lively."""
    full_from = models.FloatField(default=0.85)
    """Pressure from which it is full."""
    sharing = models.CharField(max_length=10, choices=Sharing.choices, default=Sharing.OWNER)
    shown = models.CharField(max_length=10, choices=Shown.choices, default=Shown.NOTHING)
    may_be_suggested = models.BooleanField(default=True)
    """Guests of fuller places may be sent here."""
    is_demo = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_on = models.DateField(null=True, blank=True)
    """First day on which it is no longer measured."""

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["organisation", "name"], name="site_by_owner"),
            models.Index(fields=["shown", "name"], name="site_by_shown"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=models.Q(place__isnull=False), name="site_place_once")
        ]

    def __str__(self) -> str:
        return self.name
