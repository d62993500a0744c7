"""What django-allauth asks of us: secrets at rest are encrypted with a key that follows from the installation's secret."""

from __future__ import annotations

import base64
from functools import lru_cache

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.crypto import salted_hmac


@lru_cache(maxsize=4)
def _box(secret: str) -> Fernet:
    key = salted_hmac("allmende.accounts.factors", "at rest", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


class FactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes unreadable in the database and its backups.

    ``decrypt`` raises :class:`cryptography.fernet.InvalidToken` when the installation's secret has changed.
    """

    def encrypt(self, text: str) -> str:
        return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()
