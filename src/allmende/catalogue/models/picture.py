"""Pictures that organisations keep here, with their rights."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from allmende.partners.models import Organisation


class Picture(models.Model):
    """A picture in an organisation's library.  Records show it through rows of ``Media`` that name it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=32, unique=True)
    """Random: the names of its files are made of it, so that nobody finds them by knowing the picture."""
    name = models.CharField(max_length=120)
    """As the uploaded file was called."""
    licence = models.CharField(max_length=20, blank=True)
    """A key of ``pictures.licences``."""
    permission = models.CharField(max_length=300, blank=True)
    """Who permits its use, where all rights are reserved.  Never public."""
    credit = models.CharField(max_length=300, blank=True)
    alt = models.JSONField(default=dict)
    """What is to be seen, a translated value."""
    words = models.CharField(max_length=1000, blank=True)
    """Folded, for the search."""
    rights_until = models.DateField(null=True, blank=True)
    """The last day on which it may be shown."""
    focal_x = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    focal_y = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    """What must not be cut off, in per cent from the left and from the top."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    """When it was taken off the pages because its rights had run out."""
    warned = models.PositiveSmallIntegerField(default=0)
    """The last warning was given so many days before the end of the rights; 0: none yet."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__lte=100) & models.Q(focal_y__lte=100), name="focal_point_in_picture"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "removed_at", "-uploaded_at"], name="picture_of_organisation"),
            models.Index(fields=["rights_until"], condition=models.Q(withdrawn_at=None), name="picture_rights_end"),
        ]

    def __str__(self) -> str:
        return self.name
