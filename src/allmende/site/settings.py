"""Django settings.  What an operator may change comes from the environment through ``config.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from django.utils.translation import gettext_lazy as _

from allmende.site.config import read_config

CONFIG = read_config()
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = CONFIG.secret_key
DEBUG = CONFIG.debug
ALLOWED_HOSTS = list(CONFIG.hosts)
ALLMENDE_DATA = CONFIG.data
ALLMENDE_PUBLIC_URL = CONFIG.public_url
ALLMENDE_TILE_URL = CONFIG.tile_url
ALLMENDE_TILE_CREDIT = CONFIG.tile_credit
ALLMENDE_PAGE_CACHE_MB = CONFIG.page_cache_mb
ALLMENDE_FETCH_ALLOW = CONFIG.fetch_allow
ALLMENDE_FEDERATION = CONFIG.federation
ALLMENDE_FORECASTS = CONFIG.forecasts
ALLMENDE_FEDERATION_SECURE = CONFIG.federation_secure
ALLMENDE_API_PER_MINUTE = CONFIG.api_per_minute
ALLMENDE_OIDC = CONFIG.oidc
ALLMENDE_OPERATORS_SECOND_FACTOR = CONFIG.operators_second_factor
ALLMENDE_SUBDIVISION = CONFIG.subdivision
ALLMENDE_TRANSLATE_URL = CONFIG.translate_url
ALLMENDE_TRANSLATE_KEY = CONFIG.translate_key
ALLMENDE_TRANSLATE_PER_DAY = CONFIG.translate_per_day

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allmende.core",
    "allmende.partners",
    "allmende.catalogue",
    "allmende.federation",
    "allmende.insight",
    "allmende.guide",
    "allmende.site",
]
MIDDLEWARE = [
    "allmende.core.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "allmende.core.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "allmende.site.urls"
WSGI_APPLICATION = "allmende.site.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(PACKAGE.glob("*/templates")),
        "APP_DIRS": False,
        "OPTIONS": {"environment": "allmende.core.pages.environment", "autoescape": True},
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # WAL with synchronous=NORMAL: a power cut may cost the last moments' transactions, never the database.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
    " PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=8000;",
}


def database(url: str, data: Path) -> dict[str, Any]:
    """The database entry for ``url``, or for the embedded SQLite file in ``data``."""
    settings: dict[str, Any] = dict(dj_database_url.parse(url or f"sqlite:///{data / 'allmende.sqlite3'}"))
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = dict(SQLITE_OPTIONS)
        settings["CONN_MAX_AGE"] = None
    else:
        settings["CONN_MAX_AGE"] = 600
        settings["CONN_HEALTH_CHECKS"] = True
    return settings


DATABASES = {"default": database(CONFIG.database_url, CONFIG.data)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
LOGIN_URL = "/workspace/sign-in/"
LOGIN_REDIRECT_URL = "/workspace/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

PASSWORD_RESET_TIMEOUT = 60 * 60 * 2

# django-allauth keeps second factors and identities; its pages, letters and sign-up are not used (docs/decisions/0021).
MFA_ADAPTER = "allmende.core.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ADAPTER = "allmende.core.accounts.asking.SafeAdapter"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("de", _("German")),
    ("sv", _("Swedish")),
    ("da", _("Danish")),
    ("nl", _("Dutch")),
    ("fr", _("French")),
    ("en", _("English")),
]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH: list[str] = []

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if CONFIG.mail.host else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = CONFIG.mail.folder
EMAIL_HOST, EMAIL_PORT = CONFIG.mail.host, CONFIG.mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CONFIG.mail.user, CONFIG.mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = CONFIG.mail.scheme == "smtp+tls", CONFIG.mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = CONFIG.mail.sender

STATIC_URL = "/static/"
MEDIA_ROOT = CONFIG.data / "media"
MEDIA_URL = "/media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_PERMISSIONS = 0o640

SECURE_PUBLIC = CONFIG.public_url.startswith("https://")
SESSION_ENGINE = "allmende.core.accounts.store"
SESSION_COOKIE_SECURE = SECURE_PUBLIC
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SECURE = SECURE_PUBLIC
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [CONFIG.public_url]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_PUBLIC else None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"secrets": {"()": "allmende.core.logs.HideSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"allmende": {"level": "INFO"}},
}
