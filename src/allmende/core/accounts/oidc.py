"""To an OpenID Connect provider and back, on django-allauth's provider: code flow with state, PKCE and nonce.

The ID token's signature is always checked, and what the provider tells beside it must be about the same person.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop

from allmende.core.accounts.letters import announce
from allmende.core.accounts.providers import OidcProvider
from allmende.core.audit import record
from allmende.core.fetch import FetchFailed
from allmende.core.models import User

log = logging.getLogger("allmende.accounts")

LINKED = gettext_noop("You can sign in with %(provider)s now.")
UNLINKED = gettext_noop("Signing in with %(provider)s was removed.")
LONGEST_UID: Final = 191
FRESH_SECONDS: Final = 15 * 60
FAILURES: Final = (
    OAuth2Error,
    ProviderException,
    FetchFailed,
    ImproperlyConfigured,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whom a provider has sent back."""

    provider: OidcProvider
    uid: str
    email: str
    is_verified: bool
    purpose: str
    """``sign-in``, ``connect`` or ``confirm``."""
    next: str
    was_asked_at: datetime | None
    """When they last showed the provider who they are, if it says so."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Nobody came: ``cancelled`` by the person, ``expired`` (or not begun here), or ``failed``."""

    why: str


@dataclass(frozen=True, slots=True)
class Identity:
    """An account elsewhere that opens this one."""

    id: int
    provider: str
    email: str
    since: datetime


