"""Something of each kind that the program keeps about a person."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from allmende.catalogue.models import (
    Picture,
    PublicationPlan,
    RecordComment,
    Revision,
    Submission,
    TranslationOrder,
)
from allmende.core.models import (
    AddressChange,
    CalendarFeed,
    FormDraft,
    LetterChoice,
    NoticeChoice,
    NoticeMute,
    SignIn,
    User,
)
from allmende.insight.models import Site
from allmende.partners.models import (
    Network,
    NetworkDate,
    NetworkFeed,
    NetworkFile,
    NetworkFileVersion,
    NetworkNews,
    NetworkProposal,
    Organisation,
    OrganisationChange,
    TopicContact,
    WorkingGroup,
    WorkingGroupPerson,
)


def give_everything(user: User, network: Network, organisation: Organisation, *, now: datetime) -> None:
    """Give ``user`` a row in every table of accounts, networks, editorial work and pictures."""
    _account(user, now)
    _network(user, network, now)
    TopicContact.objects.create(organisation=organisation, topic="press", name=user.name, email=user.email.upper())
    OrganisationChange.objects.create(
        kind="renamed", organisation=organisation, effective_on=now.date(), old_name="M", old_key="m", by=user,
        decided_at=now,
    )  # fmt: skip
    Submission.objects.create(
        kind="event", item_id=1, by=user, claimed_by=user, claimed_at=now, submitted_at=now, updated_at=now
    )
    RecordComment.objects.create(kind="event", item_id=1, by=user, at=now, text="Which hall?")
    Revision.objects.create(kind="event", item_id=1, at=now, by=user, action="edit")
    PublicationPlan.objects.create(kind="event", item_id=1, publish_at=now, by=user)
    TranslationOrder.objects.create(kind="event", item_id=1, language="de", asked_by=user, asked_at=now)
    Site.objects.create(
        organisation=organisation, name="Beach", slug="beach", created_by=user, created_at=now, updated_at=now
    )
    Picture.objects.create(
        organisation=organisation, token="t", name="hall.jpg", width=1, height=1, uploaded_by=user, uploaded_at=now,
        updated_at=now,
    )  # fmt: skip


def _account(user: User, now: datetime) -> None:
    AddressChange.objects.create(user=user, email="anna@example.net", digest="a", asked_at=now, expires_at=now)
    SignIn.objects.create(user=user, session_key="k", device="Firefox|Windows", started_at=now, last_seen_at=now)
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "s3cret"})
    SocialAccount.objects.create(user=user, provider="region", uid=user.email)
    EmailAddress.objects.create(user=user, email=user.email)
    LetterChoice.objects.create(user=user)
    NoticeChoice.objects.create(user=user, kind="partners.task_done", how="off")
    NoticeMute.objects.create(user=user, within="network:7")
    CalendarFeed.objects.create(user=user, digest="d", created_at=now)
    FormDraft.objects.create(user=user, form="record/event/new", tab="a", number=1, typed={"name": ["X"]}, saved_at=now)


def _network(user: User, network: Network, now: datetime) -> None:
    group = WorkingGroup.objects.create(network=network, name="Posters", lead=user, created_at=now)
    WorkingGroupPerson.objects.create(group=group, user=user, since=now)
    NetworkFeed.objects.create(network=network, user=user, digest="n", created_at=now)
    NetworkNews.objects.create(network=network, author=user, posted_at=now, updated_at=now)
    NetworkDate.objects.create(network=network, title="Meeting", day=now.date(), created_by=user, updated_at=now)
    file = NetworkFile.objects.create(network=network, title="Minutes", created_at=now, updated_at=now)
    NetworkFileVersion.objects.create(
        file=file, number=1, name="m.pdf", folder="f", media_type="application/pdf", size=1, uploaded_by=user,
        uploaded_at=now,
    )  # fmt: skip
    NetworkProposal.objects.create(name="Trails", kind="topic", proposed_by=user, proposed_at=now)
