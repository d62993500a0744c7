"""Plans and evaluations: made by the real engine from figures that are there, kept, told, refused where nothing can be said."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import Any

import pytest

from allmende.core.models import AuditEntry, Notice
from allmende.insight.interventions.actions import ask_for, choose_sites
from allmende.insight.interventions.jobs import jobs
from allmende.insight.interventions.running import CannotEvaluate, make_evaluation, make_plan
from allmende.insight.interventions.values import Where
from allmende.insight.models import Evaluation, EvaluationRequest, Intervention, InterventionPlan, Series
from tests.insight.interventions.coast import EFFECT, NOW, START, Coast, draft, fill_days, locked, make_coast, site

pytestmark = pytest.mark.django_db
WORK = jobs()["evaluate interventions"]


@pytest.fixture
def coast(db: None) -> Coast:
    return make_coast()


def test_an_effect_that_is_there_is_found_with_its_size(coast: Coast) -> None:
    one = locked(coast)
    evaluation = make_evaluation(one, by=coast.editor, now=NOW)
    assert evaluation.verdict == "worked"
    assert evaluation.low_percent is not None
    assert evaluation.high_percent is not None
    assert evaluation.low_percent < 100 * EFFECT < evaluation.high_percent < 0
    assert evaluation.data_until == one.ends_on
    assert evaluation.data["lock"] == one.lock
    assert {row["method"] for row in evaluation.data["estimates"]} >= {"did", "synthetic_control", "synthetic_did"}
    assert AuditEntry.objects.filter(action="insight.evaluate_intervention", subject_id=one.pk).count() == 1


def test_without_an_effect_nobody_hears_that_it_worked() -> None:
    coast = make_coast(effect=0.0)
    assert make_evaluation(locked(coast), by=coast.editor, now=NOW).verdict in {"no_effect", "unclear"}


def test_a_second_evaluation_does_not_replace_the_first(coast: Coast) -> None:
    one = locked(coast)
    first = make_evaluation(one, by=coast.editor, now=NOW)
    make_evaluation(one, by=coast.editor, now=NOW + timedelta(days=1))
    assert Evaluation.objects.count() == 2
    assert Evaluation.objects.get(pk=first.pk).data == first.data


def test_the_same_figures_give_the_same_answer(coast: Coast) -> None:
    one = locked(coast)
    first, second = (make_evaluation(one, by=coast.editor, now=NOW) for _ in range(2))
    assert first.data == second.data


def test_what_is_kept_is_plain_json_with_the_sites_numbers(coast: Coast) -> None:
    data = make_evaluation(locked(coast), by=coast.editor, now=NOW).data
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert [row["site"] for row in data["parameters"]["sites"]][:2] == [coast.treated.pk, coast.neighbour.pk]
    main = next(row for row in data["estimates"] if row["method"] == data["main"])
    assert main["path"][0][0] == data["parameters"]["first"]
    assert {int(name) for name, _ in main["weights"]} <= {one.pk for one in coast.comparisons}


def test_one_evaluation_of_two_years_and_thirty_places_takes_less_than_five_seconds() -> None:
    coast = make_coast(comparisons=30)
    one = locked(coast)
    before = time.process_time()
    make_evaluation(one, by=coast.editor, now=NOW)
    assert time.process_time() - before < 5.0


def test_too_few_comparisons_are_refused_by_the_engine_and_kept() -> None:
    coast = make_coast(comparisons=0)
    evaluation = make_evaluation(locked(coast), by=coast.editor, now=NOW)
    if evaluation.verdict == "refused":
        assert evaluation.effect_percent is None
        assert any(check["is_fatal"] and not check["is_passed"] for check in evaluation.data["checks"])
    else:  # a structural model needs no comparison
        assert evaluation.data["main"] == "structural"


def test_a_place_that_the_asking_person_does_not_see_is_left_out_and_said_so(coast: Coast) -> None:
    one = locked(coast)
    hidden = coast.comparisons[0]
    hidden.sharing = "owner"
    hidden.save()
    data = make_evaluation(one, by=coast.editor, now=NOW).data
    assert data["parameters"]["left_out"] == [{"site": hidden.pk, "why": "hidden"}]


def test_a_treated_place_that_is_hidden_ends_it(coast: Coast) -> None:
    one = locked(coast)
    coast.treated.organisation = coast.other
    coast.treated.sharing = "owner"
    coast.treated.save()
    with pytest.raises(CannotEvaluate) as refused:
        make_evaluation(one, by=coast.editor, now=NOW)
    assert refused.value.code == "treated_hidden"


def test_before_the_start_there_is_nothing_to_evaluate(coast: Coast) -> None:
    one = locked(coast, starts_on=NOW.date() + timedelta(days=10), ends_on=None)
    with pytest.raises(CannotEvaluate) as refused:
        make_evaluation(one, by=coast.editor, now=NOW)
    assert refused.value.code == "not_begun"


def test_hours_cannot_be_chosen_of_figures_by_day(coast: Coast) -> None:
    one = locked(coast, hours=(11, 12))
    with pytest.raises(CannotEvaluate) as refused:
        make_evaluation(one, by=coast.editor, now=NOW)
    assert (refused.value.code, refused.value.about) == ("days_have_no_hours", "Nordstrand")


def test_a_place_without_figures_is_left_out(coast: Coast) -> None:
    empty = site(coast.owner, "Leer", 50.0)
    begun = draft(coast)
    choose_sites(
        begun.pk,
        [
            Where(coast.treated.pk, "treated"),
            Where(empty.pk, "comparison"),
            *(Where(one.pk, "comparison") for one in coast.comparisons),
        ],
        by=coast.editor,
        now=NOW,
    )
    plan = make_plan(begun, by=coast.editor, now=NOW)
    assert plan.data["parameters"]["left_out"] == [{"site": empty.pk, "why": "no_figures"}]


def test_gaps_stay_gaps(coast: Coast) -> None:
    fill_days(coast.treated, START - timedelta(days=40), [float("nan")] * 5)
    data = make_evaluation(locked(coast), by=coast.editor, now=NOW).data
    assert data["parameters"]["sites"][0]["gaps"] == 5


def test_a_plan_uses_the_past_only_and_says_how_likely_the_expected_effect_is_found(coast: Coast) -> None:
    begun = draft(coast)
    plan = make_plan(begun, by=coast.editor, now=NOW)
    assert plan.data["parameters"]["until"] == (START - timedelta(days=1)).isoformat()
    curve = dict(map(tuple, plan.data["power"]["curve"]))
    assert curve[0.5] >= curve[0.05]
    assert 0.0 <= plan.data["expected"] <= 1.0
    assert [days for days, _ in plan.data["power"]["by_length"]] == [14, 28, 42, 56, 70, 84, 112]
    make_plan(begun, by=coast.editor, now=NOW)
    assert InterventionPlan.objects.count() == 1


def test_what_is_asked_for_is_done_by_the_periodic_work_and_told(coast: Coast) -> None:
    one = locked(coast)
    ask_for(one.pk, "plan", by=coast.editor, now=NOW)
    ask_for(one.pk, "evaluation", by=coast.manager, now=NOW)
    ask_for(one.pk, "evaluation", by=coast.manager, now=NOW)
    assert EvaluationRequest.objects.count() == 2
    assert WORK(NOW) == 2
    assert not EvaluationRequest.objects.exists()
    evaluation = Evaluation.objects.get()
    assert evaluation.by == coast.manager
    told = Notice.objects.filter(kind="insight.evaluated")
    assert set(told.values_list("user_id", flat=True)) == {coast.editor.pk, coast.manager.pk}
    assert WORK(NOW) == 0


def test_work_that_cannot_be_done_keeps_its_reason_until_it_is_asked_for_again(coast: Coast) -> None:
    one = locked(coast, hours=(11,))
    ask_for(one.pk, "evaluation", by=coast.editor, now=NOW)
    assert WORK(NOW) == 0
    request = EvaluationRequest.objects.get()
    assert (request.failure, request.failed_about) == ("days_have_no_hours", "Nordstrand")
    assert WORK(NOW) == 0
    ask_for(one.pk, "evaluation", by=coast.editor, now=NOW)
    assert EvaluationRequest.objects.get().failure == ""


def test_who_lost_the_right_meanwhile_gets_nothing_done(coast: Coast) -> None:
    one = locked(coast)
    ask_for(one.pk, "evaluation", by=coast.editor, now=NOW)
    EvaluationRequest.objects.update(by=coast.stranger)
    assert WORK(NOW) == 0
    assert EvaluationRequest.objects.get().failure == "forbidden"
    assert not Evaluation.objects.exists()


def test_asking_again_for_what_is_under_way_starts_no_second_process(
    coast: Coast, django_capture_on_commit_callbacks: Any
) -> None:
    one, begun = locked(coast), []
    for _ in range(3):
        with django_capture_on_commit_callbacks() as callbacks:
            ask_for(one.pk, "plan", by=coast.editor, now=NOW)
        begun.append(len(callbacks))
    EvaluationRequest.objects.update(failure="not_begun")
    with django_capture_on_commit_callbacks() as callbacks:
        ask_for(one.pk, "plan", by=coast.editor, now=NOW)
    assert (begun, len(callbacks)) == ([1, 0, 0], 1)


def test_work_that_breaks_is_not_begun_again_for_ever_and_holds_up_nothing(coast: Coast) -> None:
    broken, good = locked(coast), locked(coast)
    Intervention.objects.filter(pk=broken.pk).update(starts_on=date(1, 1, 1))  # before there are days to compare with
    for one in (broken, good):
        ask_for(one.pk, "plan", by=coast.editor, now=NOW)
    assert WORK(NOW) == 1
    assert EvaluationRequest.objects.get().failure == "broken"
    assert WORK(NOW + timedelta(hours=1)) == 0


def test_interrupted_work_is_taken_up_again(coast: Coast) -> None:
    one = locked(coast)
    ask_for(one.pk, "plan", by=coast.editor, now=NOW)
    EvaluationRequest.objects.update(claimed_at=NOW - timedelta(minutes=1))
    assert WORK(NOW) == 0
    EvaluationRequest.objects.update(claimed_at=NOW - timedelta(minutes=10))
    assert WORK(NOW) == 1


def test_the_main_series_decides(coast: Coast) -> None:
    Series.objects.create(site=coast.treated, measure="vehicles", resolution="hour", first=START)
    assert make_evaluation(locked(coast), by=coast.editor, now=NOW).verdict == "worked"
