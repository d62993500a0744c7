"""Settings from the environment, read once and refused loudly when they make no sense."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from allmende.core.accounts.providers import OidcProvider, parse_oidc
from allmende.site.email_url import MailServer, parse_email_url

if TYPE_CHECKING:
    from allmende.core.fetch import Allowance


class BadSetting(Exception):
    """An environment variable has a value that cannot be used; the message names it and says what would do."""


SETTINGS: dict[str, str] = {
    "ALLMENDE_DATA": "Folder for the database, uploads and secrets. Default: var/ below the current folder.",
    "ALLMENDE_HOST": "Address that `allmende serve` listens on. Default: 127.0.0.1.",
    "PORT": "Port that `allmende serve` listens on. Default: 8000.",
    "ALLMENDE_WORKERS": "Number of server processes. Default: one per processor, at most 4.",
    "DATABASE_URL": "postgres://user:password@host/name for PostgreSQL. Default: SQLite in ALLMENDE_DATA.",
    "ALLMENDE_URL": "Public address of this installation, such as https://guide.example.org. Default: http://127.0.0.1:PORT.",
    "ALLMENDE_HOSTS": "Further host names under which it may be asked, separated by commas.",
    "ALLMENDE_SECRET_KEY": "Secret for signing sessions. Default: made once and kept in ALLMENDE_DATA/secret-key.",
    "ALLMENDE_TILE_URL": "Raster tile server for the map, such as https://tiles.example.org/{z}/{x}/{y}.png. "
    "Default: none; the map draws its own outlines.",
    "ALLMENDE_TILE_CREDIT": "Credit line that the tile server asks for.",
    "ALLMENDE_API_PER_MINUTE": "Requests to the API that one sender may make in a minute. Default: 300.",
    "ALLMENDE_PAGE_CACHE_MB": "Memory for finished public pages in each server process. Default: 64; 0 turns it off.",
    "ALLMENDE_FETCH_ALLOW": "What may be fetched beside public addresses on ports 80 and 443, separated by commas: "
    "127.0.0.1:8123, 10.0.0.0/8, feeds.example.org:8443. Default: nothing.",
    "ALLMENDE_EMAIL_URL": "Mail server, such as smtp+tls://user:password@mail.example.org?from=guide@example.org. "
    "Default: letters are written to files in ALLMENDE_DATA/mail.",
    "ALLMENDE_FEDERATION": "Who may follow this region by ActivityPub: open (anybody), approval (whom a manager lets), or "
    "off (no federation at all). Default: open.",
    "ALLMENDE_FEDERATION_SECURE": "1 answers questions for federated objects only if they are signed. Default: off.",
    "ALLMENDE_FORECASTS": "off makes no forecasts of measured places here. Default: on.",
    "ALLMENDE_OIDC": 'Who else may vouch for people, as JSON: [{"id": "town", "name": "Town hall", '
    '"url": "https://login.example.org", "client_id": "guide", "client_secret": "..."}]. Default: nobody.',
    "ALLMENDE_OPERATORS_SECOND_FACTOR": "1 lets operators into the workspace only with a second factor. Default: off.",
    "ALLMENDE_SUBDIVISION": "Part of the country whose school and public holidays count, by its ISO 3166-2 code, such as FR-OCC or "
    "DE-NW; a measured place may say another one. Default: none.",
    "ALLMENDE_TRANSLATE_URL": "Translation service that speaks LibreTranslate's API, such as https://translate.example.org. "
    "Default: none.",
    "ALLMENDE_TRANSLATE_KEY": "Key for the translation service, if it asks for one.",
    "ALLMENDE_TRANSLATE_PER_DAY": "Characters that may go to the translation service in a day. Default: 200000.",
    "ALLMENDE_DEBUG": "1 shows errors in the browser. Never in public.",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The installation's settings, checked."""

    data: Path
    host: str
    port: int
    workers: int
    database_url: str
    public_url: str
    hosts: tuple[str, ...]
    secret_key: str
    tile_url: str
    tile_credit: str
    page_cache_mb: int
    fetch_allow: tuple[Allowance, ...]
    mail: MailServer
    federation: str
    forecasts: bool
    federation_secure: bool
    api_per_minute: int
    oidc: tuple[OidcProvider, ...]
    operators_second_factor: bool
    subdivision: str
    translate_url: str
    translate_key: str
    translate_per_day: int
    debug: bool


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadSetting(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _federation(env: Mapping[str, str]) -> str:
    told = env.get("ALLMENDE_FEDERATION", "").strip() or "open"
    if told not in {"open", "approval", "off"}:
        raise BadSetting(f"ALLMENDE_FEDERATION is {told!r}; it must be open, approval or off.")
    return told


def _forecasts(env: Mapping[str, str]) -> bool:
    told = env.get("ALLMENDE_FORECASTS", "").strip() or "on"
    if told not in {"on", "off"}:
        raise BadSetting(f"ALLMENDE_FORECASTS is {told!r}; it must be on or off.")
    return told == "on"


def _subdivision(env: Mapping[str, str]) -> str:
    told = env.get("ALLMENDE_SUBDIVISION", "").strip().upper()
    country, hyphen, part = told.partition("-")
    if told and not (hyphen and len(country) == 2 and country.isalpha() and part.replace("-", "").isalnum()):
        raise BadSetting(f"ALLMENDE_SUBDIVISION is {told!r}; it must be a code of ISO 3166-2 such as FR-OCC.")
    return told[:10]


def _translate_url(env: Mapping[str, str]) -> str:
    told = env.get("ALLMENDE_TRANSLATE_URL", "").strip().rstrip("/")
    if told and (urlsplit(told).scheme not in {"http", "https"} or not urlsplit(told).hostname):
        raise BadSetting(f"ALLMENDE_TRANSLATE_URL is {told!r}; it must look like https://translate.example.org.")
    return told


def _fetch_allow(env: Mapping[str, str]) -> tuple[Allowance, ...]:
    text = env.get("ALLMENDE_FETCH_ALLOW", "").strip()
    if not text:
        return ()
    # Few installations say anything here; the others start without an HTTP client.
    from allmende.core.fetch import parse_allow

    try:
        return parse_allow(text)
    except ValueError as error:
        raise BadSetting(f"ALLMENDE_FETCH_ALLOW: {error}.") from error


def _mail(env: Mapping[str, str], data: Path, host: str) -> MailServer:
    try:
        return parse_email_url(env.get("ALLMENDE_EMAIL_URL", "").strip(), folder=data / "mail", host=host)
    except ValueError as error:
        raise BadSetting(f"ALLMENDE_EMAIL_URL: {error}.") from error


def _oidc(env: Mapping[str, str]) -> tuple[OidcProvider, ...]:
    try:
        return parse_oidc(env.get("ALLMENDE_OIDC", ""))
    except ValueError as error:
        raise BadSetting(f"ALLMENDE_OIDC: {error}.") from error


def _secret_key(data: Path) -> str:
    path = data / "secret-key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass
    return path.read_text().strip()


def read_config(env: Mapping[str, str] | None = None) -> Config:
    """Read the settings from ``env`` (default: the process environment); raise :class:`BadSetting` with the remedy."""
    env = os.environ if env is None else env
    data = Path(env.get("ALLMENDE_DATA", "").strip() or "var").expanduser().absolute()
    port = _whole_number(env, "PORT", 8000, 1, 65535)
    public_url = (env.get("ALLMENDE_URL", "").strip() or f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting(f"ALLMENDE_URL is {public_url!r}; it must look like https://guide.example.org.")
    database_url = env.get("DATABASE_URL", "").strip()
    if database_url and urlsplit(database_url).scheme not in {"postgres", "postgresql", "sqlite"}:
        raise BadSetting("DATABASE_URL must start with postgres:// or sqlite://.")
    hosts = [name.strip() for name in env.get("ALLMENDE_HOSTS", "").split(",") if name.strip()]
    return Config(
        data=data,
        host=env.get("ALLMENDE_HOST", "").strip() or "127.0.0.1",
        port=port,
        workers=_whole_number(env, "ALLMENDE_WORKERS", min(4, os.cpu_count() or 1), 1, 64),
        database_url=database_url,
        public_url=public_url,
        hosts=tuple(dict.fromkeys([parts.hostname, "127.0.0.1", "localhost", "[::1]", *hosts])),
        secret_key=env.get("ALLMENDE_SECRET_KEY", "").strip() or _secret_key(data),
        tile_url=env.get("ALLMENDE_TILE_URL", "").strip(),
        tile_credit=env.get("ALLMENDE_TILE_CREDIT", "").strip(),
        page_cache_mb=_whole_number(env, "ALLMENDE_PAGE_CACHE_MB", 64, 0, 4096),
        fetch_allow=_fetch_allow(env),
        mail=_mail(env, data, parts.hostname),
        federation=_federation(env),
        forecasts=_forecasts(env),
        federation_secure=env.get("ALLMENDE_FEDERATION_SECURE", "").strip() == "1",
        api_per_minute=_whole_number(env, "ALLMENDE_API_PER_MINUTE", 300, 1, 10**9),
        oidc=_oidc(env),
        operators_second_factor=env.get("ALLMENDE_OPERATORS_SECOND_FACTOR", "").strip() == "1",
        subdivision=_subdivision(env),
        translate_url=_translate_url(env),
        translate_key=env.get("ALLMENDE_TRANSLATE_KEY", "").strip(),
        translate_per_day=_whole_number(env, "ALLMENDE_TRANSLATE_PER_DAY", 200_000, 0, 2 * 10**9),
        debug=env.get("ALLMENDE_DEBUG", "").strip() == "1",
    )
