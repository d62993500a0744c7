"""What an organisation says about itself: what it does, what it does not, what to ask it, whom, and what it can lend."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.partners.models.organisation import Organisation


class Profile(models.Model):
    """The profile of an organisation.  Texts are translated values, see ``core.text``; keys are ``partners.vocabulary``'s."""

    class Schools(models.TextChoices):
        UNKNOWN = "", _("Not told")
        YES = "yes", _("Welcome")
        ON_REQUEST = "on_request", _("On request")
        NO = "no", _("Not possible")

    class Size(models.TextChoices):
        """Size classes of the European Union by persons employed."""

        UNKNOWN = "", _("Not told")
        MICRO = "1-9", "1–9"
        SMALL = "10-49", "10–49"
        MEDIUM = "50-249", "50–249"
        LARGE = "250+", "250+"

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="profile"
    )
    does = models.JSONField(default=dict, blank=True)
    does_not = models.JSONField(default=dict, blank=True)
    ask_us = models.JSONField(default=dict, blank=True)
    ask_others = models.JSONField(default=dict, blank=True)
    """What people ask here in vain, and whom they had better ask."""
    purpose = models.JSONField(default=dict, blank=True)
    """Why there is this organisation."""
    audiences = models.JSONField(default=list, blank=True)
    services = models.JSONField(default=list, blank=True)
    service_words = models.JSONField(default=list, blank=True)
    """What the vocabulary has no key for, in the organisation's own words."""
    skills = models.JSONField(default=list, blank=True)
    skill_words = models.JSONField(default=list, blank=True)
    schools = models.CharField(max_length=12, choices=Schools.choices, blank=True)
    schools_note = models.JSONField(default=dict, blank=True)
    section = models.CharField(max_length=1, blank=True)
    """Section of NACE Rev. 2, A to U."""
    size = models.CharField(max_length=8, choices=Size.choices, blank=True)
    takes_requests = models.BooleanField(default=False)
    """Open to be asked for cooperation."""
    requests_note = models.JSONField(default=dict, blank=True)
    """How and when one is best asked."""
    is_demo = models.BooleanField(default=False)
    """Invented for the demo region; the page says so."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the changes."""
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"profile of {self.organisation_id}"


class Row(models.Model):
    """One of several things of an organisation, in the order in which it lists them."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class TopicContact(Row):
    """Whom to ask about a topic."""

    class Audience(models.TextChoices):
        PUBLIC = "public", pgettext_lazy("seen by", "Everybody")
        PARTNERS = "partners", pgettext_lazy("seen by", "Signed-in partners only")

    topic = models.CharField(max_length=20)
    name = models.CharField(max_length=120, blank=True)
    """A person or a function ("Education desk")."""
    is_person = models.BooleanField(default=False)
    has_consent = models.BooleanField(default=False)
    """The person agreed that name and address are shown; without it nobody outside the organisation sees the line."""
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    seen_by = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)

    class Meta(Row.Meta):
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["organisation", "position"], name="topic_contact_of")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.topic}"


class Certification(Row):
    """A label or certificate that an organisation holds."""

    name = models.CharField(max_length=160)
    issuer = models.CharField(max_length=160, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    """None: no end."""

    class Meta(Row.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Room(Row):
    """A room that an organisation has."""

    class StepFree(models.TextChoices):
        UNKNOWN = "", _("Not told")
        YES = "yes", _("Step-free")
        PARTLY = "partly", _("Partly step-free")
        NO = "no", _("Not step-free")

    name = models.CharField(max_length=160)
    seats = models.PositiveIntegerField(null=True, blank=True)
    equipment = models.CharField(max_length=300, blank=True)
    step_free = models.CharField(max_length=10, choices=StepFree.choices, blank=True)
    for_others = models.BooleanField(default=False)
    """Others may use it."""

    class Meta(Row.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class LentEquipment(Row):
    """Something that an organisation lends."""

    name = models.CharField(max_length=160)
    amount = models.PositiveIntegerField(null=True, blank=True)
    terms = models.CharField(max_length=300, blank=True)
    """On what terms, in a few words."""

    class Meta(Row.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
