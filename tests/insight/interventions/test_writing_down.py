"""An intervention is written down in three steps, locked before it starts, and from then on nobody changes a word."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from allmende.core.models import AuditEntry, User
from allmende.insight.interventions.actions import (
    InterventionForbidden,
    InterventionRefused,
    amend_intervention,
    ask_for,
    begin_intervention,
    cancel_intervention,
    choose_sites,
    lock_intervention,
    missing_for_lock,
    publish_evaluation,
    say_expectation,
    say_what,
)
from allmende.insight.interventions.lock import is_late, is_whole
from allmende.insight.interventions.queries import (
    intervention_to_see,
    interventions_to_list,
    may_begin,
    public_intervention,
    public_interventions,
)
from allmende.insight.interventions.running import make_evaluation
from allmende.insight.interventions.values import Expectation, State, Where, state_of
from allmende.insight.models import Evaluation, Intervention, Site
from allmende.partners.models import Network, NetworkOrganisation
from tests.insight.interventions.coast import (
    EXPECTED,
    NOW,
    START,
    TODAY,
    Coast,
    draft,
    locked,
    make_coast,
    parts,
    person,
    what,
)

pytestmark = pytest.mark.django_db
BEFORE = START - timedelta(days=1)


@pytest.fixture
def coast(db: None) -> Coast:
    return make_coast(comparisons=6)


def whole(one: Intervention) -> bool:
    fresh = Intervention.objects.get(pk=one.pk)
    return is_whole(fresh, list(fresh.sites.select_related("site")))


def test_every_step_is_kept_and_written_into_the_trail(coast: Coast) -> None:
    begun = begin_intervention(what(coast, hours=(12, 11, 99), weekdays=tuple(range(7))), by=coast.editor, now=NOW)
    assert (begun.slug, begun.hours, begun.weekdays) == ("signs-to-the-south-beach", [11, 12], [])
    assert missing_for_lock(begun, []) == ["where", "expectation"]
    choose_sites(begun.pk, parts(coast), by=coast.editor, now=NOW)
    told = Expectation("Who sees it goes south.", "fewer", 15.0, Decimal("1200.00"))
    done = say_expectation(begun.pk, told, by=coast.editor, now=NOW)
    assert done.expected_percent == -15.0
    assert missing_for_lock(done, list(done.sites.all())) == []
    assert list(
        AuditEntry.objects.filter(subject_type="intervention").order_by("pk").values_list("action", flat=True)
    ) == [
        "insight.begin_intervention",
        "insight.write_intervention",
        "insight.write_intervention",
    ]


def test_two_of_the_same_name_have_two_addresses(coast: Coast) -> None:
    slugs = [begin_intervention(what(coast, title="Ny"), by=coast.editor, now=NOW).slug for _ in range(3)]
    assert slugs == ["ny", "ny-2", "ny-3"]
    assert begin_intervention(what(coast, title="New"), by=coast.editor, now=NOW).slug == "new-2"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"title": "  "}, "title"), ({"ends_on": BEFORE}, "ends_on"), ({"network_id": 12345}, "network")],
)
def test_what_cannot_be_is_refused_with_its_field(coast: Coast, more: dict[str, object], field: str) -> None:
    with pytest.raises(InterventionRefused) as refused:
        begin_intervention(what(coast, **more), by=coast.editor, now=NOW)
    assert refused.value.field == field
    assert not Intervention.objects.exists()


@pytest.mark.parametrize(("direction", "percent"), [("fewer", 0.0), ("fewer", 120.0), ("more", 900.0)])
def test_an_expectation_that_cannot_be_is_refused(coast: Coast, direction: str, percent: float) -> None:
    begun = begin_intervention(what(coast), by=coast.editor, now=NOW)
    with pytest.raises(InterventionRefused) as refused:
        say_expectation(begun.pk, Expectation("x", direction, percent), by=coast.editor, now=NOW)
    assert refused.value.field == "expected_percent"


def test_only_places_that_the_person_sees_take_part(coast: Coast) -> None:
    begun = begin_intervention(what(coast), by=coast.editor, now=NOW)
    Site.objects.filter(pk=coast.comparisons[0].pk).update(sharing="owner")
    with pytest.raises(InterventionRefused):
        choose_sites(begun.pk, parts(coast), by=coast.editor, now=NOW)
    with pytest.raises(InterventionRefused):
        choose_sites(begun.pk, [Where(coast.treated.pk, "treated")] * 2, by=coast.editor, now=NOW)


def test_the_lock_is_the_sha_256_of_its_words(coast: Coast) -> None:
    one = locked(coast)
    text = json.dumps(one.locked, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert one.lock == hashlib.sha256(text.encode()).hexdigest()
    assert one.locked["expected_percent"] == -15.0
    assert [(row["name"], row["part"]) for row in one.locked["sites"]][:2] == [
        ("Nordstrand", "treated"),
        ("Sydstrand", "neighbour"),
    ]
    assert not is_late(one)
    assert whole(one)


def test_after_locking_no_word_is_changed(coast: Coast) -> None:
    one = locked(coast)
    for change in (
        lambda: say_what(one.pk, what(coast, title="Better"), by=coast.editor, now=NOW),
        lambda: choose_sites(one.pk, parts(coast)[:1], by=coast.editor, now=NOW),
        lambda: say_expectation(one.pk, EXPECTED, by=coast.editor, now=NOW),
        lambda: lock_intervention(one.pk, today=BEFORE, by=coast.editor, now=NOW),
    ):
        with pytest.raises(InterventionRefused):
            change()  # type: ignore[no-untyped-call]
    assert whole(one)


@pytest.mark.parametrize(
    "tamper",
    [
        {"expected_percent": -25.0},
        {"hypothesis": "It was clear."},
        {"ends_on": date(2026, 12, 24)},
        {"locked_at": NOW - timedelta(days=300)},
        {"locked": {"expected_percent": -25.0}},
    ],
)
def test_a_change_behind_the_back_of_the_program_breaks_the_lock(coast: Coast, tamper: dict[str, object]) -> None:
    one = locked(coast)
    Intervention.objects.filter(pk=one.pk).update(**tamper)
    assert not whole(one)


def test_a_place_that_is_renamed_does_not_break_it_but_another_one_does(coast: Coast) -> None:
    one = locked(coast)
    Site.objects.filter(pk=coast.treated.pk).update(name="Nordre Strand")
    assert whole(one)
    one.sites.filter(site=coast.neighbour).update(part="comparison")
    assert not whole(one)


def test_what_is_not_complete_cannot_be_locked(coast: Coast) -> None:
    begun = begin_intervention(what(coast), by=coast.editor, now=NOW)
    with pytest.raises(InterventionRefused):
        lock_intervention(begun.pk, today=BEFORE, by=coast.editor, now=NOW)


def test_after_the_start_it_is_locked_only_on_purpose_and_says_so(coast: Coast) -> None:
    one = draft(coast)
    with pytest.raises(InterventionRefused) as refused:
        lock_intervention(one.pk, today=START, by=coast.editor, now=NOW)
    assert refused.value.field == "is_late"
    late = lock_intervention(one.pk, today=START, is_late_on_purpose=True, by=coast.editor, now=NOW)
    assert is_late(late)
    assert whole(late)


def test_a_place_that_begins_earlier_makes_it_late_earlier(coast: Coast) -> None:
    one = draft(coast)
    wheres = [Where(coast.treated.pk, "treated", BEFORE), *parts(coast)[1:]]
    choose_sites(one.pk, wheres, by=coast.editor, now=NOW)
    with pytest.raises(InterventionRefused):
        lock_intervention(one.pk, today=BEFORE, by=coast.editor, now=NOW)


def test_calling_off_keeps_everything(coast: Coast) -> None:
    one = locked(coast)
    cancel_intervention(one.pk, by=coast.editor, now=NOW)
    cancel_intervention(one.pk, by=coast.editor, now=NOW + timedelta(days=1))
    kept = Intervention.objects.get()
    assert (kept.cancelled_at, kept.lock) == (NOW, one.lock)
    assert state_of(kept, today=TODAY) == State.CANCELLED
    assert whole(one)


def test_an_amendment_is_a_new_draft_that_names_the_old_one(coast: Coast) -> None:
    one = locked(coast)
    new = amend_intervention(one.pk, by=coast.editor, now=NOW)
    assert (new.slug, new.amends, new.locked_at, new.lock) == ("signs-to-the-south-beach-2", one, None, "")
    assert new.sites.count() == one.sites.count()
    assert whole(one)
    again = lock_intervention(new.pk, today=BEFORE, by=coast.editor, now=NOW)
    assert again.locked["amends"] == "signs-to-the-south-beach"
    detail = intervention_to_see(coast.editor, one.slug, today=TODAY)
    assert detail is not None
    assert detail.amended_by == (("signs-to-the-south-beach-2", "Signs to the south beach"),)


def test_a_draft_is_not_amended_but_edited(coast: Coast) -> None:
    with pytest.raises(InterventionRefused):
        amend_intervention(draft(coast).pk, by=coast.editor, now=NOW)


def test_an_evaluation_wants_the_lock_first(coast: Coast) -> None:
    one = draft(coast)
    ask_for(one.pk, "plan", by=coast.editor, now=NOW)
    with pytest.raises(InterventionRefused):
        ask_for(one.pk, "evaluation", by=coast.editor, now=NOW)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_only_editors_of_the_owner_change_anything(coast: Coast, who: str) -> None:
    user: User = coast.stranger if who == "stranger" else person("mia", coast.owner, "member")
    one = locked(coast)
    for change in (
        lambda: begin_intervention(what(coast), by=user, now=NOW),
        lambda: say_what(one.pk, what(coast), by=user, now=NOW),
        lambda: choose_sites(one.pk, parts(coast), by=user, now=NOW),
        lambda: say_expectation(one.pk, EXPECTED, by=user, now=NOW),
        lambda: lock_intervention(one.pk, today=BEFORE, by=user, now=NOW),
        lambda: cancel_intervention(one.pk, by=user, now=NOW),
        lambda: amend_intervention(one.pk, by=user, now=NOW),
        lambda: ask_for(one.pk, "plan", by=user, now=NOW),
    ):
        with pytest.raises(InterventionForbidden):
            change()  # type: ignore[no-untyped-call]


def test_managers_publish_once_and_a_later_result_stands_above(coast: Coast) -> None:
    one = locked(coast)
    first = make_evaluation(one, by=coast.editor, now=NOW)
    for user in (coast.editor, coast.stranger):
        with pytest.raises(InterventionForbidden):
            publish_evaluation(first.pk, "", by=user, now=NOW)
    assert public_interventions(today=TODAY) == []
    assert public_intervention(one.slug, today=TODAY) is None
    publish_evaluation(first.pk, " Det virkede. ", by=coast.manager, now=NOW)
    with pytest.raises(InterventionRefused):
        publish_evaluation(first.pk, "Other words", by=coast.manager, now=NOW)
    second = make_evaluation(one, by=coast.editor, now=NOW + timedelta(days=1))
    shown = public_intervention(one.slug, today=TODAY)
    assert shown is not None
    assert [row.pk for row in shown.evaluations] == [first.pk]
    publish_evaluation(second.pk, "", by=coast.manager, now=NOW + timedelta(days=1))
    shown = public_intervention(one.slug, today=TODAY)
    assert shown is not None
    assert [row.pk for row in shown.evaluations] == [second.pk, first.pk]
    assert Evaluation.objects.get(pk=first.pk).comment == "Det virkede."
    assert len(public_interventions(today=TODAY)) == 1


def test_who_sees_a_draft_and_what_is_locked_and_what_is_public(coast: Coast) -> None:
    space = Network.objects.create(name="Kyst", slug="kyst", kind="insight", created_at=NOW, updated_at=NOW)
    for organisation in (coast.owner, coast.other):
        NetworkOrganisation.objects.create(network=space, organisation=organisation, since=NOW)
    outsider = person("ole")
    member = person("mia", coast.owner, "member")
    one = draft(coast, network_id=space.pk)

    def seen() -> list[bool]:
        people = (member, coast.stranger, outsider, None)
        return [intervention_to_see(user, one.slug, today=TODAY) is not None for user in people]

    assert seen() == [True, False, False, False]
    lock_intervention(one.pk, today=BEFORE, by=coast.editor, now=NOW)
    assert seen() == [True, True, False, False]
    evaluation = make_evaluation(Intervention.objects.get(pk=one.pk), by=coast.editor, now=NOW)
    publish_evaluation(evaluation.pk, "", by=coast.manager, now=NOW)
    assert seen() == [True, True, True, True]
    assert [
        len(interventions_to_list(coast.stranger, whose, today=TODAY)) for whose in ("own", "shared", "public")
    ] == [
        0,
        1,
        1,
    ]
    assert [may_begin(user) for user in (member, coast.editor, outsider)] == [False, True, False]


def test_everyone_sees_places_by_name_only_where_they_are_public(coast: Coast) -> None:
    one = locked(coast)
    publish_evaluation(make_evaluation(one, by=coast.editor, now=NOW).pk, "", by=coast.manager, now=NOW)
    Site.objects.filter(pk__in=[coast.treated.pk, coast.comparisons[0].pk]).update(sharing="owner")
    shown = public_intervention(one.slug, today=TODAY)
    assert shown is not None
    names = {row.site_id: row.name for row in shown.sites}
    assert (names[coast.treated.pk], names[coast.comparisons[0].pk], names[coast.neighbour.pk]) == ("", "", "Sydstrand")
    assert not shown.shows_levels
    inside = intervention_to_see(coast.editor, one.slug, today=TODAY)
    assert inside is not None
    assert inside.name_of(coast.treated.pk) == "Nordstrand"
    assert inside.shows_levels


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_one_and_three(
    coast: Coast, number: int, django_assert_num_queries: object
) -> None:
    for _ in range(number):
        make_evaluation(locked(coast), by=coast.editor, now=NOW)
    user = User.objects.get(pk=coast.editor.pk)
    user.remembered = {}
    interventions_to_list(user, "own", today=TODAY)
    with django_assert_num_queries(2):  # type: ignore[operator]
        rows = interventions_to_list(user, "own", today=TODAY)
    assert len(rows) == number
