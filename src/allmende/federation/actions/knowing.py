"""What is remembered of other servers: actors with their keys, and blocks."""

from __future__ import annotations

from datetime import datetime

from allmende.federation.addresses import host_of
from allmende.federation.models import DomainBlock, RemoteActor
from allmende.federation.remote import ActorFacts


def remember(facts: ActorFacts, *, now: datetime) -> RemoteActor:
    """The row of an actor, brought up to date."""
    values = {
        "host": host_of(facts.uri),
        "handle": facts.handle,
        "name": facts.name,
        "inbox": facts.inbox,
        "shared_inbox": facts.shared_inbox,
        "outbox": facts.outbox,
        "key_id": facts.key_id,
        "public_key": facts.public_key,
        "fetched_at": now,
    }
    row, _made = RemoteActor.objects.update_or_create(uri=facts.uri, defaults=values)
    return row


def domains_of(host: str) -> list[str]:
    """A host and all domains above it: ``a.b.example`` -> itself, ``b.example``, ``example``; ports do not count."""
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    labels = name.split(".")
    return [host, *(".".join(labels[at:]) for at in range(len(labels)))]


def is_blocked(address: str) -> bool:
    """Whether nothing is exchanged with the server of an address."""
    host = host_of(address)
    return not host or DomainBlock.objects.filter(domain__in=domains_of(host)).exists()
