"""Forms of the account pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext, gettext_lazy

from allmende.core.languages import OWN_NAMES
from allmende.core.models import User
from allmende.guide.views.workspace.forms import REQUIRED


class ProfileForm(forms.Form):
    """What others call a person, and the language of letters to them."""

    name = forms.CharField(max_length=150, required=False)
    language = forms.ChoiceField(
        choices=[("", gettext_lazy("As on the page in use")), *OWN_NAMES.items()], required=False
    )


class AddressForm(forms.Form):
    """A new mail address."""

    email = forms.EmailField(max_length=254, error_messages=REQUIRED)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = str(User.objects.normalize_email(self.cleaned_data["email"]))
        if email.lower() == self.user.email.lower():
            raise forms.ValidationError(gettext("That is the address of your account."))
        return email


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(max_length=1000, strip=False, error_messages=REQUIRED)
    again = forms.CharField(max_length=1000, strip=False, error_messages=REQUIRED)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(gettext("The two are not the same."))
        return again


class PasskeyNameForm(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(max_length=60, error_messages=REQUIRED)
