"""Where people may come from with OpenID Connect: read from one setting, without Django."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LOCAL = {"127.0.0.1", "localhost", "::1"}
NEEDED = ("id", "name", "url", "client_id")
KNOWN = {*NEEDED, "client_secret", "domains"}


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """Somebody who vouches for people, such as a municipality's own sign-in."""

    id: str
    name: str
    url: str
    """Issuer, without ``/.well-known/openid-configuration``."""
    client_id: str
    client_secret: str = ""
    domains: tuple[str, ...] = ()
    """Mail domains it may vouch for when an address is met for the first time; empty: every one."""

    def vouches_for(self, email: str) -> bool:
        """Whether an address that it calls verified may open the account of that address."""
        return not self.domains or email.rpartition("@")[2].lower() in self.domains


def parse_oidc(text: str) -> tuple[OidcProvider, ...]:
    """``[{"id": "town", "name": "Town hall", "url": "https://login.example.org", "client_id": "x", "client_secret": "y"}]``.

    Raises ValueError with what is wrong, and never with the secret.
    """
    if not text.strip():
        return ()
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON (line {error.lineno}, column {error.colno})") from None
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise ValueError('a list of providers is needed: [{"id": …, "name": …, "url": …, "client_id": …}]')
    providers = tuple(_provider(one) for one in told)
    if len({provider.id for provider in providers}) < len(providers):
        raise ValueError("two providers have the same id")
    return providers


def _provider(told: dict[str, Any]) -> OidcProvider:
    missing = [name for name in NEEDED if not isinstance(told.get(name), str) or not told[name].strip()]
    if missing:
        raise ValueError(f"a provider lacks {', '.join(missing)}")
    name = told["id"]
    if not SLUG.fullmatch(name):
        raise ValueError(f"the id {name!r} may have small letters, digits and dashes only, 40 at most")
    if unknown := sorted(set(told) - KNOWN):
        raise ValueError(f"{name} has what is not known: {', '.join(unknown)}")
    parts = urlsplit(told["url"])
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)):
        raise ValueError(f"the url of {name} must begin with https://")
    domains = told.get("domains", [])
    if not isinstance(domains, list) or not all(isinstance(one, str) for one in domains):
        raise ValueError(f"the domains of {name} must be a list of names")
    secret = told.get("client_secret", "")
    if not isinstance(secret, str):
        raise ValueError(f"the client_secret of {name} must be a text")
    return OidcProvider(
        id=name,
        name=told["name"].strip()[:60],
        url=told["url"].rstrip("/").removesuffix("/.well-known/openid-configuration"),
        client_id=told["client_id"],
        client_secret=secret,
        domains=tuple(one.strip().lower().lstrip("@") for one in domains),
    )
