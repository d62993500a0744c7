"""Tables that are computed from the others and can be thrown away at any time."""

from __future__ import annotations

from django.db import models


class FacetCount(models.Model):
    """How many published things have a value: number of upcoming events per category, of places per municipality ...

    ``da:category`` and the like: how many of them are held back in a language, to be taken off there.
    """

    kind = models.CharField(max_length=10)
    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=60)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "facet", "value"], name="facet_count_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.facet} {self.value}: {self.n}"


class MapCluster(models.Model):
    """Points of the map gathered in squares of 64 pixels at a zoom level."""

    zoom = models.PositiveSmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    kind = models.CharField(max_length=10)
    category = models.CharField(max_length=40, blank=True)
    hidden_in = models.PositiveSmallIntegerField(default=0)
    """Languages in which what is gathered here is held back, one bit each, see ``values.hidden_bit``."""
    n = models.PositiveIntegerField()
    lon = models.FloatField()
    lat = models.FloatField()
    item_id = models.BigIntegerField(null=True)
    """The single thing in the square, where it is only one."""

    class Meta:
        indexes = [models.Index(fields=["zoom", "x", "y"], name="map_cluster_square")]

    def __str__(self) -> str:
        return f"{self.zoom}/{self.x}/{self.y} {self.kind}: {self.n}"
