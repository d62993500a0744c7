"""What a network has of its own: proposals, guests, working groups, news, dates, files, calendar addresses."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.partners.models.network import Network
from allmende.partners.models.organisation import Organisation


class NetworkProposal(models.Model):
    """A network that somebody wishes for and may not found alone."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        FOUNDED = "founded", _("Founded")
        DECLINED = "declined", _("Declined")

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Network.Kind.choices)
    about = models.JSONField(default=dict, blank=True)
    """Translated text, see ``core.text``."""
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    """In whose name."""
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    network = models.ForeignKey(Network, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["proposed_at", "id"]

    def __str__(self) -> str:
        return self.name


class NetworkGuest(models.Model):
    """An organisation from elsewhere that takes part and has no account here: known by name and web address."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="guests")
    name = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["network", "name"], name="network_guest_once")]

    def __str__(self) -> str:
        return self.name


class WorkingGroup(models.Model):
    """Some people of a network who do one thing together."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class WorkingGroupPerson(models.Model):
    """A person in a working group."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="working_group_person_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class NetworkNews(models.Model):
    """Something that a network tells its members, or everybody."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="news")
    title = models.JSONField(default=dict)
    """Translated text, see ``core.text``."""
    text = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    posted_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-is_pinned", "-posted_at", "-id"]
        indexes = [models.Index(fields=["network", "-is_pinned", "-posted_at"], name="news_of_network")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.network_id}"


class NetworkDate(models.Model):
    """A meeting or a deadline of a network."""

    class Kind(models.TextChoices):
        MEETING = "meeting", _("Meeting")
        DEADLINE = "deadline", _("Deadline")
        OTHER = "other", _("Other date")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="dates")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MEETING)
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    day = models.DateField()
    """Local day."""
    at = models.TimeField(null=True, blank=True)
    """Local hour; none: the whole day."""
    until = models.TimeField(null=True, blank=True)
    is_public = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["day", "at", "id"]
        indexes = [models.Index(fields=["network", "day"], name="date_of_network")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("at")),
                name="network_date_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.title


class NetworkFile(models.Model):
    """A file that a network keeps; what it holds is in its versions."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-updated_at", "-id"]

    def __str__(self) -> str:
        return self.title


class NetworkFileVersion(models.Model):
    """One version of a file."""

    file = models.ForeignKey(NetworkFile, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=150)
    """As the sender called it."""
    folder = models.CharField(max_length=32)
    """Folder below ``network-files`` of the data folder."""
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    """Bytes."""
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="network_file_version_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class NetworkFeed(models.Model):
    """The secret calendar address of one person for one network; only a hash of it is kept."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="feeds")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "user"], name="network_feed_once")]

    def __str__(self) -> str:
        return f"feed of {self.user_id} for {self.network_id}"
