"""Weather as it was observed and as it was forecast, by station."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.insight.models.delivery import Delivery
from allmende.partners.models import Network, Organisation


class Use(models.TextChoices):
    """For whose places a table of weather or holidays counts; whoever sees such a place sees it there, too."""

    OWNER = "owner", _("Our own places")
    NETWORK = "network", _("The places of the insight space")
    EVERYONE = "everyone", _("All places of this installation")


class WeatherStation(models.Model):
    """A station, or a point for which a service computes the weather."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """To whom it was delivered: its editors keep it."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    use = models.CharField(max_length=10, choices=Use.choices, default=Use.OWNER)
    key = models.CharField(max_length=80)
    """Its number or name at the source; the same in every delivery."""
    name = models.CharField(max_length=120)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    """Without a position no place finds it."""
    source = models.CharField(max_length=200, blank=True)
    """Whom to credit."""
    licence = models.CharField(max_length=300, blank=True)
    observed_first = models.DateTimeField(null=True, blank=True)
    observed_last = models.DateTimeField(null=True, blank=True)
    """Begin of the first and of the last observed hour; none: it has none."""
    issued_at = models.DateTimeField(null=True, blank=True)
    """When its newest forecast was issued."""
    is_demo = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "key"], name="weather_station_once")]
        indexes = [models.Index(fields=["lat", "lon"], name="weather_station_spot")]

    def __str__(self) -> str:
        return self.name


class WeatherBlock(models.Model):
    """Hours of one station: a month (UTC) as observed, or one forecast as it was issued."""

    station = models.ForeignKey(WeatherStation, on_delete=models.CASCADE, related_name="blocks")
    issued_at = models.DateTimeField(null=True, blank=True)
    """None: observed."""
    start = models.DateTimeField()
    """Begin of the first hour."""
    values = models.BinaryField()
    """Little-endian 32-bit floats, hours × (temperature °C, precipitation mm, sunshine minutes, cloud cover %, wind m/s); NaN
    where not known."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "start"], condition=models.Q(issued_at__isnull=True), name="weather_observed_once"
            ),
            models.UniqueConstraint(
                fields=["station", "issued_at"], condition=models.Q(issued_at__isnull=False), name="weather_issued_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.start:%Y-%m-%d}"


class DeliveredWeather(models.Model):
    """What a delivery changed, so that it can be taken back: a block as it was before; no bytes: it was not there."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="weather")
    station = models.ForeignKey(WeatherStation, on_delete=models.CASCADE, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)
    start = models.DateTimeField()
    start_before = models.DateTimeField(null=True, blank=True)
    values_before = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["station", "start"], name="delivered_weather_block")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.station_id} {self.start:%Y-%m-%d}"
