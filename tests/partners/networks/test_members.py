"""Networks are founded, and organisations and people come and go."""

from __future__ import annotations

from typing import Any

import pytest

from allmende.core.models import AuditEntry, Notice
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, NetworkProposal
from allmende.partners.networks import actions
from allmende.partners.networks.queries.people import people_of
from allmende.partners.networks.rules import NetworkForbidden, NetworkRefused, may_found_network
from allmende.partners.people.actions import invite_organisation
from allmende.partners.rules import network_role
from tests.partners.networks.conftest import NOW, Region


def state_of(region: Region, organisation: Any) -> str:
    return NetworkOrganisation.objects.get(network=region.network, organisation=organisation).state


def notices(user: Any) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("message", flat=True))


def test_a_network_begins_with_the_defaults_of_its_kind(region: Region) -> None:
    network = region.network
    assert (network.policy, network.moderated_kinds, network.slug) == ("trusted", ["event", "place"], "culture")
    assert network_role(region.carla, network.pk) == "coordinator"
    assert AuditEntry.objects.filter(action="networks.found", subject_id=network.pk).count() == 1


def test_two_networks_of_one_name_have_two_addresses_and_none_takes_a_page_of_the_workspace(region: Region) -> None:
    def found(name: str) -> str:
        return actions.found_network(name, kind="other", by=region.carla, now=NOW, language="en").slug

    assert [found("Culture"), found("New"), found("Cooperation"), found("???")] == [
        "culture-2",
        "network-new",
        "network-cooperation",
        "network",
    ]


