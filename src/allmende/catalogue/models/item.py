"""What places, offers and events have in common."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from allmende.catalogue.models.source import Source
from allmende.catalogue.values import Kind
from allmende.core.publication import Publication
from allmende.partners.models import Organisation, Territory


class Item(models.Model):
    """A record of the catalogue.  Texts are translated values, see ``core.text``."""

    KIND: ClassVar[Kind]

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    """Owner: its editors may change the record."""
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=Publication.choices, default=Publication.DRAFT)
    slug = models.CharField(max_length=120)
    sort_name = models.CharField(max_length=120)
    """Folded name, for order and for look-ups."""
    language = models.CharField(max_length=5)
    name = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    description = models.JSONField(default=dict)
    category = models.CharField(max_length=40)
    """First key of ``categories``."""
    categories = models.JSONField(default=list)
    audience = models.JSONField(default=list)
    age_min = models.PositiveSmallIntegerField(null=True)
    age_max = models.PositiveSmallIntegerField(null=True)
    accessibility = models.JSONField(default=dict)
    prices = models.JSONField(default=list)
    """Each {min, max, currency, label}; amounts are decimal texts."""
    price_text = models.JSONField(default=dict)
    flags = models.IntegerField(default=0)
    municipality = models.ForeignKey(Territory, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    street = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=60, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    cell = models.IntegerField(null=True)
    url = models.CharField(max_length=1000, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=100, blank=True)
    picture = models.CharField(max_length=200, blank=True)
    """Path of the main picture in the media folder, if there is one."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    public_since = models.DateTimeField(null=True)
    """When it first stood on the public pages; none: never.  Only what was public once is told to be gone."""
    source_modified_at = models.DateTimeField(null=True)
    joined_into = models.BigIntegerField(null=True)
    """The record of the same kind that stands for this one and its likes; while it is set, what would be published is
    ``joined``."""
    is_union = models.BooleanField(default=False)
    """Stands for several records that are about the same thing; its values are the best of theirs, and its source is
    the one that is believed first."""
    origins = models.JSONField(default=dict)
    """Fields whose value does not come from ``source``: field -> {"by": user id, "at": time}.  These are pinned; with
    "languages" only these translations of the field are, see ``pins``."""
    hidden_in = models.PositiveSmallIntegerField(default=0)
    """Languages in which the record is held back, one bit each, see ``values.hidden_bit``; 0: shown in all."""
    text_states = models.PositiveIntegerField(default=0)
    """How far it is translated into each language, see ``text_states``."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.sort_name
