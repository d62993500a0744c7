"""What all changes in networks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.models import Network
from allmende.partners.networks.rules import NetworkForbidden, NetworkRefused, reaches
from allmende.partners.rules import network_role


def need(network: Network, role: str, by: User) -> str:
    """The role of ``by``, if it is ``role`` or more and the network has not ended."""
    own = network_role(by, network.pk)
    if not reaches(own, role):
        raise NetworkForbidden("This takes another role in the network.")
    need_running(network)
    return str(own)


def need_running(network: Network) -> None:
    """Nothing changes in a network that has ended."""
    if network.ended_at is not None:
        raise NetworkRefused(gettext("The network has ended. Reopen it first."))


def note(network: Network, action: str, *, by: User | None, now: datetime, **details: Any) -> None:
    """The audit line of a change, and the word that public pages may have changed."""
    record(f"networks.{action}", ("network", network.pk), by=by, now=now, **details)
    if network.is_public:
        touch_content()


def tell_of(
    network: Network,
    people: Iterable[int],
    kind: str,
    message: str,
    *,
    page: str = "",
    now: datetime,
    by: User | None = None,
    subject: tuple[str, int] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """A notice about a network; ``page`` below its own page of the workspace."""
    tell(
        people,
        f"networks.{kind}",
        message,
        subject=subject or ("network", network.pk),
        path=f"/workspace/networks/{network.slug}/{page}",
        now=now,
        facts={"network": network.name, **(facts or {})},
        by=by,
        within=("network", network.pk),
    )


def filled(text: str, longest: int, what: str) -> str:
    """A text that must be there, without space around it."""
    text = " ".join(text.split())[:longest]
    if not text:
        raise NetworkRefused(what)
    return text
