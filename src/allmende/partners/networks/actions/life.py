"""Networks are proposed, founded, changed, ended and reopened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.core.slugs import slugify
from allmende.core.text import translated
from allmende.partners.models import (
    Network,
    NetworkOrganisation,
    NetworkPerson,
    NetworkProposal,
    Organisation,
    WorkingGroup,
)
from allmende.partners.networks.actions._base import filled, need, note, tell_of
from allmende.partners.networks.defaults import RECORD_KINDS, defaults_of
from allmende.partners.networks.rules import (
    COORDINATOR,
    NetworkForbidden,
    NetworkRefused,
    coordinators_of,
    founders,
    manages,
    may_found_network,
)
from allmende.partners.rules import may_coordinate_network

TAKEN: Final = frozenset({"new", "proposals", "cooperation", "feeds"})
"""Words that stand for pages beside the networks."""
MOST_PROPOSALS: Final = 5
"""Open proposals of one organisation."""


def _free_slug(name: str) -> str:
    wanted = slugify(name, 60)
    if wanted == "-" or wanted in TAKEN:
        wanted = f"network-{wanted}".rstrip("-")
    there = set(Network.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 2
    slug = wanted
    while slug in there:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def _named(name: str) -> str:
    return filled(name, 200, gettext("Give the network a name."))


def found_network(
    name: str,
    *,
    kind: str,
    by: User,
    now: datetime,
    language: str,
    about: str = "",
    territory_id: int | None = None,
    organisation_id: int | None = None,
    groups: Iterable[str] = (),
) -> Network:
    """A new network with the defaults of its kind, coordinated by ``by``; ``organisation_id`` is its first member."""
    if not may_found_network(by):
        raise NetworkForbidden("Only the operator and managers of region, destination or municipality found networks.")
    with transaction.atomic():
        return _found(
            name, kind, translated({language: about}, language), by, now, territory_id, organisation_id, groups
        )


def _found(
    name: str,
    kind: str,
    about: Mapping[str, Any],
    coordinator: User,
    now: datetime,
    territory_id: int | None,
    organisation_id: int | None,
    groups: Iterable[str],
) -> Network:
    given = defaults_of(kind)
    network = Network.objects.create(
        name=_named(name),
        slug=_free_slug(name),
        kind=kind if kind in Network.Kind.values else Network.Kind.OTHER,
        about=dict(about),
        territory_id=territory_id,
        policy=given.policy,
        moderated_kinds=list(given.moderated_kinds),
        created_at=now,
        updated_at=now,
    )
    NetworkPerson.objects.create(
        network=network, user=coordinator, role=COORDINATOR, organisation_id=organisation_id, since=now
    )
    if organisation_id is not None:
        NetworkOrganisation.objects.create(network=network, organisation_id=organisation_id, since=now, is_trusted=True)
    WorkingGroup.objects.bulk_create(
        [WorkingGroup(network=network, name=group[:200], created_at=now) for group in groups if group.strip()]
    )
    note(network, "found", by=coordinator, now=now, kind=network.kind)
    return network


def propose_network(
    name: str, *, kind: str, organisation_id: int, by: User, now: datetime, language: str, about: str = ""
) -> NetworkProposal:
    """Wish for a network in the name of an organisation; those who may found one are told and decide."""
    if not manages(by, organisation_id):
        raise NetworkForbidden("Only managers of an organisation propose in its name.")
    name = _named(name)
    with transaction.atomic():
        waiting = NetworkProposal.objects.filter(organisation_id=organisation_id, state=NetworkProposal.State.OPEN)
        if waiting.count() >= MOST_PROPOSALS:
            raise NetworkRefused(gettext("Five proposals of yours wait for an answer. Please wait for these first."))
        proposal = NetworkProposal.objects.create(
            name=name,
            kind=kind if kind in Network.Kind.values else Network.Kind.OTHER,
            about=translated({language: about}, language),
            organisation_id=organisation_id,
            proposed_by=by,
            proposed_at=now,
        )
        record("networks.propose", ("network_proposal", proposal.pk), by=by, now=now, kind=proposal.kind)
        tell(
            founders(),
            "networks.proposal",
            gettext_noop("%(organisation)s proposes a network: %(network)s."),
            subject=("network_proposal", proposal.pk),
            path="/workspace/networks/#proposals",
            now=now,
            facts={"organisation": Organisation.objects.get(pk=organisation_id).name, "network": name},
            by=by,
        )
    return proposal


def decide_proposal(
    proposal: NetworkProposal, *, accept: bool, by: User, now: datetime, answer: str = ""
) -> Network | None:
    """Found what was proposed, coordinated by whoever proposed it, or decline it with a word; the proposer is told."""
    if not may_found_network(by):
        raise NetworkForbidden("Only those who may found networks decide about proposals.")
    with transaction.atomic():
        proposal = NetworkProposal.objects.select_for_update().get(pk=proposal.pk)
        if proposal.state != NetworkProposal.State.OPEN:
            raise NetworkRefused(gettext("Somebody has answered this proposal already."))
        network = None
        if accept:
            coordinator = proposal.proposed_by or by
            network = _found(
                proposal.name, proposal.kind, proposal.about, coordinator, now, None, proposal.organisation_id, ()
            )
        proposal.state = NetworkProposal.State.FOUNDED if accept else NetworkProposal.State.DECLINED
        proposal.answer, proposal.decided_by, proposal.decided_at = answer.strip()[:500], by, now
        proposal.network = network
        proposal.save()
        record("networks.decide", ("network_proposal", proposal.pk), by=by, now=now, accept=accept)
        tell(
            [proposal.proposed_by_id] if proposal.proposed_by_id else [],
            "networks.answer",
            gettext_noop("Your network was founded: %(network)s. You coordinate it.")
            if accept
            else gettext_noop("Your proposal was declined: %(network)s."),
            subject=("network_proposal", proposal.pk),
            path=f"/workspace/networks/{network.slug}/" if network else "/workspace/networks/",
            now=now,
            facts={"network": proposal.name},
            by=by,
        )
    return network


def edit_network(network: Network, changes: Mapping[str, Any], *, by: User, now: datetime) -> list[str]:
    """Change what a coordinator may; return the names of the fields that differ.

    Keys: name, kind, about, territory_id, further_territories (ids), policy, moderated_kinds, is_public,
    needs_second_factor, table_kinds, picture.
    """
    need(network, COORDINATOR, by)
    wanted = dict(changes)
    further = wanted.pop("further_territories", None)
    if "name" in wanted:
        wanted["name"] = _named(wanted["name"])
    if "moderated_kinds" in wanted:
        wanted["moderated_kinds"] = [kind for kind in RECORD_KINDS if kind in wanted["moderated_kinds"]]
    if "table_kinds" in wanted:
        chosen = [kind for kind in Organisation.Kind.values if kind in wanted["table_kinds"]]
        is_usual = set(chosen) == set(defaults_of(wanted.get("kind", network.kind)).table_kinds)
        wanted["table_kinds"] = [] if is_usual else chosen
    was_public = network.is_public
    with transaction.atomic():
        changed = sorted(name for name, value in wanted.items() if getattr(network, name) != value)
        for name in changed:
            setattr(network, name, wanted[name])
        network.updated_at = now
        network.save()
        if further is not None:
            before = set(network.further_territories.values_list("pk", flat=True))
            if before != set(further):
                network.further_territories.set(further)
                changed.append("further_territories")
        if changed:
            record("networks.edit", ("network", network.pk), by=by, now=now, fields=changed)
            if was_public or network.is_public:
                touch_content()
    return changed


def end_network(network: Network, *, by: User, now: datetime) -> None:
    """The network is over: its people may still read, nothing changes, it has no public page."""
    need(network, COORDINATOR, by)
    with transaction.atomic():
        network.ended_at = network.updated_at = now
        network.save(update_fields=["ended_at", "updated_at"])
        note(network, "end", by=by, now=now)
        tell_of(network, coordinators_of(network.pk), "ended", gettext_noop("%(network)s has ended."), now=now, by=by)


def reopen_network(network: Network, *, by: User, now: datetime) -> None:
    """Take an ended network up again, with everything it had."""
    if not may_coordinate_network(by, network.pk):
        raise NetworkForbidden("Only coordinators reopen a network.")
    with transaction.atomic():
        network.ended_at, network.updated_at = None, now
        network.save(update_fields=["ended_at", "updated_at"])
        note(network, "reopen", by=by, now=now)
        tell_of(network, coordinators_of(network.pk), "ended", gettext_noop("%(network)s goes on."), now=now, by=by)
