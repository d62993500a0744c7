"""The personal data in networks, in contacts of organisations and in what became of organisations."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_noop

from allmende.core.models import User
from allmende.core.personal import CONSENT, CONTRACT, INTEREST, Holding, Row, moment, nothing_to_erase, offer_holding
from allmende.core.text import original_text
from allmende.partners.models import (
    NetworkDate,
    NetworkFeed,
    NetworkFileVersion,
    NetworkNews,
    NetworkProposal,
    OrganisationChange,
    TerritoryChange,
    TopicContact,
    WorkingGroup,
    WorkingGroupPerson,
)


def _groups(user: User) -> list[Row]:
    mine = WorkingGroupPerson.objects.filter(user=user).select_related("group__network")
    led = WorkingGroup.objects.filter(lead=user).select_related("network")
    return [
        *(
            {"group": one.group.name, "network": one.group.network.name, "leads": False, "since": moment(one.since)}
            for one in mine
        ),
        *({"group": one.name, "network": one.network.name, "leads": True, "since": None} for one in led),
    ]


def _leave_groups(user: User, now: datetime) -> int:
    led = WorkingGroup.objects.filter(lead=user).update(lead=None)
    return led + WorkingGroupPerson.objects.filter(user=user).delete()[0]


def _feeds(user: User) -> list[Row]:
    feeds = NetworkFeed.objects.filter(user=user).select_related("network")
    return [{"network": one.network.name, "created": moment(one.created_at)} for one in feeds]


def _contributions(user: User) -> list[Row]:
    def row(what: str, title: str, network: str, at: datetime | None) -> Row:
        return {"what": what, "title": title, "network": network, "at": moment(at)}

    news = NetworkNews.objects.filter(author=user).select_related("network")
    dates = NetworkDate.objects.filter(created_by=user).select_related("network")
    files = NetworkFileVersion.objects.filter(uploaded_by=user).select_related("file__network")
    proposals = NetworkProposal.objects.filter(Q(proposed_by=user) | Q(decided_by=user))
    return [
        *(row("news", original_text(one.title), one.network.name, one.posted_at) for one in news),
        *(row("date", one.title, one.network.name, one.updated_at) for one in dates),
        *(row("file", one.file.title, one.file.network.name, one.uploaded_at) for one in files),
        *(row("proposal", one.name, "", one.proposed_at) for one in proposals),
    ]


def _changes(user: User) -> list[Row]:
    organisations = OrganisationChange.objects.filter(by=user)
    territories = TerritoryChange.objects.filter(by=user).select_related("territory")
    return [
        *({"what": one.kind, "of": one.old_name, "at": moment(one.decided_at)} for one in organisations),
        *({"what": "merged", "of": one.territory.name, "at": moment(one.decided_at)} for one in territories),
    ]


def _contacts(user: User) -> list[Row]:
    lines = TopicContact.objects.filter(email__iexact=user.email).select_related("organisation")
    return [
        {
            "organisation": one.organisation.name,
            "name": one.name,
            "email": one.email,
            "phone": one.phone,
            "consent": one.has_consent,
        }
        for one in lines
    ]


def offer() -> None:
    """Offer them."""
    colleagues = gettext_noop("Colleagues in the same organisations and networks")
    for holding in (
        Holding(
            "groups",
            gettext_noop("Working groups"),
            gettext_noop("To know who takes part, and in which role"),
            CONTRACT,
            gettext_noop("As long as the person belongs there"),
            _groups,
            _leave_groups,
            recipients=colleagues,
        ),
        Holding(
            "network_calendars",
            gettext_noop("Calendar addresses of networks"),
            gettext_noop("So that a calendar program may read a network’s dates"),
            CONTRACT,
            gettext_noop("Until they are ended"),
            _feeds,
            lambda user, now: NetworkFeed.objects.filter(user=user).delete()[0],
        ),
        Holding(
            "contributions",
            gettext_noop("What I gave to networks"),
            gettext_noop("So that everybody knows who wrote, entered or uploaded what"),
            INTEREST,
            gettext_noop("As long as the network keeps it; after an erasure without a name"),
            _contributions,
            nothing_to_erase,
            is_kept=True,
            recipients=colleagues,
        ),
        Holding(
            "contacts",
            gettext_noop("Contact in a profile"),
            gettext_noop("So that others know whom to ask"),
            CONSENT,
            gettext_noop("Until the organisation or the person takes it out"),
            _contacts,
            lambda user, now: TopicContact.objects.filter(email__iexact=user.email).delete()[0],
            recipients=gettext_noop("Everybody, or signed-in partners only, as the line says"),
        ),
        Holding(
            "organisation_changes",
            gettext_noop("Decisions about organisations and municipalities"),
            gettext_noop("So that it can be seen who changed what, and mistakes can be put right"),
            INTEREST,
            gettext_noop("For good; after an erasure without a name"),
            _changes,
            nothing_to_erase,
            is_kept=True,
        ),
    ):
        offer_holding(holding)
