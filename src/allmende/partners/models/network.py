"""Networks: organisations that do something together, and the people who take part."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allmende.partners.models.organisation import Organisation
from allmende.partners.models.territory import Territory


class Network(models.Model):
    """Organisations that work together on one thing: culture, events, tourism, machines and care ..."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("Business")
        CULTURE = "culture", _("Culture")
        EVENTS = "events", _("Events")
        TOURISM = "tourism", _("Tourism")
        MACHINERY = "machinery", _("Machinery and care")
        ADVICE = "advice", _("Advice")
        YOUTH = "youth", _("Children and youth")
        INSIGHT = "insight", _("Insight")
        OTHER = "other", pgettext_lazy("network", "Other")

    class Policy(models.TextChoices):
        """Who publishes what the members enter."""

        FREE = "free", _("Members publish themselves")
        TRUSTED = "trusted", _("Trusted organisations publish themselves, others are reviewed")
        REVIEWED = "reviewed", _("Everything is reviewed before it is published")

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    about = models.JSONField(default=dict, blank=True)
    """Translated text, see ``core.text``."""
    territory = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Where it works; none: the whole region."""
    further_territories = models.ManyToManyField(Territory, blank=True, related_name="+")
    """Where else it works: a network may span regions."""
    table_kinds = models.JSONField(default=list, blank=True)
    """Kinds of organisations that belong at its table; empty: what is usual for its kind."""
    picture = models.CharField(max_length=200, blank=True)
    """File below the media folder."""
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.FREE)
    moderated_kinds = models.JSONField(default=list, blank=True)
    """Kinds of records that the policy is about: ``event``, ``place``, ``offer``."""
    is_public = models.BooleanField(default=True)
    """Has a page in the guide."""
    needs_second_factor = models.BooleanField(default=False)
    """Its people sign in with a second factor."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class NetworkOrganisation(models.Model):
    """An organisation in a network.  Its people read what the network keeps for its members."""

    class State(models.TextChoices):
        INVITED = "invited", _("Invited")
        ASKED = "asked", _("Asks to join")
        MEMBER = "member", _("Member")
        LEFT = "left", _("Left")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="organisations")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="networks")
    state = models.CharField(max_length=10, choices=State.choices, default=State.MEMBER)
    is_guest = models.BooleanField(default=False)
    """From a neighbouring region: takes part, is not counted as one of the region."""
    is_trusted = models.BooleanField(default=False)
    """Publishes without review where the policy is ``trusted``."""
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "organisation"], name="network_organisation_once")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.state} {self.network_id}"


class NetworkPerson(models.Model):
    """A person with a role of their own in a network, beside what their organisation brings."""

    class Role(models.TextChoices):
        OBSERVER = "observer", _("Observer")
        MEMBER = "member", _("Member")
        EDITOR = "editor", _("Editor")
        COORDINATOR = "coordinator", _("Coordinator")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """For whom they take part."""
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "user"], name="network_person_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.network_id}"


class Task(models.Model):
    """Something that somebody in a network or an organisation is to do."""

    network = models.ForeignKey(Network, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey("WorkingGroup", null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    """Which working group of the network does it."""
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    due = models.DateField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    path = models.CharField(max_length=300, blank=True)
    """Page on which it is done, below the language: ``/workspace/records/event/5/``."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(network__isnull=False) | models.Q(organisation__isnull=False), name="task_has_a_home"
            )
        ]
        indexes = [models.Index(fields=["assigned_to", "done_at", "due"], name="task_of_person")]

    def __str__(self) -> str:
        return self.title
