"""Networks of a demo region, with something in them to look at.  Their names and texts say that they are a demonstration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from allmende.core.models import User
from allmende.partners.models import Network, NetworkOrganisation, Organisation
from allmende.partners.networks import actions
from allmende.partners.tasks.actions import make_task
from allmende.site.demo_words import NETWORK_ABOUT, say_in_all

MOST_MEMBERS: Final = 12
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "culture": "Culture (démo)",
        "tourism": "Tourisme (démo)",
        "news": "Bienvenue dans le réseau",
        "text": "Programme de printemps\u00a0: merci d’annoncer vos dates avant la prochaine réunion.",
        "meeting": "Réunion du réseau",
        "deadline": "Remise du programme de printemps",
        "task": "Compléter les heures d’ouverture d’hiver",
        "late": "Envoyer le compte rendu",
        "group": "Programme",
    },
    "de": {
        "culture": "Kultur (Demo)",
        "tourism": "Tourismus (Demo)",
        "news": "Willkommen im Netzwerk",
        "text": "Frühjahrsprogramm: Bitte nennen Sie Ihre Termine bis zum nächsten Treffen.",
        "meeting": "Netzwerktreffen",
        "deadline": "Abgabe des Frühjahrsprogramms",
        "task": "Winteröffnungszeiten ergänzen",
        "late": "Protokoll verschicken",
        "group": "Programm",
    },
}


@dataclass(frozen=True, slots=True)
class DemoNetwork:
    """One network: its kind, and how many organisations are in it."""

    kind: str
    members: int


NETWORKS: Final[Sequence[DemoNetwork]] = (DemoNetwork("culture", MOST_MEMBERS), DemoNetwork("tourism", 6))


def load_networks(coordinator: User, language: str, *, now: datetime) -> list[Network]:
    """Found the demo networks that are not there yet, coordinated by ``coordinator``."""
    words = TEXTS.get(language, TEXTS["de"])
    made = []
    for wanted in NETWORKS:
        if not Network.objects.filter(name=words[wanted.kind]).exists():
            made.append(_load(wanted, words, coordinator, language, now))
    return made


def _load(wanted: DemoNetwork, words: Mapping[str, str], coordinator: User, language: str, now: datetime) -> Network:
    told: dict[str, Any] = {"by": coordinator, "now": now}
    network = actions.found_network(
        words[wanted.kind], kind=wanted.kind, language=language, about=NETWORK_ABOUT[language], by=coordinator, now=now
    )
    say_in_all(network, NETWORK_ABOUT, language)
    # Nobody is there to answer an invitation for the organisations of open data, so they are simply put in.
    members = Organisation.objects.order_by("pk")[: wanted.members]
    NetworkOrganisation.objects.bulk_create(
        [
            NetworkOrganisation(network=network, organisation=one, since=now - timedelta(days=place))
            for place, one in enumerate(members)
        ]
    )
    today = now.date()
    news = actions.post_news(network, words["news"], words["text"], is_public=True, language=language, **told)
    actions.pin_news(news, is_pinned=True, **told)
    in_two_weeks, in_a_month = today + timedelta(days=14), today + timedelta(days=30)
    actions.save_date(network, title=words["meeting"], day=in_two_weeks, at=time(17), until=time(19), **told)
    actions.save_date(network, title=words["deadline"], day=in_a_month, kind="deadline", is_public=True, **told)
    group = actions.save_group(network, words["group"], lead_id=coordinator.pk, **told)
    home, two_days_ago = f"network:{network.pk}", today - timedelta(days=2)
    make_task(words["task"], home, assigned_to=None, due=in_two_weeks, group_id=group.pk, **told)
    make_task(words["late"], home, assigned_to=coordinator.pk, due=two_days_ago, **told)
    return network
