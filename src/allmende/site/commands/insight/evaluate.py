"""``allmende insight evaluate``: whether an intervention worked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from allmende.site.terminal import Exit, Failed, add_command, answer

if TYPE_CHECKING:
    from allmende.insight.interventions.queries import Detail
    from allmende.insight.models import Evaluation, InterventionPlan


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "evaluate",
        "say whether an intervention worked",
        text="""Evaluate a locked intervention with the figures until yesterday, and keep the answer beside earlier ones.
        Exit code 1 says that the data allow no answer; the reasons are told. --plan instead says beforehand, from past
        figures, whether its effect could be seen at all.""",
        example="""allmende insight evaluate signs-to-the-south-beach
        allmende insight evaluate signs-to-the-south-beach --plan --json""",
    )
    parser.add_argument("slug", metavar="SLUG", help="the last part of its address")
    parser.add_argument("--plan", action="store_true", help="make its plan rather than evaluate it")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation  # `allmende --help` needs none of this

    open_installation(quiet=args.json)

    from django.utils import timezone, translation  # after the installation is open, as all below

    # They need the loaded apps.
    from allmende.guide.views.insight.intervention_words import failure_sentence
    from allmende.insight.interventions.queries import intervention_named
    from allmende.insight.interventions.running import CannotEvaluate, make_evaluation, make_plan

    now = timezone.now()
    detail = intervention_named(args.slug, today=now.date())
    if detail is None:
        raise Failed(
            f"There is no intervention {args.slug!r}. Its name is the last part of its address.", Exit.UNUSABLE
        )
    with translation.override("en"):
        try:
            if args.plan:
                return _tell_plan(args, detail, make_plan(detail.intervention, by=None, now=now))
            return _tell(args, detail, make_evaluation(detail.intervention, by=None, now=now))
        except CannotEvaluate as error:
            raise Failed(failure_sentence(error.code, error.about), Exit.UNUSABLE) from error


def _tell_plan(args: argparse.Namespace, detail: Detail, plan: InterventionPlan) -> int:
    # They need the loaded apps.
    from allmende.guide.views.insight.intervention_plan_words import false_alarm_sentence, plan_sentences

    sentences = [*plan_sentences(detail.intervention, plan.data, "en"), false_alarm_sentence(plan.data, "en")]
    sentences = [sentence for sentence in sentences if sentence]
    answer(args, {"slug": args.slug, "sentences": sentences, **plan.data}, sentences)
    return Exit.OK


def _tell(args: argparse.Namespace, detail: Detail, evaluation: Evaluation) -> int:
    from allmende.guide.views.insight.intervention_report import sentences_of  # needs the loaded apps

    sentences = sentences_of(detail, evaluation, "en")
    payload = {
        "slug": args.slug,
        "evaluation": evaluation.pk,
        "verdict": evaluation.verdict,
        "percent": evaluation.data["percent"],
        "main": evaluation.data["main"],
        "data_until": evaluation.data_until.isoformat(),
        "lock": detail.intervention.lock,
        "lock_holds": detail.lock_holds,
        "checks": evaluation.data["checks"],
        "sentences": sentences,
    }
    answer(args, payload, [f"{evaluation.get_verdict_display()}.", *sentences])
    return Exit.SOME_BAD if evaluation.verdict == evaluation.Verdict.REFUSED else Exit.OK
