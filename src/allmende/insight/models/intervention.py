"""What was done about crowding, what was expected of it, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.insight.models.site import Site
from allmende.partners.models import Network, Organisation


class Intervention(models.Model):
    """A measure taken to change when or where visitors go; its hypothesis is locked before it starts."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Information")
        REDIRECTION = "redirection", _("Redirection")
        LIMIT = "limit", _("Limit")
        PRICE = "price", _("Price")
        TRANSPORT = "transport", _("Transport")
        PROGRAMME = "programme", _("Programme")
        GUIDE = "guide", _("Suggestions of the guide")

    class Direction(models.TextChoices):
        FEWER = "fewer", _("Fewer visitors")
        MORE = "more", _("More visitors")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """Owner: its editors keep it."""
    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=200)
    slug = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    what = models.TextField()
    """What is done, in words."""
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    """Last day; none: it goes on."""
    hours = models.JSONField(default=list, blank=True)
    """Hours of the day that it is about, [10, 11, 12]; empty: all."""
    weekdays = models.JSONField(default=list, blank=True)
    """Monday is 0; empty: all."""
    hypothesis = models.TextField()
    """What should happen, and why, in words."""
    direction = models.CharField(max_length=5, choices=Direction.choices, default=Direction.FEWER)
    expected_percent = models.FloatField(null=True, blank=True)
    """Expected change at the treated sites in per cent, with its sign."""
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lock = models.CharField(max_length=64, blank=True)
    """SHA-256 of what was locked, printed with every result."""
    locked = models.JSONField(default=dict, blank=True)
    """What was locked, word for word."""
    cancelled_at = models.DateTimeField(null=True, blank=True)
    amends = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="amendments")
    """The locked intervention that it takes the place of: what is locked is not edited."""
    is_public = models.BooleanField(default=False)
    """It stands on the public pages, with the result that was published."""
    is_demo = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["organisation", "-starts_on"], name="intervention_by_owner")]

    def __str__(self) -> str:
        return self.title


class InterventionSite(models.Model):
    """A site with its part in an intervention."""

    class Part(models.TextChoices):
        TREATED = "treated", _("Treated")
        NEIGHBOUR = "neighbour", _("Neighbour: visitors may come here instead")
        COMPARISON = "comparison", _("Comparison")

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="sites")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices)
    starts_on = models.DateField(null=True, blank=True)
    """Where it begins on another day than elsewhere."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["intervention", "site"], name="intervention_site_once")]

    def __str__(self) -> str:
        return f"{self.intervention_id} {self.site_id} {self.part}"


class InterventionPlan(models.Model):
    """Whether the effect could be seen at all, from past data: made before the start."""

    intervention = models.OneToOneField(Intervention, on_delete=models.CASCADE, primary_key=True, related_name="plan")
    made_at = models.DateTimeField()
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.intervention_id)


class Evaluation(models.Model):
    """One answer to the question whether it worked: all estimators side by side.  Kept; a new one does not replace it."""

    class Verdict(models.TextChoices):
        WORKED = "worked", _("It worked")
        NO_EFFECT = "no_effect", _("No effect can be seen")
        OPPOSITE = "opposite", _("The opposite happened")
        UNCLEAR = "unclear", _("It cannot be told")
        REFUSED = "refused", _("The data allow no answer")

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="evaluations")
    made_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    data_until = models.DateField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    effect_percent = models.FloatField(null=True, blank=True)
    low_percent = models.FloatField(null=True, blank=True)
    high_percent = models.FloatField(null=True, blank=True)
    data = models.JSONField(default=dict)
    """Estimators, placebos, rings, checks, pictures' numbers, parameters, version of the engine."""
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    comment = models.TextField(blank=True)
    """What the owner says to it."""

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.intervention_id} {self.verdict}"
