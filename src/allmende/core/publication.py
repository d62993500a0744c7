"""The states of a record on its way to the public."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Publication(models.TextChoices):
    """draft -> submitted -> published -> withdrawn, by the editorial policy."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    JOINED = "joined", _("Shown as part of another record")
