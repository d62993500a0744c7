"""Organisations and the people in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.partners.models.territory import Territory


class Organisation(models.Model):
    """A municipality, destination organisation, museum, association, company, farm, school ... of the region."""

    class Kind(models.TextChoices):
        REGION = "region", _("Region")
        MUNICIPALITY = "municipality", _("Municipality")
        DMO = "dmo", _("Destination organisation")
        MUSEUM = "museum", _("Museum")
        ASSOCIATION = "association", _("Association")
        COMPANY = "company", _("Company")
        FARM = "farm", _("Farm")
        SCHOOL = "school", _("School")
        UNIVERSITY = "university", _("University")
        AGENCY = "agency", _("Agency")
        OTHER = "other", _("Other organisation")

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    about = models.JSONField(default=dict, blank=True)
    """Translated text, see ``core.text``."""
    url = models.URLField(max_length=500, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    municipality = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name_key = models.CharField(max_length=200, unique=True)
    """Folded name: two feeds that write the same name mean the same organisation."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_on = models.DateField(null=True, blank=True)
    """First day on which it is no longer there; none: it is there."""
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The organisation that it is part of since then."""

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def heir(self) -> Organisation:
        """The organisation that stands where this one stood; itself, while it is there."""
        found, seen = self, {self.pk}
        while found.successor is not None and found.successor.pk not in seen:
            found = found.successor
            seen.add(found.pk)
        return found


class Membership(models.Model):
    """A person in an organisation, with a role."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        EDITOR = "editor", _("Editor")
        MANAGER = "manager", _("Manager")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    since = models.DateTimeField(null=True, blank=True)
    """Empty: from before this was noted."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"
