"""Places and offers."""

from __future__ import annotations

from django.db import models

from allmende.catalogue.models.item import Item


class Place(Item):
    """A museum, castle, lake, restaurant, hall ...: something that stays where it is."""

    KIND = "place"

    timezone = models.CharField(max_length=60, default="UTC")
    hours = models.JSONField(default=list)
    """Each {days, opens, closes, valid_from, valid_through, every_year}, see ``formats.records.Hours``."""
    hours_text = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["state", "sort_name", "id"], name="place_by_name"),
            models.Index(fields=["municipality", "state", "sort_name"], name="place_by_municipality"),
            models.Index(fields=["category", "state", "sort_name"], name="place_by_category"),
            models.Index(fields=["cell", "state"], name="place_by_cell"),
            models.Index(fields=["updated_at", "id"], name="place_by_change"),
            models.Index(fields=["joined_into"], condition=models.Q(joined_into__isnull=False), name="place_joined"),
            models.Index(fields=["organisation", "state", "text_states"], name="place_by_text_states"),
            models.Index(fields=["hidden_in"], condition=models.Q(hidden_in__gt=0), name="place_held_back"),
        ]


class Offer(Item):
    """Something to book or buy: a tour, a tasting, a package, a bed for the night."""

    KIND = "offer"

    place = models.ForeignKey(Place, null=True, on_delete=models.SET_NULL, related_name="+")
    place_key = models.CharField(max_length=255, blank=True)
    valid_from = models.DateField(null=True)
    valid_through = models.DateField(null=True)
    hours = models.JSONField(default=list)
    hours_text = models.JSONField(default=dict)
    timezone = models.CharField(max_length=60, default="UTC")

    class Meta:
        indexes = [
            models.Index(fields=["state", "sort_name", "id"], name="offer_by_name"),
            models.Index(fields=["municipality", "state", "sort_name"], name="offer_by_municipality"),
            models.Index(fields=["category", "state", "sort_name"], name="offer_by_category"),
            models.Index(fields=["cell", "state"], name="offer_by_cell"),
            models.Index(fields=["updated_at", "id"], name="offer_by_change"),
            models.Index(fields=["joined_into"], condition=models.Q(joined_into__isnull=False), name="offer_joined"),
            models.Index(fields=["organisation", "state", "text_states"], name="offer_by_text_states"),
            models.Index(fields=["hidden_in"], condition=models.Q(hidden_in__gt=0), name="offer_held_back"),
        ]
