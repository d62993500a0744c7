"""Reading other servers: signed questions, actors, handles.  Nothing is believed that its own server does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import orjson
from django.utils.translation import gettext as _

from allmende.federation.addresses import HANDLE, LONGEST, host_of, is_usable, key_id, origin, own_host, same_server
from allmende.federation.keys import KeyLost, is_strong
from allmende.federation.negotiation import ACCEPT, is_activity
from allmende.federation.region import Sign
from allmende.federation.signatures import signed_headers
from allmende.federation.web import Answer, Ask, FetchFailed

APPLICATION: Final = "https://www.w3.org/ns/activitystreams#Application"
"""FEP-2677: how NodeInfo names the actor of a whole server."""
ACTORS: Final = frozenset({"Application", "Service", "Group", "Organization", "Person"})
_HANDLE = re.compile(r"@?([A-Za-z0-9._-]{1,80})@([A-Za-z0-9.\[\]:-]{3,255})")
GONE: Final = frozenset({404, 410})


class RemoteRefused(Exception):
    """Another server could not be understood or believed; the message is for the person who named it."""


class RemoteGone(RemoteRefused):
    """What was asked for is no longer there."""


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """An actor as its own server describes it."""

    uri: str
    handle: str
    name: str
    inbox: str
    shared_inbox: str
    outbox: str
    key_id: str
    public_key: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks other servers in this region's name."""

    ask: Ask
    sign: Sign
    now: datetime

    def json(self, url: str, *, accept: str = ACCEPT, is_signed: bool = True) -> tuple[dict[str, Any], str]:
        """An object and the address it came from; raises :class:`RemoteRefused`."""
        answer = self._get(url, accept, is_signed)
        if answer.status in GONE:
            raise RemoteGone(_("%(address)s is not there (any more).") % {"address": url})
        if answer.status != 200:
            raise RemoteRefused(_("%(address)s answered %(status)s.") % {"address": url, "status": answer.status})
        kind = answer.headers.get("content-type", "")
        if is_signed and not is_activity(kind):
            raise RemoteRefused(_("%(address)s does not answer with ActivityPub.") % {"address": url})
        try:
            value = orjson.loads(answer.body)
        except ValueError as error:
            raise RemoteRefused(_("%(address)s does not answer with JSON.") % {"address": url}) from error
        if not isinstance(value, dict):
            raise RemoteRefused(_("%(address)s does not answer with an object.") % {"address": url})
        return value, answer.final_url

    def _get(self, url: str, accept: str, is_signed: bool) -> Answer:
        if not is_usable(url):
            raise RemoteRefused(_("%(address)s is not an https address.") % {"address": url[:200]})
        headers = {"Accept": accept}
        try:
            if is_signed:
                headers |= signed_headers("GET", url, key_id=key_id(), sign=self.sign, now=self.now)
            return self.ask("GET", url, headers=headers)
        except (FetchFailed, KeyLost) as error:
            raise RemoteRefused(str(error)) from error

    def object(self, url: str) -> dict[str, Any]:
        """The object with the id ``url``, from the server that the id names; raises :class:`RemoteRefused`."""
        here = url.partition("#")[0]
        value, final = self.json(here)
        told = value.get("id")
        if isinstance(told, str) and told.partition("#")[0] != here and same_server(told, final):
            # A page's address leads to its object; only the object's own address proves it.
            here = told.partition("#")[0]
            value, final = self.json(here)
            told = value.get("id")
        if not isinstance(told, str) or told.partition("#")[0] != here or not same_server(told, final):
            raise RemoteRefused(_("%(address)s does not lead to the object of that name.") % {"address": url})
        return value

    def actor(self, url: str) -> ActorFacts:
        """The actor with that id (or whose key that is); raises :class:`RemoteRefused`."""
        value = self.object(url)
        owner = value.get("owner") or value.get("controller")
        if "inbox" not in value and isinstance(owner, str) and same_server(owner, url):
            value = self.object(owner)
        return facts_of(value)

    # ------------------------------------------------------------------ from what a person typed to an actor

    def find(self, text: str) -> ActorFacts:
        """The actor of ``@name@host``, of a server, or of an address; raises :class:`RemoteRefused`."""
        text = text.strip().removeprefix("acct:").rstrip("/")
        handle = _HANDLE.fullmatch(text)
        if handle:
            return self.actor(self._finger(handle[1], handle[2].lower()))
        scheme = origin().partition("://")[0] if "://" not in text else ""
        address = f"{scheme}://{text}" if scheme else text
        host = host_of(address)
        if not host or not is_usable(address):
            raise RemoteRefused(_("Write the handle (@region@host), the host, or the https address of a neighbour."))
        if host == own_host():
            raise RemoteRefused(_("That is this region itself."))
        if address.rstrip("/").count("/") > 2:
            return self.actor(address)
        return self.actor(self._application(host) or self._any_of(host))

    def _application(self, host: str) -> str:
        try:
            value, _final = self.json(f"{_base(host)}/.well-known/nodeinfo", accept="application/json", is_signed=False)
        except RemoteRefused:
            return ""
        for link in value["links"] if isinstance(value.get("links"), list) else []:
            if isinstance(link, dict) and link.get("rel") == APPLICATION and isinstance(link.get("href"), str):
                return str(link["href"]) if host_of(link["href"]) == host else ""
        return ""

    def _any_of(self, host: str) -> str:
        """The names under which the actor of a whole server is found: ours, Mobilizon's and Gancio's."""
        for name in (HANDLE, "relay"):
            try:
                return self._finger(name, host)
            except RemoteRefused:
                continue
        raise RemoteRefused(_("%(host)s names no actor to follow. Write its handle: @name@host.") % {"host": host})

    def _finger(self, name: str, host: str) -> str:
        if host == own_host():
            raise RemoteRefused(_("That is this region itself."))
        resource = quote(f"acct:{name}@{host}", safe=":@")
        value, _final = self.json(
            f"{_base(host)}/.well-known/webfinger?resource={resource}",
            accept="application/jrd+json, application/json",
            is_signed=False,
        )
        for link in value["links"] if isinstance(value.get("links"), list) else []:
            if isinstance(link, dict) and link.get("rel") == "self" and is_activity(str(link.get("type", ""))):
                return str(link.get("href", ""))
        raise RemoteRefused(_("%(host)s knows nobody of that name.") % {"host": host})


