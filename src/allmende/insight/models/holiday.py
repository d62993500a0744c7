"""Holidays as authorities publish them: of schools, and public ones of a region."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from allmende.insight.models.delivery import Delivery
from allmende.insight.models.weather import Use
from allmende.partners.models import Network, Organisation


class HolidayPeriod(models.Model):
    """A stretch of days off, of a country or of a part of it."""

    class Kind(models.TextChoices):
        SCHOOL = "school", pgettext_lazy("holidays", "School holidays")
        PUBLIC = "public", pgettext_lazy("holidays", "Public holidays")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """To whom it was delivered."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    use = models.CharField(max_length=10, choices=Use.choices, default=Use.OWNER)
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="holidays")
    """What brought it."""
    country = models.CharField(max_length=2)
    """ISO 3166-1."""
    subdivision = models.CharField(max_length=10, blank=True)
    """ISO 3166-2, such as ``FR-OCC``; empty: the whole country."""
    kind = models.CharField(max_length=6, choices=Kind.choices)
    names = models.JSONField(default=dict)
    """Language -> name; ``""``: of a language that nobody told."""
    first = models.DateField()
    last = models.DateField()
    """Its last day."""
    source = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=300, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["first", "country", "subdivision", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="holiday_ends_after_it_begins")
        ]
        indexes = [models.Index(fields=["country", "kind", "first"], name="holiday_by_country")]

    def __str__(self) -> str:
        return f"{self.country} {self.subdivision} {self.first}"
