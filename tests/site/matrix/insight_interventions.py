"""Interventions: in the workspace and published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from allmende.insight.interventions import actions
from allmende.insight.interventions.values import Expectation, What, Where
from allmende.insight.models import Evaluation, Intervention, InterventionPlan, Site
from tests.site.matrix.harness import EDITORS, MANAGERS, NOW, OPEN, Row, World

INSIDE: Final = "302 404 200 200 200 404 200"
"""People of the town, to whom the drafts belong."""
ALL_SIGNED_IN: Final = "302 200 200 200 200 200 200"


def done(statuses: str) -> str:
    """The answers of a form that was sent, where its page answers ``statuses``."""
    return statuses.replace("200", "303")


def wrong(statuses: str) -> str:
    """The answers of a form that lacks something."""
    return statuses.replace("200", "422")


# The stranger writes down what the museum does; the coordinator is in no organisation.
BEGIN: Final = "302 200 404 200 200 404 200"
ROWS: dict[str, tuple[Row, ...]] = {
    "insight_interventions": (Row(ALL_SIGNED_IN), Row(ALL_SIGNED_IN, query="?show=public")),
    "insight_intervention_new": (Row(BEGIN), Row(wrong(BEGIN), "POST")),
    "insight_intervention": (Row(INSIDE),),
    "insight_intervention_what": (Row(EDITORS), Row(wrong(EDITORS), "POST")),
    "insight_intervention_where": (Row(EDITORS), Row(wrong(EDITORS), "POST")),
    "insight_intervention_others": (Row(EDITORS), Row(done(EDITORS), "POST")),
    "insight_intervention_expectation": (Row(EDITORS), Row(wrong(EDITORS), "POST")),
    "insight_intervention_state": (Row(INSIDE),),
    "insight_intervention_lock": (Row(done(EDITORS), "POST"),),
    "insight_intervention_cancel": (Row(done(EDITORS), "POST"),),
    "insight_intervention_amend": (Row(done(EDITORS), "POST"),),
    "insight_intervention_ask": (Row(done(EDITORS), "POST"),),
    "insight_intervention_plan": (Row(INSIDE),),
    "insight_intervention_plan_pdf": (Row(INSIDE),),
    "insight_intervention_result": (Row(INSIDE),),
    "insight_intervention_result_file": (Row(INSIDE),),
    "insight_intervention_publish": (Row(done(MANAGERS), "POST"),),
    "interventions": (Row(OPEN),),
    "intervention": (Row(OPEN),),
    "intervention_result": (Row(OPEN),),
    "intervention_result_file": (Row(OPEN),),
}
REFUSED: Final[dict[str, Any]] = {
    "version": 1,
    "engine": "test",
    "main": None,
    "percent": None,
    "estimates": [],
    "placebos": {"in_space": [], "in_time": [], "rank": 0, "of": 0, "p": None},
    "displacement": None,
    "checks": [{"name": "controls", "is_passed": False, "is_fatal": True, "figure": 0.0, "limit": 5.0}],
    "sensitivity": [],
    "facts": {},
    "parameters": {
        "resolution": "day",
        "first": "2026-01-01",
        "until": "2026-02-01",
        "starts_on": "2026-01-20",
        "weekdays": [],
        "sites": [],
        "left_out": [],
        "with_holidays": False,
        "options": {"level": 0.95, "seed": 1},
    },
}


def build(world: World) -> None:
    draft, private, public = (_one(world, title) for title in ("Draft", "Private", "Public"))
    for one in (private, public):
        actions.lock_intervention(one.pk, today=NOW.date(), by=world.people["editor"], now=NOW)
    result, shown = (
        Evaluation.objects.create(intervention=one, made_at=NOW, data_until=NOW.date(), verdict="refused", data=REFUSED)
        for one in (private, public)
    )
    actions.publish_evaluation(shown.pk, "", by=world.people["manager"], now=NOW)
    power = {"curve": [], "detectable": None, "by_length": [], "false_alarms": None, "periods": 28, "wanted": 0.8}
    InterventionPlan.objects.create(
        intervention=draft,
        made_at=NOW,
        data={"engine": "test", "parameters": REFUSED["parameters"], "power": power, "expected": None},
    )
    of_draft = {"slug": draft.slug}
    for name in ROWS:
        if name.startswith("insight_intervention_") and name not in {"insight_intervention_new"}:
            world.args[name] = of_draft
    of_result = {"slug": private.slug, "pk": result.pk}
    of_shown = {"slug": public.slug, "pk": shown.pk}
    world.args |= {
        "insight_intervention": of_draft,
        "insight_intervention_ask": {**of_draft, "task": "plan"},
        "insight_intervention_result": of_result,
        "insight_intervention_result_file": {**of_result, "form": "json"},
        "insight_intervention_publish": of_result,
        "intervention": {"slug": public.slug},
        "intervention_result": of_shown,
        "intervention_result_file": {**of_shown, "form": "pdf"},
    }


def _one(world: World, title: str) -> Intervention:
    editor = world.people["editor"]
    site, _ = Site.objects.get_or_create(
        organisation=world.town, name="Pont", slug="pont", defaults={"created_at": NOW, "updated_at": NOW}
    )
    start = NOW.date() + timedelta(days=30)
    told = What(world.town.pk, None, title, "information", "Signs at the fork.", start, start + timedelta(days=27))
    one = actions.begin_intervention(told, by=editor, now=NOW)
    actions.choose_sites(one.pk, [Where(site.pk, "treated")], by=editor, now=NOW)
    return actions.say_expectation(one.pk, Expectation("They go elsewhere.", "fewer", 10.0), by=editor, now=NOW)
