"""Forms of the workspace with a fixed set of fields."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from allmende.core.languages import OWN_NAMES
from allmende.guide.actions import contrast
from allmende.guide.brand import READABLE
from allmende.guide.models import Brand
from allmende.guide.views.workspace import words

REQUIRED = {"required": _("Please fill this in.")}


class SourceForm(forms.Form):
    """What is known of a source."""

    title = forms.CharField(max_length=200, error_messages=REQUIRED)
    organisation = forms.TypedChoiceField(coerce=int, error_messages=REQUIRED)
    kind = forms.ChoiceField(choices=[*words.KINDS.items()])
    language = forms.CharField(max_length=5, min_length=2)
    timezone = forms.CharField(max_length=60)
    country = forms.CharField(max_length=2, required=False)
    licence = forms.CharField(max_length=200, required=False)
    licence_url = forms.URLField(max_length=500, required=False, assume_scheme="https")
    credit = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, organisations: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organisations is None:
            del self.fields["organisation"]
        else:
            field = self.fields["organisation"]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = organisations

    def clean_timezone(self) -> str:
        zone = str(self.cleaned_data["timezone"])
        if zone not in available_timezones():
            raise ValidationError(_("There is no such time zone. Write one such as Europe/Paris."))
        return zone

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError(_("Write the country with two letters, such as FR."))
        return country

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).lower()
        if not (language.isascii() and language.isalpha()):
            raise ValidationError(_("Write the language with two letters, such as fr."))
        return language


class UploadForm(forms.Form):
    """A file from a partner."""

    file = forms.FileField(
        allow_empty_file=True,
        max_length=255,
        error_messages={
            "required": _("Please choose a file first."),
            "missing": _("Please choose a file first."),
            "invalid": _("Please choose a file first."),
        },
    )
    format = forms.ChoiceField(choices=[("", ""), *words.FORMATS.items()], required=False)


class BrandForm(forms.Form):
    """The umbrella brand, without its texts in several languages."""

    name = forms.CharField(max_length=80, error_messages={"required": _("The brand needs a name.")})
    primary = forms.RegexField(r"^#[0-9a-fA-F]{6}$", error_messages={"invalid": _("Write the colour as #rrggbb.")})
    accent = forms.RegexField(r"^#[0-9a-fA-F]{6}$", error_messages={"invalid": _("Write the colour as #rrggbb.")})
    font = forms.ChoiceField(choices=Brand.Font.choices)
    default_language = forms.ChoiceField(choices=[*OWN_NAMES.items()])
    contact_email = forms.EmailField(
        required=False,
        error_messages={"invalid": _("This is not a complete e-mail address, such as anna@example.org.")},
    )
    logo = forms.FileField(required=False, allow_empty_file=True, max_length=255)
    no_logo = forms.BooleanField(required=False)

    def _dark_enough(self, field: str) -> str:
        colour = str(self.cleaned_data[field]).lower()
        if contrast(colour) < READABLE:
            raise ValidationError(_("White text on this colour is hard to read. Choose a darker one."))
        return colour

    def clean_primary(self) -> str:
        return self._dark_enough("primary")

    def clean_accent(self) -> str:
        return self._dark_enough("accent")
