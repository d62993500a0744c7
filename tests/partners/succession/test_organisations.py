"""Organisations merge, get new names and split: everything follows, nothing is lost, and a merge can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from allmende.catalogue.models import Place, Source
from allmende.core.models import AuditEntry, Notice, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.models import (
    ApiKey,
    Membership,
    Network,
    NetworkOrganisation,
    Organisation,
    OrganisationChange,
    Room,
)
from allmende.partners.profiles.actions import ProfileRefused, save_profile
from allmende.partners.succession import queries
from allmende.partners.succession.actions import (
    ChangeForbidden,
    ChangeRefused,
    apply_due,
    may_take_back,
    plan_merge,
    plan_renaming,
    plan_split,
    take_back,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
TODAY, NEW_YEAR = NOW.date(), date(2027, 1, 1)


@pytest.fixture
def old() -> Organisation:
    return found_organisation("Musée de Nîmes", kind="museum", by=None, now=NOW)


@pytest.fixture
def new() -> Organisation:
    return found_organisation("Musées du Gard", kind="museum", by=None, now=NOW)


def person(name: str, **roles: Organisation) -> User:
    user = User.objects.create_user(f"{name}@example.org")
    for role, organisation in roles.items():
        join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def place(owner: Organisation, name: str) -> Place:
    return Place.objects.create(
        organisation=owner, slug=name, sort_name=name, language="fr", category="museum", created_at=NOW, updated_at=NOW
    )


def merge(old: Organisation, new: Organisation, on: date = TODAY) -> OrganisationChange:
    return plan_merge(old, new, on, by=None, now=NOW, trusted=True)


def test_in_a_merge_records_people_networks_rooms_and_sources_follow(old: Organisation, new: Organisation) -> None:
    user = person("anna", manager=old)
    one = place(old, "salle")
    Room.objects.create(organisation=old, name="Salle", seats=80)
    Source.objects.create(slug="s", title="S", organisation=old, created_at=NOW)
    make_key(old, "export", may_write=False, by=user, now=NOW)
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation=old, since=NOW)
    change = merge(old, new)
    assert change.state == "done"
    one.refresh_from_db()
    assert one.organisation_id == new.pk
    for table in (Room, Source, ApiKey, NetworkOrganisation, Membership):
        assert list(table.objects.values_list("organisation_id", flat=True)) == [new.pk], table  # type: ignore[attr-defined]
    old.refresh_from_db()
    assert (old.ended_on, old.successor_id) == (TODAY, new.pk)
    assert Notice.objects.get(user=user).kind == "partners.succession"


def test_what_both_have_stays_behind_and_the_higher_role_wins(old: Organisation, new: Organisation) -> None:
    user = person("anna", manager=old, member=new)
    network = Network.objects.create(name="Culture", slug="culture", created_at=NOW, updated_at=NOW)
    for organisation, state in ((old, "member"), (new, "asked")):
        NetworkOrganisation.objects.create(network=network, organisation=organisation, state=state, since=NOW)
    change = merge(old, new)
    assert Membership.objects.get(user=user, organisation=new).role == "manager"
    assert NetworkOrganisation.objects.get(organisation=new).state == "member"
    take_back(change, by=None, now=NOW, trusted=True)
    assert Membership.objects.get(user=user, organisation=new).role == "member"
    assert Membership.objects.get(user=user, organisation=old).role == "manager"
    assert NetworkOrganisation.objects.get(organisation=new).state == "asked"


def test_a_merge_in_the_future_happens_on_its_day_and_not_before(old: Organisation, new: Organisation) -> None:
    one = place(old, "salle")
    change = merge(old, new, NEW_YEAR)
    assert change.state == "planned"
    assert apply_due(now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == 0
    later = place(old, "later")
    assert apply_due(now=datetime(2027, 1, 1, 0, 1, tzinfo=UTC)) == 1
    assert apply_due(now=datetime(2027, 1, 1, 0, 2, tzinfo=UTC)) == 0
    for record in (one, later):
        record.refresh_from_db()
        assert record.organisation_id == new.pk
    old.refresh_from_db()
    assert old.ended_on == NEW_YEAR


def test_feeds_that_write_the_old_name_mean_the_new_organisation(old: Organisation, new: Organisation) -> None:
    merge(old, new)
    assert found_organisation("Musée de Nîmes", by=None, now=NOW).pk == new.pk
    plan_renaming(new, "Musées d’ici", TODAY, by=None, now=NOW, trusted=True)
    assert found_organisation("Musées du Gard", by=None, now=NOW).pk == new.pk
    assert found_organisation("musee de nimes", by=None, now=NOW).pk == new.pk
    assert Organisation.objects.count() == 2


def test_a_merge_is_taken_back_whole(old: Organisation, new: Organisation) -> None:
    user, one = person("anna", editor=old), place(old, "salle")
    change = merge(old, new)
    take_back(change, by=None, now=NOW + timedelta(hours=1), trusted=True)
    one.refresh_from_db()
    old.refresh_from_db()
    assert (one.organisation_id, old.ended_on, old.successor_id) == (old.pk, None, None)
    assert Membership.objects.get(user=user).organisation_id == old.pk
    assert OrganisationChange.objects.get().state == "undone"
    assert AuditEntry.objects.filter(action="partners.take_back").count() == 1


def test_after_a_change_a_merge_stands(old: Organisation, new: Organisation) -> None:
    one = place(old, "salle")
    change = merge(old, new)
    assert may_take_back(change)
    Place.objects.filter(pk=one.pk).update(updated_at=NOW + timedelta(minutes=5))
    assert not may_take_back(change)
    with pytest.raises(ChangeRefused, match="changed since"):
        take_back(change, by=None, now=NOW, trusted=True)
    Place.objects.filter(pk=one.pk).update(updated_at=NOW)
    assert may_take_back(change)
    save_profile(new.pk, {"size": "1-9"}, by=None, now=NOW + timedelta(minutes=6), trusted=True)
    assert not may_take_back(OrganisationChange.objects.get())


def test_what_is_part_of_another_is_edited_no_more(old: Organisation, new: Organisation) -> None:
    merge(old, new)
    with pytest.raises(ProfileRefused):
        save_profile(old.pk, {"size": "1-9"}, by=None, now=NOW, trusted=True)
    for nonsense in ((old, new), (new, old), (new, new)):
        first, second = Organisation.objects.get(pk=nonsense[0].pk), Organisation.objects.get(pk=nonsense[1].pk)
        with pytest.raises(ChangeRefused):
            merge(first, second)


def test_the_second_of_two_merges_that_cross_fails_visibly(old: Organisation, new: Organisation) -> None:
    merge(old, new, NEW_YEAR)
    merge(new, old, NEW_YEAR)
    assert apply_due(now=datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert sorted(OrganisationChange.objects.values_list("state", flat=True)) == ["done", "failed"]
    assert OrganisationChange.objects.get(state="failed").note


def test_who_may_merge(old: Organisation, new: Organisation) -> None:
    region = found_organisation("Occitanie", kind="region", by=None, now=NOW)
    dmo = found_organisation("Tourisme", kind="dmo", by=None, now=NOW)
    refused = {
        "of_one": person("one", manager=old),
        "editor_of_both": person("two", editor=old),
        "dmo": person("three", manager=dmo),
        "region_editor": person("four", editor=region),
        "stranger": person("five"),
    }
    join_organisation(refused["editor_of_both"], new, "manager", by=None, now=NOW)
    for user in refused.values():
        with pytest.raises(ChangeForbidden):
            plan_merge(old, new, NEW_YEAR, by=user, now=NOW)
    both = person("six", manager=old)
    join_organisation(both, new, "manager", by=None, now=NOW)
    for user in (both, person("seven", manager=region), User.objects.create_user("op@example.org", is_operator=True)):
        change = plan_merge(old, new, NEW_YEAR, by=user, now=NOW)
        take_back(change, by=user, now=NOW)
    with pytest.raises(ChangeForbidden):
        take_back(merge(old, new, NEW_YEAR), by=refused["stranger"], now=NOW)


def test_who_merged_may_take_it_back_although_nobody_manages_the_old_one(old: Organisation, new: Organisation) -> None:
    both = person("anna", manager=old)
    join_organisation(both, new, "manager", by=None, now=NOW)
    change = plan_merge(old, new, TODAY, by=both, now=NOW)
    take_back(change, by=both, now=NOW)
    assert Membership.objects.filter(user=both).count() == 2


def test_a_new_name_keeps_the_number_and_refuses_one_that_is_taken(old: Organisation, new: Organisation) -> None:
    with pytest.raises(ChangeRefused, match="merge"):
        plan_renaming(old, "musees du GARD", TODAY, by=None, now=NOW, trusted=True)
    for empty in ("", "  ", "!!"):
        with pytest.raises(ChangeRefused):
            plan_renaming(old, empty, TODAY, by=None, now=NOW, trusted=True)
    plan_renaming(old, "Musée  de la Romanité", TODAY, by=None, now=NOW, trusted=True)
    renamed = Organisation.objects.get(pk=old.pk)
    assert (renamed.name, renamed.slug) == ("Musée de la Romanité", "musee-de-la-romanite")
    (line,) = queries.history_of(old.pk, only_done=True)
    assert queries.in_words(line) == "Called “Musée de la Romanité”, before “Musée de Nîmes”"


def test_a_part_splits_off_with_the_same_managers_and_no_power_of_its_own(new: Organisation) -> None:
    region = found_organisation("Occitanie", kind="region", by=None, now=NOW)
    anna, bo = person("anna", manager=region), person("bo", editor=region)
    change = plan_split(region, "Agence", TODAY, by=anna, now=NOW)
    fresh = Organisation.objects.get(name="Agence")
    assert (change.other_id, fresh.kind) == (fresh.pk, "other")
    assert list(Membership.objects.filter(organisation=fresh).values_list("user_id", "role")) == [(anna.pk, "manager")]
    assert not Membership.objects.filter(organisation=fresh, user=bo).exists()
    assert [line.new_name for line in queries.history_of(fresh.pk)] == ["Agence"]


def test_managers_of_a_museum_do_not_come_to_decide_for_the_region(old: Organisation) -> None:
    region = found_organisation("Occitanie", kind="region", by=None, now=NOW)
    anna, bo = person("anna", manager=old), person("bo", manager=old, member=region)
    change = merge(old, region)
    roles = dict(Membership.objects.filter(organisation=region).values_list("user_id", "role"))
    assert roles == {anna.pk: "editor", bo.pk: "editor"}
    take_back(change, by=None, now=NOW, trusted=True)
    assert Membership.objects.get(user=anna).role == "manager"
    assert Membership.objects.get(user=bo, organisation=region).role == "member"


def test_a_day_far_away_is_refused(old: Organisation, new: Organisation) -> None:
    for on in (date(1700, 1, 1), date(2099, 1, 1)):
        with pytest.raises(ChangeRefused):
            merge(old, new, on)


def test_what_would_follow_is_counted_before(old: Organisation, new: Organisation) -> None:
    person("anna", manager=old)
    place(old, "a")
    place(old, "b")
    assert dict(queries.what_follows(old.pk)) == {"partners.membership": 1, "catalogue.place": 2}
    assert dict(queries.what_follows(new.pk)) == {}


def test_a_chain_of_merges_leads_to_the_last(old: Organisation, new: Organisation) -> None:
    last = found_organisation("Culture du Gard", by=None, now=NOW)
    merge(old, new)
    merge(Organisation.objects.get(pk=new.pk), last)
    heir = queries.heir_of(old.pk)
    assert heir is not None
    assert heir.pk == last.pk
    assert Organisation.objects.get(pk=old.pk).heir().pk == last.pk
