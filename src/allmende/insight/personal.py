"""The personal data of people with an account among measured places: what they entered and decided."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_noop

from allmende.core.models import User
from allmende.core.personal import INTEREST, Holding, Row, moment, nothing_to_erase, offer_holding
from allmende.insight.models import (
    Delivery,
    DeliveryWork,
    Evaluation,
    EvaluationRequest,
    IndicatorValue,
    Intervention,
    Site,
)


def _work(user: User) -> list[Row]:
    sites = Site.objects.filter(created_by=user).order_by("pk")
    deliveries = Delivery.objects.filter(by=user).order_by("pk")
    interventions = Intervention.objects.filter(Q(created_by=user) | Q(locked_by=user)).order_by("pk")
    evaluations = Evaluation.objects.filter(Q(by=user) | Q(published_by=user)).order_by("pk")
    asked = EvaluationRequest.objects.filter(by=user).order_by("pk")
    works = DeliveryWork.objects.filter(by=user).select_related("delivery").order_by("pk")
    figures = IndicatorValue.objects.filter(by=user).select_related("indicator").order_by("pk")
    return [
        *({"what": "site", "of": one.name, "at": moment(one.created_at)} for one in sites),
        *({"what": "delivery", "of": one.name, "at": moment(one.received_at)} for one in deliveries),
        *({"what": "intervention", "of": one.title, "at": moment(one.created_at)} for one in interventions),
        *({"what": "evaluation", "of": str(one.intervention_id), "at": moment(one.made_at)} for one in evaluations),
        *({"what": one.task, "of": str(one.intervention_id), "at": moment(one.asked_at)} for one in asked),
        *({"what": one.task, "of": one.delivery.name, "at": moment(one.asked_at)} for one in works),
        *({"what": "indicator", "of": one.indicator.code, "at": moment(one.updated_at)} for one in figures),
    ]


def offer() -> None:
    """Tell the core of it."""
    offer_holding(
        Holding(
            "insight",
            gettext_noop("Measured places"),
            gettext_noop("So that it can be seen who changed what, and mistakes can be put right"),
            INTEREST,
            gettext_noop("As long as the record; after an erasure without a name"),
            _work,
            nothing_to_erase,
            is_kept=True,
            recipients=gettext_noop("Whoever may change the same record"),
        )
    )
