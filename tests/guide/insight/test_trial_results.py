"""A trial by lot is a result of an intervention like any other: on its pages, in its files, and for everyone once it is over."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from allmende.core.models import Notice
from allmende.insight.interventions.jobs import jobs
from allmende.insight.interventions.running import CannotEvaluate, make_evaluation
from allmende.insight.models import Evaluation, Intervention, Site
from allmende.insight.steering.actions import draw_days, stop_trial
from allmende.insight.steering.days import state_of
from allmende.insight.steering.trials import public_trials
from tests.insight.steering.conftest import CALM, NOON, Coast, coast
from tests.insight.steering.test_lots_effect import DAYS, OVER, visitors
from tests.insight.steering.test_trials import begin, wish

__all__ = ["coast"]
pytestmark = pytest.mark.django_db
PUBLISH = jobs()["publish what trials by lot came to"]


@pytest.fixture
def trial(coast: Coast) -> Intervention:
    """At two places, over: a fifth fewer on days with suggestions."""
    sites = [coast.site(name, coast.place(name), CALM) for name in ("Søen", "Vigen")]
    made = begin(coast, *sites, wanted=wish(*sites, days=DAYS))
    for step in range(DAYS + 3):
        draw_days(now=NOON + timedelta(days=step))
    for site in sites:
        visitors(site, made.starts_on, -0.2)
    return made


def read(path: str, status: int = 200, who: Client | None = None) -> str:
    answer = (who or Client(headers={"accept-language": "en"})).get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def test_nobody_evaluates_a_trial_before_it_is_over(coast: Coast, trial: Intervention) -> None:
    with pytest.raises(CannotEvaluate, match="lots_not_over"):
        make_evaluation(trial, by=coast.editor, now=NOON + timedelta(days=30))
    PUBLISH(NOON + timedelta(days=30))
    assert not Evaluation.objects.exists()
    read(f"/en/interventions/{trial.slug}/", 404)


def test_what_the_lots_say_is_published_when_it_is_over_and_stands_on_all_its_pages(
    coast: Coast, trial: Intervention
) -> None:
    PUBLISH(OVER)
    PUBLISH(OVER + timedelta(hours=1))
    made = Evaluation.objects.get()
    assert (made.verdict, made.published_at, made.by) == ("worked", OVER, None)
    assert made.effect_percent == pytest.approx(-20, abs=3)
    assert made.data_until == trial.ends_on
    assert Notice.objects.filter(user=coast.editor, kind="insight.evaluated").exists()

    page = read(f"/en/interventions/{trial.slug}/")
    assert "On days with suggestions fewer visitors came to" in page
    assert "with suggestions on 50 % of the days" in page
    assert "Had the lots fallen otherwise, fewer than 1 of 1,000" in page or "Of 1,000 other ways" in page
    assert "Days with suggestions against days without" in page
    assert "If the lots had fallen otherwise" in page
    assert page.count("<table") >= 2, "each picture with its numbers"
    assert 'href="/en/steering/"' in page
    open_page = read("/en/steering/")
    assert f'href="/en/interventions/{trial.slug}/"' in open_page
    assert "The result in full" in open_page
    assert f"/en/interventions/{trial.slug}/" in read("/en/interventions/")

    desk = Client(headers={"accept-language": "en"})
    desk.force_login(coast.editor)
    inside = read(f"/en/workspace/insight/interventions/{trial.slug}/results/{made.pk}/", who=desk)
    assert "Søen" in inside
    assert "Vigen" in inside
    assert "A place 2" in page
    assert "Søen" not in page, "its site is not shared with everyone"
    assert f"/interventions/{trial.slug}/" in read("/en/workspace/insight/steering/", who=desk)


def test_its_files_hold_the_lots(coast: Coast, trial: Intervention) -> None:
    PUBLISH(OVER)
    made = Evaluation.objects.get()
    here = f"/en/interventions/{trial.slug}/results/{made.pk}/result"
    told = json.loads(read(f"{here}.json"))
    assert told["main"] == "lots"
    assert (told["lots"]["share"], len(told["lots"]["sites"])) == (0.5, 2)
    assert told["lots"]["days_on"] + told["lots"]["days_off"] == 2 * (DAYS + 1)
    assert sum(n for *_, n in told["lots"]["redrawn"]) == told["lots"]["draws"]
    assert "Søen" not in json.dumps(told, ensure_ascii=False)
    rows = list(csv.DictReader(io.StringIO(read(f"{here}.csv").removeprefix("\ufeff")), delimiter=";"))
    answer = next(row for row in rows if row["table"] == "answer")
    assert float(answer["value"]) == pytest.approx(told["percent"][0])
    assert {row["name"]: row["value"] for row in rows if row["table"] == "lots"}["days with"] == str(
        told["lots"]["days_on"]
    )
    answer_pdf = Client().get(f"{here}.pdf")
    assert answer_pdf.content.startswith(b"%PDF")


def test_too_few_figures_are_waited_for_and_refused_when_somebody_asks(coast: Coast) -> None:
    site = coast.site("Søen", coast.place("Søen"), CALM)
    empty = begin(coast, site, wanted=wish(site, days=DAYS))
    PUBLISH(OVER)
    assert not Evaluation.objects.exists(), "figures may still come"
    made = make_evaluation(empty, by=coast.editor, now=OVER)
    assert (made.verdict, made.published_at) == ("refused", None)
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(coast.editor)
    page = read(f"/en/workspace/insight/interventions/{empty.slug}/results/{made.pk}/", who=desk)
    assert "The lots allow no answer" in page
    assert "Enough days with and without suggestions" in page


def test_one_that_was_ended_early_is_answered_for_the_days_that_were_drawn(coast: Coast, trial: Intervention) -> None:
    ended = NOON + timedelta(days=40)
    stop_trial(trial.pk, by=coast.editor, now=ended)
    PUBLISH(ended + timedelta(days=1))
    assert not Evaluation.objects.exists(), "the figures of its last days have not come yet"
    PUBLISH(ended + timedelta(days=5))
    made = Evaluation.objects.get()
    assert made.data_until == ended.date()
    assert made.data["lots"]["days_on"] + made.data["lots"]["days_off"] == 2 * 40


@pytest.mark.parametrize(
    ("zone", "moment", "state"),
    [
        ("Europe/Copenhagen", datetime(2026, 7, 18, 22, 30, tzinfo=UTC), "running"),
        ("Europe/Copenhagen", datetime(2026, 7, 18, 21, 30, tzinfo=UTC), "planned"),
        ("America/New_York", datetime(2026, 7, 19, 3, 30, tzinfo=UTC), "planned"),
        ("America/New_York", datetime(2026, 8, 2, 3, 30, tzinfo=UTC), "running"),
        ("America/New_York", datetime(2026, 8, 2, 4, 30, tzinfo=UTC), "over"),
    ],
)
def test_a_trial_begins_and_ends_at_midnight_of_its_places(zone: str, moment: datetime, state: str) -> None:
    one = Intervention(starts_on=date(2026, 7, 19), ends_on=date(2026, 8, 1))
    assert state_of(one, [zone], now=moment) == state


def test_a_trial_stopped_after_midnight_of_its_place_ended_on_that_day(coast: Coast, trial: Intervention) -> None:
    at = datetime(2026, 8, 1, 0, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
    stop_trial(trial.pk, by=coast.editor, now=at)
    (shown,) = public_trials(now=at + timedelta(hours=1))
    assert (shown.state, shown.stopped_on) == ("stopped", date(2026, 8, 1))
    assert Site.objects.filter(timezone="Europe/Copenhagen").exists()
