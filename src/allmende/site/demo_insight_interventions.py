"""Interventions of a demo region: one that was evaluated by the real engine from simulated figures, and one that is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from allmende.core.models import User
from allmende.insight.interventions.actions import (
    begin_intervention,
    choose_sites,
    lock_intervention,
    publish_evaluation,
    say_expectation,
)
from allmende.insight.interventions.running import CannotEvaluate, make_evaluation, make_plan
from allmende.insight.interventions.simulated import simulate_effect
from allmende.insight.interventions.values import Expectation, Part, What, Where
from allmende.insight.models import Intervention, Series, Site

LEAST_OTHERS: Final = 3
PAST: Final = timedelta(days=200)
LASTED: Final = 56
EFFECT: Final = 0.18
"""What is written into the simulated figures."""
TO_NEIGHBOUR: Final = 0.5
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "title": "Panneaux vers {neighbour}",
        "what": "Des panneaux et le guide orientent les visiteurs de {treated} vers {neighbour}.",
        "hypothesis": "Qui voit qu’il y a plus de place à côté y va.",
        "comment": "Démonstration\u00a0: les chiffres sont simulés, l’effet y a été inscrit\u202f; l’évaluation est réelle.",
        "next": "Billets du matin à prix réduit",
        "next_what": "Un billet moins cher avant onze heures à {treated}.",
        "next_hypothesis": "Une partie des visiteurs vient plus tôt\u202f; il y en a davantage le matin.",
    },
    "de": {
        "title": "Schilder nach {neighbour}",
        "what": "Schilder und der Guide weisen Besucher von {treated} auf {neighbour} hin.",
        "hypothesis": "Wer sieht, dass nebenan mehr Platz ist, geht dorthin.",
        "comment": "Vorführung: Die Zahlen sind simuliert, die Wirkung wurde hineingeschrieben; die Auswertung ist echt.",
        "next": "Günstigere Karten am Vormittag",
        "next_what": "Vor elf Uhr kostet der Eintritt bei {treated} weniger.",
        "next_hypothesis": "Ein Teil der Besucher kommt früher; am Vormittag werden es mehr.",
    },
}


def load_interventions(language: str, by: User, *, today: date, now: datetime) -> list[Intervention]:
    """Two interventions at the demo's simulated sites; nothing where there are some, or too few sites.

    ``by``: somebody who edits and manages the owner of the sites.  ``language``: of the texts, French or German.
    """
    if Intervention.objects.filter(is_demo=True).exists():
        return []
    since = today - timedelta(days=LASTED) - PAST
    counted = Series.objects.filter(site__is_demo=True, is_main=True, resolution="hour", first__lte=since)
    sites = [one.site for one in counted.select_related("site").order_by("site_id")]
    chosen = _chosen(sites)
    if chosen is None:
        return []
    treated, neighbour, others = chosen
    words = TEXTS.get(language, TEXTS["de"])
    start = today - timedelta(days=LASTED + 7)
    until = start + timedelta(days=LASTED - 1)
    simulate_effect(treated, neighbour, start, until, share=EFFECT, to_neighbour=TO_NEIGHBOUR, now=now)
    done = _written(words, "", treated, neighbour, others, (start, until), 15.0, by, start - timedelta(days=14))
    # What the figures allow no answer to stands there without one, as it would for anybody.
    with suppress(CannotEvaluate):
        evaluation = make_evaluation(done, by=by, now=now)
        publish_evaluation(evaluation.pk, words["comment"], by=by, now=now)
    first = today + timedelta(days=28)
    period = (first, first + timedelta(days=27))
    planned = _written(words, "next", treated, neighbour, others, period, 8.0, by, today)
    with suppress(CannotEvaluate):
        make_plan(planned, by=by, now=now)
    return [done, planned]


def _chosen(sites: Sequence[Site]) -> tuple[Site, Site, list[Site]] | None:
    """A site, its nearest public one, and the others, those of its kind first; the kind with most sites is taken."""
    public = [
        site for site in sites if site.sharing == Site.Sharing.PUBLIC and site.lon is not None and site.lat is not None
    ]
    best: tuple[int, Site, Site] | None = None
    for site in public:
        same = [one for one in public if one.kind == site.kind and one.pk != site.pk]
        if same:
            near = min(same, key=lambda one: _apart(site, one))
            rank = len(same)
            if best is None or rank > best[0] or (rank == best[0] and _apart(site, near) < _apart(best[1], best[2])):
                best = (rank, site, near)
    if best is None:
        return None
    _, treated, neighbour = best
    others = [site for site in sites if site.pk not in {treated.pk, neighbour.pk}]
    alike = [site for site in others if site.kind == treated.kind]
    others = alike if len(alike) >= LEAST_OTHERS else others
    return (treated, neighbour, others) if len(others) >= LEAST_OTHERS else None


def _apart(one: Site, other: Site) -> float:
    return ((one.lon or 0) - (other.lon or 0)) ** 2 + ((one.lat or 0) - (other.lat or 0)) ** 2


def _written(
    words: Mapping[str, str],
    which: str,
    treated: Site,
    neighbour: Site,
    others: Sequence[Site],
    period: tuple[date, date],
    percent: float,
    by: User,
    written_on: date,
) -> Intervention:
    names = {"treated": treated.name, "neighbour": neighbour.name}
    then = datetime.combine(written_on, time(9), UTC)
    told = What(
        treated.organisation_id,
        treated.network_id,
        words[which or "title"].format(**names),
        "price" if which else "redirection",
        words[f"{which}_what" if which else "what"].format(**names),
        *period,
    )
    one = begin_intervention(told, by=by, now=then)
    Intervention.objects.filter(pk=one.pk).update(is_demo=True)
    wheres = [Where(treated.pk, Part.TREATED), Where(neighbour.pk, Part.NEIGHBOUR)]
    choose_sites(one.pk, [*wheres, *(Where(site.pk, Part.COMPARISON) for site in others)], by=by, now=then)
    hypothesis = words[f"{which}_hypothesis" if which else "hypothesis"]
    direction = "more" if which else "fewer"
    say_expectation(one.pk, Expectation(hypothesis, direction, percent), by=by, now=then)
    return lock_intervention(one.pk, today=written_on, by=by, now=then)
