"""Interventions, their plans and their evaluations."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import intervention_results as results
from allmende.guide.views.insight import interventions as desk
from allmende.guide.views.insight import interventions_public as public

ONE: Final = "interventions/<slug:slug>/"

WORKSPACE: Final[list[URLPattern]] = [
    path("interventions/", desk.interventions, name="insight_interventions"),
    path("interventions/new/", desk.new, name="insight_intervention_new"),
    path(ONE, desk.intervention, name="insight_intervention"),
    path(f"{ONE}what/", desk.what, name="insight_intervention_what"),
    path(f"{ONE}where/", desk.where, name="insight_intervention_where"),
    path(f"{ONE}others/", desk.others, name="insight_intervention_others"),
    path(f"{ONE}expectation/", desk.expectation, name="insight_intervention_expectation"),
    path(f"{ONE}state.json", desk.state, name="insight_intervention_state"),
    path(f"{ONE}lock/", desk.lock, name="insight_intervention_lock"),
    path(f"{ONE}cancel/", desk.cancel, name="insight_intervention_cancel"),
    path(f"{ONE}amend/", desk.amend, name="insight_intervention_amend"),
    path(f"{ONE}ask/<slug:task>/", desk.ask, name="insight_intervention_ask"),
    path(f"{ONE}plan/", results.plan, name="insight_intervention_plan"),
    path(f"{ONE}plan.pdf", results.plan_file, name="insight_intervention_plan_pdf"),
    path(f"{ONE}results/<int:pk>/", results.result, name="insight_intervention_result"),
    path(f"{ONE}results/<int:pk>/publish/", results.publish, name="insight_intervention_publish"),
    path(f"{ONE}results/<int:pk>/result.<slug:form>", results.result_file, name="insight_intervention_result_file"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = [
    path("interventions/", public.interventions, name="interventions"),
    path(ONE, public.intervention, name="intervention"),
    path(f"{ONE}results/<int:pk>/", public.result, name="intervention_result"),
    path(f"{ONE}results/<int:pk>/result.<slug:form>", public.result_file, name="intervention_result_file"),
]
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
