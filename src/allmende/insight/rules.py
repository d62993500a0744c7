"""Who may see and change measured places.  Anything not allowed here is refused.

The owner's people see everything of their sites.  What is shared in an insight space is seen by the people of that network;
what is public by everyone.  Editors of the owner change; coordinators of the space may not change what is not theirs.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from allmende.insight.models import Delivery, Intervention, Site, Use
from allmende.partners.models import Network, NetworkOrganisation
from allmende.partners.rules import (
    Someone,
    is_operator,
    is_signed_in,
    may_coordinate_network,
    may_manage,
    organisation_ids,
    organisations_to_edit,
    seats_of,
)


def spaces_of(user: Someone) -> QuerySet[Network]:
    """The insight spaces that ``user`` may look into."""
    spaces = Network.objects.filter(kind=Network.Kind.INSIGHT, ended_at__isnull=True)
    if is_operator(user):
        return spaces
    if not is_signed_in(user):
        return spaces.none()
    through = NetworkOrganisation.objects.filter(
        organisation__in=organisation_ids(user), state=NetworkOrganisation.State.MEMBER
    )
    # The same as asking ``network_role`` of each, in one question.
    return spaces.filter(Q(pk__in=list(seats_of(user).networks)) | Q(pk__in=through.order_by().values("network")))


def visible_sites(user: Someone) -> QuerySet[Site]:
    """The sites whose figures ``user`` sees."""
    public = Q(sharing=Site.Sharing.PUBLIC)
    if is_operator(user):
        return Site.objects.all()
    if not is_signed_in(user):
        return Site.objects.filter(public)
    own = organisation_ids(user)
    shared = Q(sharing=Site.Sharing.NETWORK, network__in=spaces_of(user))
    return Site.objects.filter(public | Q(organisation__in=own) | shared)


def may_edit_for(user: Someone, organisation_id: int) -> bool:
    """Whether ``user`` may keep sites, deliveries, interventions and figures of this organisation."""
    mine = organisations_to_edit(user)
    return mine is None or organisation_id in mine


def may_edit_site(user: Someone, site: Site) -> bool:
    """Whether ``user`` may change ``site``, its capacity, and what is shown of it."""
    return may_edit_for(user, site.organisation_id)


def visible_deliveries(user: Someone) -> QuerySet[Delivery]:
    """The deliveries that ``user`` sees: those to the organisations whose editor they are."""
    mine = organisations_to_edit(user)
    return Delivery.objects.all() if mine is None else Delivery.objects.filter(organisation__in=mine)


def visible_interventions(user: Someone) -> QuerySet[Intervention]:
    """The interventions that ``user`` sees: their own organisations', those of their spaces once they are locked, the
    public ones."""
    if is_operator(user):
        return Intervention.objects.all()
    own = organisation_ids(user)
    public = Q(is_public=True)
    if not is_signed_in(user):
        return Intervention.objects.filter(public)
    shared = Q(network__in=spaces_of(user), locked_at__isnull=False)
    return Intervention.objects.filter(public | Q(organisation__in=own) | shared)


def may_define_for(user: Someone, network_id: int) -> bool:
    """Whether ``user`` may define indicators for the members of this network."""
    return may_coordinate_network(user, network_id)


def visible_figures(user: Someone) -> Q:
    """Which figures of indicators ``user`` sees with their name: those of their own organisations, and shared ones.

    All others are seen by nobody else, and stand in anonymous groups only.
    """
    if is_operator(user):
        return Q()
    return Q(is_shared=True) | Q(entered_for__in=organisation_ids(user))


def public_figures(organisation_id: int) -> Q:
    """Which figures stand on an organisation's page for everybody, once it has one: those that it answers for and shares."""
    return Q(is_shared=True, entered_for=organisation_id)


def may_publish_figures(user: Someone, organisation_id: int) -> bool:
    """Whether ``user`` may show an organisation's shared figures to everybody: its managers."""
    return may_manage(user, organisation_id)


def visible_releases(user: Someone) -> Q:
    """Which published cells and flows ``user`` sees: their organisations' and those of their spaces."""
    if is_operator(user):
        return Q()
    return Q(organisation__in=organisation_ids(user)) | Q(network__in=spaces_of(user))


def may_edit_intervention(user: Someone, intervention: Intervention) -> bool:
    """Whether ``user`` may write down, lock, cancel and evaluate ``intervention``."""
    return may_edit_for(user, intervention.organisation_id)


def may_publish_evaluation(user: Someone, intervention: Intervention) -> bool:
    """Whether ``user`` may show a result to everyone: managers of the owner."""
    return may_manage(user, intervention.organisation_id)


def visible_conditions(user: Someone) -> Q:
    """Which stations and holidays ``user`` sees as such: their organisations', those of their spaces, those for everyone."""
    if is_operator(user):
        return Q()
    everyone = Q(use=Use.EVERYONE)
    if not is_signed_in(user):
        return everyone
    return everyone | Q(organisation__in=organisation_ids(user)) | Q(use=Use.NETWORK, network__in=spaces_of(user))


def conditions_for(site: Site) -> Q:
    """Which stations and holidays count for a site: its owner's, those of its space, those for everyone."""
    shared = Q(use=Use.NETWORK, network=site.network_id) if site.network_id else Q(pk__in=())
    return Q(organisation=site.organisation_id) | shared | Q(use=Use.EVERYONE)
