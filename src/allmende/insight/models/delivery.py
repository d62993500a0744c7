"""Deliveries: what came from whom, under which agreement, and what was wrong with it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.insight.models.series import Series
from allmende.partners.models import Network, Organisation


class Delivery(models.Model):
    """One file of figures, from reading to applying."""

    class Origin(models.TextChoices):
        """Where figures come from."""

        FLOWS = "flows", _("Visitor flows counted here")
        OPERATOR = "operator", _("A mobile-phone operator")
        COUNTER = "counter", _("Counters")
        TICKETS = "tickets", _("Tickets")
        LODGING = "lodging", _("Accommodation statistics")
        SURVEY = "survey", _("A survey")
        WEATHER = "weather", pgettext_lazy("delivery", "Weather")
        HOLIDAYS = "holidays", pgettext_lazy("delivery", "Holidays")

    class State(models.TextChoices):
        READ = "read", _("Read")
        MATCHED = "matched", _("Columns matched")
        PREVIEWED = "previewed", _("Previewed")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Taken back")
        REFUSED = "refused", _("Refused")
        UNUSABLE = "unusable", _("Unusable")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """To whom it was delivered: its editors may apply it."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    supplier = models.CharField(max_length=200, blank=True)
    """Who counted."""
    agreement = models.CharField(max_length=300, blank=True)
    """Under which agreement or licence, and how it is to be credited."""
    name = models.CharField(max_length=255)
    """Name of the file as it was sent."""
    kept = models.CharField(max_length=200, blank=True)
    """Name of the kept file in the data folder, while it may still be applied."""
    checksum = models.CharField(max_length=64, blank=True)
    """SHA-256 of the file."""
    columns = models.JSONField(default=dict, blank=True)
    """Which column means what."""
    state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)
    """The first thousand, each {where, message, code, severity, remedy}."""
    message = models.TextField(blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-received_at"], name="delivery_by_owner")]

    def __str__(self) -> str:
        return self.name


class DeliveredBlock(models.Model):
    """What a delivery changed, so that it can be taken back: the figures of a block as they were before."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="blocks")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+")
    start = models.DateField()
    figures_before = models.BinaryField()
    quality_before = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "series", "start"], name="delivered_block_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.series_id} {self.start}"


class WatchedFolder(models.Model):
    """A folder below the data folder into which files of figures are laid; each is taken in once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.SlugField(max_length=80, unique=True)
    origin = models.CharField(max_length=10, choices=Delivery.Origin.choices)
    supplier = models.CharField(max_length=200, blank=True)
    agreement = models.CharField(max_length=300, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    applies_itself = models.BooleanField(default=False)
    """Files without errors are applied at once; otherwise they wait for a person."""
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class FlowBetween(models.Model):
    """Trips between two areas in a month, for maps of flows; published figures only."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="flows")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=20)
    destination = models.CharField(max_length=20)
    visitor_class = models.CharField(max_length=20, default="all")
    period = models.DateField()
    """First day of the month."""
    trips = models.FloatField(null=True, blank=True)
    """None: suppressed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "origin", "destination", "visitor_class", "period"], name="flow_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.destination} {self.period}"


class PresenceCell(models.Model):
    """People present on a square of the INSPIRE grid in a month, for maps; published figures only."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="cells")
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    cell = models.CharField(max_length=40)
    """Code as in GEOSTAT: ``CRS3035RES1000mN3029000E4040000``."""
    visitor_class = models.CharField(max_length=20, default="all")
    period = models.DateField()
    """First day of the month."""
    people = models.FloatField(null=True, blank=True)
    """Mean over its hours; none: suppressed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "cell", "visitor_class", "period"], name="cell_once")
        ]

    def __str__(self) -> str:
        return f"{self.cell} {self.period}"
