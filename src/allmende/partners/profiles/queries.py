"""Reads of the profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import translation

from allmende.core.prepared import prepared
from allmende.core.text import pick
from allmende.partners.models import (
    Certification,
    LentEquipment,
    NetworkOrganisation,
    Organisation,
    Profile,
    Room,
    Territory,
    TopicContact,
)
from allmende.partners.profiles.completeness import anchor_of, completeness_of, sentence
from allmende.partners.profiles.values import (
    KEYS,
    OWN,
    PLAIN,
    ROWS,
    TEXTS,
    WORDS,
    Completeness,
    ContactShown,
    EditableProfile,
    Labelled,
    NextStep,
    PublicProfile,
)
from allmende.partners.rules import Someone, may_edit_for, organisations_to_edit
from allmende.partners.vocabulary import label, terms

ON_A_PAGE: Final = 50
IN_PROFILE: Final = (*(name for name in TEXTS if name not in OWN), *KEYS, *WORDS, *PLAIN)
"""Columns that stand in the profile, not in the organisation."""
_EMPTY: Final = Profile()


def _values(organisation: Organisation, profile: Profile | None, rows: Mapping[str, list[Any]]) -> dict[str, Any]:
    found = {name: getattr(organisation, name) for name in OWN}
    found |= {name: getattr(profile or _EMPTY, name) for name in IN_PROFILE}
    return found | dict(rows)


def _profile_of(organisation: Organisation) -> Profile | None:
    return getattr(organisation, "profile", None)


def profile_to_edit(user: Someone, organisation_id: int) -> EditableProfile | None:
    """An organisation with all that ``user`` may edit of it; None where they may not, or there is none."""
    if not may_edit_for(user, organisation_id):
        return None
    found = Organisation.objects.select_related("profile", "municipality").filter(pk=organisation_id)
    organisation = found.defer("municipality__outline").first()
    if organisation is None:
        return None
    rows = {
        name: list(table._default_manager.filter(organisation=organisation).values(*columns))
        for name, (table, columns) in ROWS.items()
    }
    profile = _profile_of(organisation)
    return EditableProfile(
        id=organisation.pk,
        slug=organisation.slug,
        name=organisation.name,
        kind=organisation.kind,
        kind_label=str(organisation.get_kind_display()),
        values=_values(organisation, profile, rows),
        municipality=organisation.municipality.name if organisation.municipality else "",
        revision=profile.revision if profile else 0,
        updated_at=organisation.updated_at,
        is_demo=bool(profile and profile.is_demo),
        ended_on=organisation.ended_on,
    )


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """An organisation in the list of those that one edits."""

    id: int
    slug: str
    name: str
    kind_label: str
    municipality: str
    completeness: Completeness
    next_sentence: str
    next_minutes: int
    next_anchor: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class ProfileList:
    """A page of them."""

    rows: Sequence[ProfileRow]
    total: int
    page: int
    pages: int


def profiles_to_edit(user: Someone, *, text: str = "", page: int = 1) -> ProfileList:
    """The organisations that ``user`` may edit, by name; a fixed number of queries."""
    allowed = organisations_to_edit(user)
    chosen = Organisation.objects.all() if allowed is None else Organisation.objects.filter(pk__in=allowed)
    for word in text.split()[:6]:
        chosen = chosen.filter(name__icontains=word)
    total = chosen.count()
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(1, page), pages)
    listed = chosen.select_related("profile", "municipality").defer("municipality__outline").order_by("name_key", "pk")
    organisations = list(listed[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    asked = set(
        TopicContact.objects.filter(organisation__in=[one.pk for one in organisations]).values_list(
            "organisation_id", flat=True
        )
    )
    rows = []
    for one in organisations:
        values = _values(one, _profile_of(one), {"contacts": [True] if one.pk in asked else []})
        complete = completeness_of(values)
        step = complete.next
        rows.append(
            ProfileRow(
                id=one.pk,
                slug=one.slug,
                name=one.name,
                kind_label=str(one.get_kind_display()),
                municipality=one.municipality.name if one.municipality else "",
                completeness=complete,
                next_sentence=sentence(step.key) if step else "",
                next_minutes=step.minutes if step else 0,
                next_anchor=anchor_of(step.key) if step else "",
                ended_on=one.ended_on,
            )
        )
    return ProfileList(rows, total, page, pages)


def completeness_by_id(organisation_id: int) -> Completeness | None:
    """How complete the profile of an organisation is."""
    organisation = Organisation.objects.select_related("profile").filter(pk=organisation_id).first()
    if organisation is None:
        return None
    has_contacts = TopicContact.objects.filter(organisation_id=organisation_id).exists()
    return completeness_of(
        _values(organisation, _profile_of(organisation), {"contacts": [True] if has_contacts else []})
    )


def next_step(organisation: int, language: str) -> NextStep | None:
    """What an organisation's people had best add to its profile now, in ``language``; None: it is complete (or not there).

    Two queries.  Who may see it is for the caller to ask (``rules.may_edit_for``).
    """
    complete = completeness_by_id(organisation)
    step = complete.next if complete else None
    if complete is None or step is None:
        return None
    with translation.override(language):
        words = sentence(step.key)
    path = f"/workspace/organisations/{organisation}/#{anchor_of(step.key)}"
    return NextStep(step.key, words, step.minutes, complete.share, path)


def next_steps(organisations: Sequence[int], language: str) -> list[tuple[int, str, NextStep]]:
    """(organisation, name, what to add next) of those of some organisations that lack something; two queries."""
    found = _with_profiles(organisations)
    asked = set(_asked(organisations))
    steps: list[tuple[int, str, NextStep]] = []
    with translation.override(language):
        for one in found:
            contacts = {"contacts": [True] if one.pk in asked else []}
            complete = completeness_of(_values(one, _profile_of(one), contacts))
            if step := complete.next:
                path = f"/workspace/organisations/{one.pk}/#{anchor_of(step.key)}"
                steps.append(
                    (one.pk, one.name, NextStep(step.key, sentence(step.key), step.minutes, complete.share, path))
                )
    return steps


@prepared
def _with_profiles(organisations: Sequence[int]) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=organisations, ended_on=None).select_related("profile").order_by("pk")


@prepared
def _asked(organisations: Sequence[int]) -> QuerySet[TopicContact, int]:
    lines = TopicContact.objects.filter(organisation__in=organisations).order_by()
    return lines.values_list("organisation_id", flat=True).distinct()


def certificates_that_run_out(user: Someone, *, first: date, last: date, limit: int) -> list[Certification]:
    """Certificates of the organisations that ``user`` edits for, that end between two days, the first to end first."""
    allowed = organisations_to_edit(user)
    return _certificates(allowed, first, last, limit=limit) if allowed != [] else []


@prepared
def _certificates(allowed: Sequence[int] | None, first: date, last: date, *, limit: int) -> QuerySet[Certification]:
    rows = Certification.objects.filter(valid_until__gte=first, valid_until__lte=last, organisation__ended_on=None)
    if allowed is not None:
        rows = rows.filter(organisation__in=allowed)
    return rows.select_related("organisation").order_by("valid_until", "pk")[:limit]


def _labelled(group: str, keys: Sequence[str], words: Sequence[str], language: str) -> list[Labelled]:
    order = {key: place for place, key in enumerate(terms(group))}
    known = sorted((key for key in keys if key in order), key=order.__getitem__)
    return [Labelled(key, label(group, key, language)) for key in known] + [Labelled("", word) for word in words]


def _may_be_shown(*, for_partners: bool) -> Q:
    """Persons only with their consent, some lines to signed-in partners only."""
    shown = Q(is_person=False) | Q(has_consent=True)
    return shown if for_partners else shown & Q(seen_by=TopicContact.Audience.PUBLIC)


def _contact(line: TopicContact, language: str) -> ContactShown:
    return ContactShown(
        topic=label("topics", line.topic, language),
        name=line.name,
        email=line.email,
        phone=line.phone,
        partners_only=line.seen_by == TopicContact.Audience.PARTNERS,
    )


def public_contacts(organisations: Sequence[int]) -> list[TopicContact]:
    """The contacts of some organisations that everybody may see; one query."""
    return list(TopicContact.objects.filter(_may_be_shown(for_partners=False), organisation__in=organisations))


def contacts_for_partners(organisations: Sequence[int], *, language: str) -> dict[int, list[ContactShown]]:
    """Whom to ask in each of some organisations, for signed-in partners; one query."""
    lines = TopicContact.objects.filter(_may_be_shown(for_partners=True), organisation__in=organisations)
    found: dict[int, list[ContactShown]] = {}
    for line in lines:
        found.setdefault(line.organisation_id, []).append(_contact(line, language))
    return found


def public_profile(
    organisation_id: int, *, language: str, today: date, for_partners: bool = False
) -> PublicProfile | None:
    """The profile of an organisation for everybody, or for signed-in partners; seven queries."""
    organisation = Organisation.objects.select_related("profile").filter(pk=organisation_id).first()
    if organisation is None:
        return None
    profile = _profile_of(organisation)
    values = _values(organisation, profile, {})
    lines = TopicContact.objects.filter(_may_be_shown(for_partners=for_partners), organisation_id=organisation_id)
    valid = Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    networks = NetworkOrganisation.objects.filter(
        organisation_id=organisation_id,
        state=NetworkOrganisation.State.MEMBER,
        network__is_public=True,
        network__ended_at__isnull=True,
    ).select_related("network")
    return PublicProfile(
        texts={name: pick(values[name], language) for name in TEXTS},
        audiences=_labelled("audiences", values["audiences"], (), language),
        services=_labelled("services", values["services"], values["service_words"], language),
        skills=_labelled("skills", values["skills"], values["skill_words"], language),
        schools=values["schools"],
        section=values["section"],
        section_label=label("sections", values["section"], language) if values["section"] else "",
        size=values["size"],
        takes_requests=values["takes_requests"],
        contacts=[_contact(line, language) for line in lines],
        certifications=list(Certification.objects.filter(valid, organisation_id=organisation_id)),
        rooms=list(Room.objects.filter(organisation_id=organisation_id)),
        equipment=list(LentEquipment.objects.filter(organisation_id=organisation_id)),
        networks=[
            (one.network.name, one.network.slug, str(one.network.get_kind_display()))
            for one in networks.order_by("network__name")
        ],
        is_demo=bool(profile and profile.is_demo),
        updated_at=organisation.updated_at,
    )


def municipality_named(text: str) -> tuple[int | None, list[str]]:
    """The municipality that a code or a name means; where several or none do, None and the names that are near."""
    wanted = text.strip()
    valid = Territory.objects.filter(level="municipality", valid_until__isnull=True).order_by("name")
    exact = list(valid.filter(Q(code=wanted) | Q(name__iexact=wanted)).values_list("pk", flat=True)[:2])
    if len(exact) == 1:
        return exact[0], []
    near = valid.filter(name__istartswith=wanted[:4]).values_list("name", "code")[:6]
    return None, [f"{name} ({code})" for name, code in near]
