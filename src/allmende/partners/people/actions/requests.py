"""Joining by request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from allmende.core.audit import record
from allmende.core.models import User
from allmende.core.notices import tell
from allmende.partners.actions import join_organisation
from allmende.partners.models import JoinRequest, Membership, Organisation
from allmende.partners.people.actions.invitations import invite_person
from allmende.partners.people.errors import PeopleRefused, check_manages, clean_email, clean_word
from allmende.partners.people.letters import is_pestered, name_of, send_confirmation, send_refusal
from allmende.partners.people.tokens import digest_of, new_token

CONFIRM_WITHIN: Final = timedelta(days=14)


def ask_to_join(organisation: Organisation, message: str, *, language: str, by: User, now: datetime) -> JoinRequest:
    """Ask, with an account, to be let in; the managers are told."""
    if Membership.objects.filter(organisation=organisation, user=by).exists():
        raise PeopleRefused(gettext("You are a member of this organisation already."))
    with transaction.atomic():
        request, _ = JoinRequest.objects.get_or_create(
            organisation=organisation,
            email=by.email,
            state=JoinRequest.State.WAITING,
            defaults={
                "user": by,
                "name": by.name,
                "message": clean_word(message),
                "language": language,
                "created_at": now,
            },
        )
        _tell_managers(request, by=by, now=now)
    return request


def ask_without_account(
    organisation: Organisation, email: str, name: str, message: str, *, language: str, now: datetime
) -> None:
    """Take a request from somebody who is not signed in: nobody hears of it before its address is confirmed.

    What it answers is the same whether the address has an account or not.
    """
    email = clean_email(email)
    name = " ".join(name.split())[:150]
    if not name:
        raise PeopleRefused(gettext("Please say your name, so that the managers know who asks."))
    if is_pestered(email, now=now):
        return  # the answer is the same: it tells nothing about others' letters
    token, digest = new_token()
    request = JoinRequest.objects.create(
        organisation=organisation,
        email=email,
        name=name,
        message=clean_word(message),
        language=language,
        digest=digest,
        state=JoinRequest.State.UNCONFIRMED,
        created_at=now,
    )
    send_confirmation(request, token)


def confirm_request(token: str, *, now: datetime) -> JoinRequest | None:
    """The address is theirs: the managers are told.  None for a link that is unknown, used or too old."""
    with transaction.atomic():
        request = (
            JoinRequest.objects.select_for_update()
            .filter(digest=digest_of(token), state=JoinRequest.State.UNCONFIRMED, created_at__gt=now - CONFIRM_WITHIN)
            .first()
        )
        if request is None:
            return None
        same = JoinRequest.objects.filter(
            organisation_id=request.organisation_id, email__iexact=request.email, state=JoinRequest.State.WAITING
        ).first()
        if same is not None:
            request.delete()
            return same
        request.state, request.digest = JoinRequest.State.WAITING, ""
        request.user = User.objects.filter(email__iexact=request.email, is_active=True).first()
        request.save()
        _tell_managers(request, by=request.user, now=now)
    return request


def _tell_managers(request: JoinRequest, *, by: User | None, now: datetime) -> None:
    managers = Membership.objects.filter(
        organisation_id=request.organisation_id, role=Membership.Role.MANAGER, user__is_active=True
    )
    people = list(managers.values_list("user_id", flat=True))
    if not people:
        people = list(User.objects.filter(is_operator=True, is_active=True).values_list("pk", flat=True))
    tell(
        people,
        "partners.join_request",
        gettext_noop("%(who)s asks to join %(organisation)s."),
        subject=("organisation", request.organisation_id),
        path=f"/workspace/organisations/{request.organisation_id}/people/",
        facts={"who": request.name or request.email, "organisation": request.organisation.name},
        by=by,
        now=now,
    )
    record("partners.ask_to_join", ("organisation", request.organisation_id), by=by, now=now, request=request.pk)


def decide_request(request: JoinRequest, *, role: str, word: str = "", by: User, now: datetime) -> JoinRequest:
    """Let somebody in with ``role``, or (``role=""``) decline; whoever asked is told.

    Somebody without an account gets an invitation, with which they make one.
    """
    check_manages(by, request.organisation_id)
    if role and role not in Membership.Role.values:
        raise PeopleRefused(gettext("Please choose a role."))
    state = JoinRequest.State.ACCEPTED if role else JoinRequest.State.DECLINED
    word = clean_word(word)
    with transaction.atomic():
        decided = JoinRequest.objects.filter(pk=request.pk, state=JoinRequest.State.WAITING).update(
            state=state, decided_at=now, decided_by=by, word=word
        )
        if not decided:
            raise PeopleRefused(gettext("Somebody has answered this request already."))
        request.refresh_from_db()
        details = {"request": request.pk, "state": str(state)}
        record("partners.decide_request", ("organisation", request.organisation_id), by=by, now=now, **details)
        if request.user is not None:
            _let_in_or_tell(request, request.user, role, by, now)
    if request.user is None:
        if role:
            invite_person(
                request.organisation, request.email, role, message=word, language=request.language, by=by, now=now
            )
        else:
            send_refusal(request)
    return request


def _let_in_or_tell(request: JoinRequest, user: User, role: str, by: User, now: datetime) -> None:
    is_in = Membership.objects.filter(organisation_id=request.organisation_id, user=user).exists()
    if role and not is_in:
        join_organisation(user, request.organisation, role, by=by, now=now)
    yes = gettext_noop("%(by)s let you into %(organisation)s.")
    no = gettext_noop("%(organisation)s declined your request to join. %(word)s")
    tell(
        [user],
        "partners.join_answer",
        yes if role else no,
        subject=("organisation", request.organisation_id),
        path="/workspace/people/",
        facts={"by": name_of(by), "organisation": request.organisation.name, "word": request.word},
        by=by,
        now=now,
    )
