"""What a person wants to hear of, and how: letters, kinds of notices, muted networks, the calendar of tasks."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MONDAY = 0
MORNING = 7


class LetterChoice(models.Model):
    """How often a person gets a letter that gathers what is new, and when the next one is due."""

    class Every(models.TextChoices):
        DAY = "day", pgettext_lazy("letters", "every day")
        WEEK = "week", pgettext_lazy("letters", "every week")
        OFF = "off", pgettext_lazy("letters", "never")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=5, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(default=MONDAY, validators=[MaxValueValidator(6)])
    """0 is Monday."""
    hour = models.PositiveSmallIntegerField(default=MORNING, validators=[MaxValueValidator(23)])
    """By the region's clock."""
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When the next letter is due; moved on before a letter is sent, so that none goes out twice."""
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    """In a row; each makes the wait for the next try longer."""
    retry_at = models.DateTimeField(null=True, blank=True)
    """Nothing is sent before."""
    begun_at = models.DateTimeField(null=True, blank=True, db_index=True)
    """When the letter was claimed that is on its way to the mail server; empty: none is."""
    begun_is_digest = models.BooleanField(default=False)
    repeats = models.DateTimeField(null=True, blank=True)
    """``begun_at`` of a letter of which nobody knows whether it went out: the next one repeats it."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6, hour__lte=23), name="letter_at_a_real_time")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.every}"


class NoticeChoice(models.Model):
    """How a person hears of one kind of notices, where that is not the usual way."""

    class How(models.TextChoices):
        PAGE = "page", _("On the page, and in the next summary")
        LETTER = "letter", _("On the page, and a letter at once")
        OFF = "off", _("Not at all")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    how = models.CharField(max_length=10, choices=How.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.how}"


class NoticeMute(models.Model):
    """A person does not want to hear of what happens there."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    within = models.CharField(max_length=40)
    """``network:5``."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "within"], name="notice_mute_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.within}"


class CalendarFeed(models.Model):
    """The secret address of a person's calendar of tasks and deadlines."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token.  The token itself is shown once and kept nowhere."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
