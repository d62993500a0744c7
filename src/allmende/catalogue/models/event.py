"""Events and their occurrences."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.catalogue.models.item import Item
from allmende.catalogue.models.place import Place
from allmende.partners.models import Organisation


class Event(Item):
    """Something that takes place: once, on several dates, or by a rule."""

    KIND = "event"

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Takes place")
        CANCELLED = "cancelled", _("Cancelled")
        POSTPONED = "postponed", _("Postponed")
        MOVED_ONLINE = "moved_online", _("Moved online")
        SOLD_OUT = "sold_out", _("Sold out")

    place = models.ForeignKey(Place, null=True, on_delete=models.SET_NULL, related_name="+")
    place_key = models.CharField(max_length=255, blank=True)
    """Key of the place in the same source, until that place has come in."""
    place_name = models.CharField(max_length=300, blank=True)
    organiser = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    organiser_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.SCHEDULED)
    online_url = models.CharField(max_length=1000, blank=True)
    timezone = models.CharField(max_length=60, default="UTC")
    all_day = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    schedule = models.JSONField(default=dict)
    """{start, end, rrule, rdates, exdates, overrides, dates} in local time, see ``formats.records.Schedule``."""
    recurs = models.BooleanField(default=False)
    is_endless = models.BooleanField(default=False)
    """There may be dates beyond ``expanded_until``."""
    expanded_until = models.DateField()
    """Last day of the horizon within which the occurrences stand in their table."""
    last_day = models.DateField()
    """Last local day with an occurrence inside the horizon."""
    vevent = models.TextField(blank=True)
    """The event as an RFC 5545 VEVENT in its original language, ready to be sent."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="event_ends_after_start",
            )
        ]
        indexes = [
            models.Index(fields=["state", "last_day", "id"], name="event_by_last_day"),
            models.Index(fields=["is_endless", "expanded_until"], name="event_to_expand"),
            models.Index(fields=["cell", "state"], name="event_by_cell"),
            models.Index(fields=["updated_at", "id"], name="event_by_change"),
            models.Index(fields=["joined_into"], condition=models.Q(joined_into__isnull=False), name="event_joined"),
            models.Index(fields=["municipality", "state"], name="event_by_municipality"),
            models.Index(fields=["category", "state"], name="event_by_category"),
            models.Index(fields=["flags", "state"], name="event_by_flags"),
            models.Index(fields=["organisation", "state", "last_day", "text_states"], name="event_by_text_states"),
            models.Index(fields=["hidden_in"], condition=models.Q(hidden_in__gt=0), name="event_held_back"),
        ]


class Occurrence(models.Model):
    """One local day of one occurrence of a published event.

    A concert is one row; a festival of five days is five rows with the same ``starts_at``.  So "what is on that day" is a
    look-up, however long things last.  The facts that guests filter by are repeated here, so that a filtered list walks
    one index in order and stops when the page is full.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences", db_index=False)
    day = models.DateField()
    rank = models.SmallIntegerField()
    """Order within the day: minutes after midnight, or ``ONGOING_RANK`` for what began on an earlier day."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    all_day = models.BooleanField()
    cancelled = models.BooleanField(default=False)
    name = models.CharField(max_length=300, blank=True)
    """Name of this one occurrence where it differs."""
    category = models.CharField(max_length=40)
    municipality_id = models.BigIntegerField(null=True)
    cell = models.IntegerField(null=True)
    flags = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "day", "starts_at"], name="occurrence_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="occurrence_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["day", "rank", "id"], name="occurrence_day"),
            models.Index(fields=["category", "day", "rank", "id"], name="occurrence_category"),
            models.Index(fields=["municipality_id", "day", "rank", "id"], name="occurrence_municipality"),
            models.Index(fields=["cell", "day"], name="occurrence_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.day}"