def test_managers_of_the_region_found_networks_and_others_propose_them(region: Region) -> None:
    assert [may_found_network(user) for user in (region.olga, region.carla, region.alice, region.anna, None)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(NetworkForbidden):
        actions.found_network("Museums", kind="culture", by=region.alice, now=NOW, language="en")
    with pytest.raises(NetworkForbidden):
        actions.propose_network(
            "Museums", kind="culture", organisation_id=region.museum.pk, by=region.anna, now=NOW, language="en"
        )
    proposal = actions.propose_network(
        "Museums", kind="culture", organisation_id=region.museum.pk, by=region.alice, now=NOW, language="en"
    )
    assert "%(organisation)s proposes a network: %(network)s." in notices(region.carla)
    with pytest.raises(NetworkForbidden):
        actions.decide_proposal(proposal, accept=True, by=region.uta, now=NOW)
    network = actions.decide_proposal(proposal, accept=True, by=region.carla, now=NOW)
    assert network is not None
    assert network_role(region.alice, network.pk) == "coordinator"
    assert network_role(region.carla, network.pk) is None
    assert notices(region.alice)[-1] == "Your network was founded: %(network)s. You coordinate it."
    with pytest.raises(NetworkRefused):
        actions.decide_proposal(proposal, accept=False, by=region.olga, now=NOW)


def test_a_declined_proposal_founds_nothing(region: Region) -> None:
    proposal = actions.propose_network(
        "Museums", kind="culture", organisation_id=region.museum.pk, by=region.alice, now=NOW, language="en"
    )
    assert actions.decide_proposal(proposal, accept=False, by=region.carla, now=NOW, answer="There is one.") is None
    proposal = NetworkProposal.objects.get()
    assert (proposal.state, proposal.answer, Network.objects.count()) == ("declined", "There is one.", 1)


def test_an_invitation_is_answered_by_the_organisations_managers(region: Region) -> None:
    invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    assert (state_of(region, region.university), network_role(region.uta, region.network.pk)) == ("invited", None)
    assert notices(region.uta) == ["%(organisation)s is invited to join %(network)s."]
    with pytest.raises(NetworkForbidden):
        actions.answer_invitation(region.network, region.university.pk, accept=True, by=region.alice, now=NOW)
    actions.answer_invitation(region.network, region.university.pk, accept=True, by=region.uta, now=NOW)
    assert network_role(region.uta, region.network.pk) == "member"
    with pytest.raises(NetworkRefused):
        actions.answer_invitation(region.network, region.university.pk, accept=False, by=region.uta, now=NOW)


def test_an_invitation_is_undone_and_a_second_press_changes_nothing(region: Region) -> None:
    for _ in range(2):
        invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    assert actions.withdraw_invitation(region.network, region.university.pk, by=region.carla, now=NOW)
    assert not actions.withdraw_invitation(region.network, region.university.pk, by=region.carla, now=NOW)
    assert not actions.withdraw_invitation(region.network, region.museum.pk, by=region.carla, now=NOW)
    assert state_of(region, region.museum) == "member"


def test_who_asks_is_decided_about_by_the_coordinator(region: Region) -> None:
    actions.ask_to_join(region.network, region.university.pk, by=region.uta, now=NOW)
    assert state_of(region, region.university) == "asked"
    assert "%(organisation)s asks to join %(network)s." in notices(region.carla)
    for nobody in (region.alice, region.anna, region.uta):
        with pytest.raises(NetworkForbidden):
            actions.decide_request(region.network, region.university.pk, accept=True, by=nobody, now=NOW)
    actions.decide_request(region.network, region.university.pk, accept=False, by=region.carla, now=NOW)
    assert state_of(region, region.university) == "left"
    actions.ask_to_join(region.network, region.university.pk, by=region.uta, now=NOW)
    invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    assert state_of(region, region.university) == "member", "both want it"


def test_a_network_without_a_public_page_is_joined_by_invitation_alone(region: Region) -> None:
    actions.edit_network(region.network, {"is_public": False}, by=region.carla, now=NOW)
    with pytest.raises(NetworkForbidden):
        actions.ask_to_join(region.network, region.university.pk, by=region.uta, now=NOW)


def test_an_organisation_leaves_and_its_people_lose_their_roles(region: Region) -> None:
    actions.set_person(region.network, region.anna.pk, "editor", by=region.carla, now=NOW)
    with pytest.raises(NetworkForbidden):
        actions.leave_network(region.network, region.museum.pk, by=region.anna, now=NOW)
    actions.leave_network(region.network, region.museum.pk, by=region.alice, now=NOW)
    assert [network_role(user, region.network.pk) for user in (region.alice, region.anna)] == [None, None]


def test_the_last_coordinator_stays_until_there_is_another(region: Region) -> None:
    with pytest.raises(NetworkRefused):
        actions.remove_person(region.network, region.carla.pk, by=region.carla, now=NOW)
    with pytest.raises(NetworkRefused):
        actions.set_person(region.network, region.carla.pk, "editor", by=region.carla, now=NOW)
    with pytest.raises(NetworkRefused):
        actions.leave_network(region.network, region.dmo.pk, by=region.carla, now=NOW)
    actions.set_person(region.network, region.alice.pk, "coordinator", by=region.carla, now=NOW)
    assert actions.remove_person(region.network, region.carla.pk, by=region.carla, now=NOW)
    assert notices(region.alice)[-1] == "You coordinate %(network)s now."
    assert network_role(region.carla, region.network.pk) == "member", "her organisation is still in"


def test_only_people_of_members_take_a_role(region: Region) -> None:
    with pytest.raises(NetworkRefused):
        actions.set_person(region.network, region.uta.pk, "editor", by=region.carla, now=NOW)
    for nobody in (region.alice, region.uta):
        with pytest.raises(NetworkForbidden):
            actions.set_person(region.network, region.anna.pk, "editor", by=nobody, now=NOW)
    assert {person.name: person.role for person in people_of(region.network.pk)} == {
        "Carla": "coordinator", "Alice": "member", "Anna": "member",
    }  # fmt: skip


def test_guests_from_elsewhere_are_known_by_name(region: Region) -> None:
    guest = actions.add_guest(region.network, " Kunsthalle  Bern ", "https://example.org/", by=region.carla, now=NOW)
    assert guest.name == "Kunsthalle Bern"
    with pytest.raises(NetworkForbidden):
        actions.remove_guest(region.network, guest.pk, by=region.alice, now=NOW)
    assert actions.remove_guest(region.network, guest.pk, by=region.carla, now=NOW)


def test_nothing_changes_in_a_network_that_has_ended(region: Region) -> None:
    with pytest.raises(NetworkForbidden):
        actions.end_network(region.network, by=region.alice, now=NOW)
    actions.end_network(region.network, by=region.carla, now=NOW)
    with pytest.raises(NetworkRefused):
        invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    with pytest.raises(NetworkForbidden):
        actions.reopen_network(region.network, by=region.alice, now=NOW)
    actions.reopen_network(region.network, by=region.carla, now=NOW)
    invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    assert NetworkPerson.objects.filter(network=region.network).count() == 1