def _base(host: str) -> str:
    return f"{origin().partition('://')[0]}://{host}"


def _text(value: Any, length: int) -> str:
    return " ".join(value.split())[:length] if isinstance(value, str) else ""


def facts_of(value: Mapping[str, Any]) -> ActorFacts:
    """What is used of an actor's document.  Its boxes and its key must be on its own server."""
    uri = value.get("id")
    inbox = value.get("inbox")
    kinds = value.get("type") if isinstance(value.get("type"), list) else [value.get("type")]
    if (
        not isinstance(uri, str)
        or not is_usable(uri)
        or not ACTORS & {kind for kind in kinds or [] if isinstance(kind, str)}
    ):
        raise RemoteRefused(_("The address does not lead to an actor of the federation."))
    if not isinstance(inbox, str) or not is_usable(inbox) or not same_server(inbox, uri):
        raise RemoteRefused(_("%(actor)s has no inbox on its own server.") % {"actor": uri})
    endpoints = value.get("endpoints")
    shared = endpoints.get("sharedInbox") if isinstance(endpoints, dict) else ""
    outbox = value.get("outbox")
    name, key = _key(value, uri)
    host = host_of(uri)
    preferred = _text(value.get("preferredUsername"), 80)
    return ActorFacts(
        uri=uri,
        handle=f"@{preferred}@{host}" if preferred else "",
        name=_text(value.get("name"), 200) or preferred or host,
        inbox=inbox,
        shared_inbox=shared if isinstance(shared, str) and is_usable(shared) and same_server(shared, uri) else "",
        outbox=outbox if isinstance(outbox, str) and is_usable(outbox) and same_server(outbox, uri) else "",
        key_id=name,
        public_key=key,
    )


def _key(value: Mapping[str, Any], uri: str) -> tuple[str, str]:
    found = value.get("publicKey")
    for key in found if isinstance(found, list) else [found]:
        if not isinstance(key, dict):
            continue
        name, pem = key.get("id"), key.get("publicKeyPem")
        if not isinstance(name, str) or not isinstance(pem, str) or key.get("owner", uri) != uri:
            continue
        if same_server(name, uri) and len(name) <= LONGEST and is_strong(pem):
            return name, pem
    return "", ""
