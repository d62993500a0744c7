"""Forms that guests fill in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReportForm(forms.Form):
    """What is wrong with an entry."""

    message = forms.CharField(
        max_length=2000,
        min_length=5,
        error_messages={
            "required": _("Please write what is wrong."),
            "min_length": _("Please write a little more, so that we understand."),
            "max_length": _("Please write at most 2,000 characters."),
        },
    )
    reply_to = forms.EmailField(
        required=False,
        max_length=254,
        error_messages={"invalid": _("This is not a complete e-mail address, such as anna@example.org.")},
    )
    homepage = forms.CharField(required=False)
    """Nobody sees this field; programs that fill in everything give themselves away."""