class _Connection(OpenIDConnectOAuth2Adapter):
    def get_provider(self) -> _Provider:
        found = provider_named(self.provider_id)
        if found is None:
            raise SocialApp.DoesNotExist
        app = SocialApp(
            provider="openid_connect",
            provider_id=found.id,
            name=found.name,
            client_id=found.client_id,
            secret=found.client_secret,
            settings={"server_url": found.url, "oauth_pkce_enabled": True, "scope": ["openid", "email"]},
        )
        return _Provider(self.request, app=app)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return f"{settings.ALLMENDE_PUBLIC_URL}/workspace/sign-in/with/{self.provider_id}/back/"

    def claims(self, app: SocialApp, answer: dict[str, Any]) -> dict[str, Any]:
        """What the ID token says, its signature checked, and beside it what the provider says about the same person."""
        config = self.openid_config
        told: dict[str, Any] = jwtkit.verify_and_decode(
            credential=answer["id_token"],
            keys_url=config["jwks_uri"],
            issuer=config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if "email" in told or not config.get("userinfo_endpoint"):
            return told
        more = self._fetch_user_info(answer["access_token"])
        if more.get("sub") != told["sub"]:
            raise OAuth2Error("what was told is about somebody else")
        return {**more, **told}


class _Provider(OpenIDConnectProvider):
    oauth2_adapter_class = _Connection


def providers() -> tuple[OidcProvider, ...]:
    """Who may vouch for people here."""
    return tuple(settings.ALLMENDE_OIDC)


def provider_named(name: str) -> OidcProvider | None:
    """The provider with this id."""
    return next((one for one in providers() if one.id == name), None)


def way_there(request: HttpRequest, provider: OidcProvider, *, purpose: str, next_path: str) -> str | Trouble:
    """The provider's address to send the browser to."""
    nonce = secrets.token_urlsafe(24)
    wanted = {"nonce": nonce}
    if purpose == "confirm":
        wanted |= {"prompt": "login", "max_age": "60"}
    try:
        answer = (
            _Connection(request, provider.id)
            .get_provider()
            .redirect(request, purpose, next_path, data={"nonce": nonce}, auth_params=wanted)
        )
    except FAILURES as error:
        return _failed(provider, error)
    return str(answer["Location"])


def come_back(request: HttpRequest, provider: OidcProvider) -> Arrival | Trouble:
    """Whom the provider sent back with this request.  The state is used up, whatever comes of it."""
    state = statekit.unstash_state(request, provider_id=provider.id, state_id=request.GET.get("state", ""))
    if state is None:
        return Trouble("expired")
    if "code" not in request.GET:
        return Trouble("cancelled" if request.GET.get("error") == "access_denied" else "failed")
    try:
        connection = _Connection(request, provider.id)
        app = connection.get_provider().app
        client = connection.get_client(request, app)
        answer = connection.get_access_token_data(request, app, client, state.get("pkce_code_verifier"))
        told = connection.claims(app, answer)
        if not constant_time_compare(str(told.get("nonce", "")), state["data"]["nonce"]):
            raise OAuth2Error("the nonce is not ours")
        uid = told["sub"]
        email = str(told.get("email") or "")[:254]
        if not isinstance(uid, str) or not 0 < len(uid) <= LONGEST_UID or not f"{uid}{email}".isprintable():
            raise OAuth2Error("nobody is named")
        asked = told.get("auth_time")
        return Arrival(
            provider,
            uid,
            email,
            told.get("email_verified") in (True, "true"),
            str(state["process"]),
            str(state.get("next") or ""),
            datetime.fromtimestamp(int(asked), tz=UTC) if asked else None,
        )
    except FAILURES as error:
        return _failed(provider, error)


def _failed(provider: OidcProvider, error: Exception) -> Trouble:
    # The text may hold tokens or addresses of people.
    log.error("Signing in with %s failed: %s. See ALLMENDE_OIDC.", provider.id, type(error).__name__)
    return Trouble("failed")


def is_fresh(arrival: Arrival, *, now: datetime) -> bool:
    """Whether the provider says that the person has just shown who they are."""
    at = arrival.was_asked_at
    return at is not None and abs((now - at).total_seconds()) <= FRESH_SECONDS


def owner_of(arrival: Arrival) -> User | None:
    """The person whose account this identity opens already."""
    row = SocialAccount.objects.select_related("user").filter(provider=arrival.provider.id, uid=arrival.uid).first()
    return row.user if row else None


def known_by_address(arrival: Arrival) -> User | None:
    """The person whose address the provider vouches for."""
    if not arrival.email or not arrival.is_verified or not arrival.provider.vouches_for(arrival.email):
        return None
    return User.objects.filter(email__iexact=arrival.email, is_active=True).first()


def identities(user: User) -> list[Identity]:
    """The accounts elsewhere that open this one."""
    names = {one.id: one.name for one in providers()}
    return [
        Identity(row.pk, names.get(row.provider, row.provider), str(row.extra_data.get("email", "")), row.date_joined)
        for row in SocialAccount.objects.filter(user_id=user.pk).order_by("pk")
    ]


@transaction.atomic
def link(user: User, arrival: Arrival, *, by: User, now: datetime) -> bool:
    """Let this identity open the account; False if it opens somebody else's.  Of what was told only the address is kept."""
    row, is_new = SocialAccount.objects.get_or_create(
        provider=arrival.provider.id,
        uid=arrival.uid,
        defaults={"user": user, "extra_data": {"email": arrival.email}},
    )
    if row.user_id != user.pk:
        return False
    if is_new:
        record("core.link_identity", ("user", user.pk), by=by, now=now, provider=arrival.provider.id)
        announce(user, "core.link_identity", LINKED, now=now, facts={"provider": arrival.provider.name})
    return True


@transaction.atomic
def unlink(user: User, pk: int, *, by: User, now: datetime) -> bool:
    """Let an identity open the account no longer; say whether there was such a one."""
    row = SocialAccount.objects.filter(pk=pk, user_id=user.pk).first()
    if row is None:
        return False
    row.delete()
    provider = provider_named(row.provider)
    record("core.unlink_identity", ("user", user.pk), by=by, now=now, provider=row.provider)
    name = provider.name if provider else row.provider
    announce(user, "core.unlink_identity", UNLINKED, now=now, facts={"provider": name})
    return True
