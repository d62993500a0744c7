"""Following neighbours, letting them follow, and blocking servers."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from allmende.catalogue.actions import open_source
from allmende.catalogue.actions.stream import known_keys, take_in
from allmende.catalogue.models import Source
from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.federation.actions.knowing import domains_of, is_blocked, remember
from allmende.federation.actions.sending import begin_to_announce, queue
from allmende.federation.activities import answer_to, follow_of, undo_of
from allmende.federation.addresses import actor_id, is_on, own_host
from allmende.federation.models import Delivery, DomainBlock, Follower, Following, RemoteActor
from allmende.federation.region import signer
from allmende.federation.remote import Reader, RemoteRefused
from allmende.federation.rules import FederationForbidden, may_federate
from allmende.federation.web import Ask

_DOMAIN = re.compile(r"[a-z0-9._-]+(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?")


class FollowRefused(Exception):
    """A neighbour cannot be followed, or a domain not blocked; the message says why."""


def _check(by: User | None, *, trusted: bool) -> None:
    if not trusted and not may_federate(by):
        raise FederationForbidden("Only managers of the region may decide with whom it exchanges events.")


def follow(
    text: str,
    *,
    by: User | None,
    now: datetime,
    ask: Ask,
    language: str = "en",
    timezone: str = "UTC",
    trusted: bool = False,
) -> Following:
    """Ask the neighbour of ``text`` (handle, host or address) to be followed; what arrives becomes a source.

    ``language``, ``timezone``: for events that do not say.  ``trusted``: called on the machine itself.  Raises
    :class:`FollowRefused`.
    """
    _check(by, trusted=trusted)
    if not is_on():
        raise FollowRefused(_("The federation is turned off (ALLMENDE_FEDERATION)."))
    try:
        facts = Reader(ask, signer(now), now).find(text)
    except RemoteRefused as error:
        raise FollowRefused(str(error)) from error
    if is_blocked(facts.uri):
        raise FollowRefused(_("This server is blocked. Take the block back first."))
    with transaction.atomic():
        actor = remember(facts, now=now)
        known = Following.objects.select_for_update().filter(actor=actor).first()
        if known and known.state in {Following.State.ASKED, Following.State.ACCEPTED}:
            raise FollowRefused(_("%(name)s is followed already.") % {"name": actor.name})
        wish = follow_of(actor.uri, secrets.token_hex(8), now=now)
        following = known or Following(
            actor=actor, source=_source(actor, by=by, now=now, language=language, timezone=timezone)
        )
        following.state, following.follow_id = Following.State.ASKED, wish["id"]
        following.by, following.asked_at, following.accepted_at = by, now, None
        following.last_error, following.refreshed_at = "", None
        following.save()
        queue(wish, [actor.inbox], now=now)
        record("federation.follow", ("following", following.pk), by=by, now=now, actor=actor.uri)
    return following


def _source(actor: RemoteActor, *, by: User | None, now: datetime, language: str, timezone: str) -> Source:
    """The source of what arrives.  Its records are not offered to search engines: they have a page at their origin."""
    slug = "from-" + slugify(actor.host, 50)
    with_name = f"{slug}-{slugify(actor.handle.split('@')[1] if '@' in actor.handle else str(actor.pk), 20)}"
    title = actor.name if actor.name == actor.host else f"{actor.name} ({actor.host})"
    return open_source(
        with_name,
        defaults={
            "title": title[:200],
            "organisation": actor.name,
            "format": "activitypub",
            "location": actor.uri,
            "language": language,
            "timezone": timezone,
            "kind": "event",
            "credit": title[:300],
            "is_indexed": False,
        },
        by=by,
        now=now,
    )


def unfollow(following: Following, *, by: User | None, now: datetime, trusted: bool = False) -> None:
    """End the following; what came from there is withdrawn, since nobody would hear of its changes any more."""
    _check(by, trusted=trusted)
    with transaction.atomic():
        row = Following.objects.select_for_update().select_related("actor", "source").get(pk=following.pk)
        if row.state == Following.State.ENDED:
            return
        undo = undo_of(row.follow_id, row.actor.uri, secrets.token_hex(8), now=now)
        queue(undo, [row.actor.inbox], now=now)
        end_following(row, now=now)
        record("federation.unfollow", ("following", row.pk), by=by, now=now, actor=row.actor.uri)


def end_following(row: Following, *, now: datetime) -> None:
    """Withdraw what came from there, in the running transaction."""
    row.arrivals.all().delete()
    take_in(row.source, [], withdrawn=known_keys(row.source), now=now)
    row.state = Following.State.ENDED
    row.save(update_fields=["state"])


def settle_follower(follower: Follower, *, accept: bool, by: User | None, now: datetime, trusted: bool = False) -> None:
    """Let an actor follow this region, or send it away, also later."""
    _check(by, trusted=trusted)
    with transaction.atomic():
        row = Follower.objects.select_for_update().select_related("actor").get(pk=follower.pk)
        if accept:
            accept_follower(row, now=now)
        else:
            wish = _wish(row)
            queue(answer_to("Reject", wish, row.actor.uri, secrets.token_hex(8), now=now), [row.actor.inbox], now=now)
            row.delete()
        record(
            "federation.accept" if accept else "federation.reject",
            ("follower", follower.pk),
            by=by,
            now=now,
            actor=row.actor.uri,
        )


def accept_follower(row: Follower, *, now: datetime) -> None:
    """Say yes to who wants to follow, in the running transaction."""
    row.state = Follower.State.ACCEPTED
    row.save(update_fields=["state"])
    begin_to_announce(now=now)
    queue(answer_to("Accept", _wish(row), row.actor.uri, secrets.token_hex(8), now=now), [row.actor.inbox], now=now)


def _wish(row: Follower) -> dict[str, str]:
    return {"id": row.follow_id, "type": "Follow", "actor": row.actor.uri, "object": actor_id()}


def block_domain(text: str, *, reason: str = "", by: User | None, now: datetime, trusted: bool = False) -> DomainBlock:
    """Exchange nothing with a server and all below it: its actors follow no longer and are not followed.

    Raises :class:`FollowRefused` for what is no domain.
    """
    _check(by, trusted=trusted)
    domain = text.strip().lower().rpartition("@")[2].removeprefix("https://").removeprefix("http://").partition("/")[0]
    if not _DOMAIN.fullmatch(domain) or len(domain) > 255:
        raise FollowRefused(_("Write the domain as in example.org."))
    if domain in domains_of(own_host()):
        raise FollowRefused(_("That is this region itself."))
    with transaction.atomic():
        block, _made = DomainBlock.objects.update_or_create(
            domain=domain, defaults={"reason": reason.strip()[:300], "by": by, "at": now}
        )
        for actor in RemoteActor.objects.filter(host__contains=domain):
            if domain not in domains_of(actor.host):
                continue
            Follower.objects.filter(actor=actor).delete()
            Delivery.objects.filter(inbox__in=[actor.inbox, actor.shared_inbox]).delete()
            for row in Following.objects.filter(actor=actor).exclude(state=Following.State.ENDED):
                end_following(row, now=now)
        record("federation.block", ("domain", block.pk), by=by, now=now, domain=domain)
    return block


def unblock_domain(domain: str, *, by: User | None, now: datetime, trusted: bool = False) -> bool:
    """Take a block back; say whether there was one."""
    _check(by, trusted=trusted)
    with transaction.atomic():
        block = DomainBlock.objects.filter(domain=domain).first()
        if block is None:
            return False
        record("federation.unblock", ("domain", block.pk), by=by, now=now, domain=domain)
        block.delete()
    return True
