"""Indicators: defined once, filled in by many, compared only in groups in which nobody is recognised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.partners.models import Network, Organisation, Territory


class Indicator(models.Model):
    """What is measured, how, in which unit, how often, and whether more of it is better."""

    class Period(models.TextChoices):
        MONTH = "month", _("Month")
        QUARTER = "quarter", _("Quarter")
        YEAR = "year", _("Year")

    class Direction(models.TextChoices):
        UP = "up", _("More is better")
        DOWN = "down", _("Less is better")
        NONE = "none", _("Neither is better")

    class Subject(models.TextChoices):
        """Of what it speaks."""

        ORGANISATION = "organisation", pgettext_lazy("indicator", "An organisation")
        TERRITORY = "territory", pgettext_lazy("indicator", "A municipality or region")
        SITE = "site", pgettext_lazy("indicator", "A measured place")

    code = models.SlugField(max_length=60, unique=True)
    set = models.CharField(max_length=20, blank=True)
    """Which list it belongs to: one of ``vocabulary.SETS``; ``own`` where a network defined it."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """Who defined it; none: it comes with the program."""
    name = models.JSONField(default=dict)
    """Translated text, see ``core.text``."""
    about = models.JSONField(default=dict, blank=True)
    formula = models.CharField(max_length=300, blank=True)
    """From the codes of other indicators: ``nights / arrivals``; empty: it is entered."""
    unit = models.CharField(max_length=40, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.YEAR)
    subject = models.CharField(max_length=12, choices=Subject.choices)
    direction = models.CharField(max_length=5, choices=Direction.choices, default=Direction.NONE)
    source = models.CharField(max_length=300, blank=True)
    """By what its definition is."""
    owner = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Who answers for it."""
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["set", "position", "code"]

    def __str__(self) -> str:
        return self.code


class IndicatorValue(models.Model):
    """One figure of an indicator."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="values")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    territory = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("Site", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    start = models.DateField()
    """First day of the period."""
    value = models.FloatField()
    entered_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """The organisation that answers for the figure."""
    source = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)
    is_shared = models.BooleanField(default=False)
    """Others see it with its name; otherwise it counts in anonymous groups only."""
    is_provisional = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "organisation", "territory", "site", "start"],
                nulls_distinct=False,
                name="indicator_value_once",
            ),
            models.CheckConstraint(
                condition=models.Q(organisation__isnull=False)
                | models.Q(territory__isnull=False)
                | models.Q(site__isnull=False),
                name="indicator_value_has_a_subject",
            ),
        ]
        indexes = [models.Index(fields=["entered_for", "indicator", "start"], name="value_by_owner")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.start}"


class PurposeStatement(models.Model):
    """What an organisation is there for, in its own words, beside its figures."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.JSONField(default=dict)
    """Translated text, see ``core.text``."""
    is_public = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.organisation_id)
