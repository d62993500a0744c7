"""How busy places are, suggestions, and the trials of them: a castle of the town and a museum near it are measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allmende.catalogue.models import Place
from allmende.insight.models import Series, Site
from allmende.insight.steering.actions import TrialWish, start_trial
from allmende.partners.models import Network, Organisation
from tests.insight.steering.conftest import make_place
from tests.site.matrix.harness import NOW, OPEN, SIGNED_IN, Row, World
from tests.site.matrix.workspace import done

TRIAL: Final = {
    "title": "Calme",
    "share": "50",
    "hypothesis": "Moins à midi",
    "starts_on": (NOW + timedelta(days=3)).date().isoformat(),
    "ends_on": (NOW + timedelta(days=40)).date().isoformat(),
}

ROWS: dict[str, tuple[Row, ...]] = {
    "busy": (Row(OPEN), Row(OPEN, query="?busy=quiet")),
    "busy_json": (Row(OPEN), Row(OPEN, query="?municipality=99999")),
    "place_busy_json": (Row(OPEN),),
    "embed_busy": (Row(OPEN),),
    "kiosk": (Row(OPEN),),
    "steering": (Row(OPEN),),
    "steering_seen": (Row(OPEN),),
    "instead": (Row("303 303 303 303 303 303 303"),),
    "list_busy": (Row(OPEN),),
    "get_busy": (Row(OPEN),),
    "insight_steering": (
        Row(SIGNED_IN),
        # Whoever edits for the town may begin a trial at its sites; for the others these sites are not there.
        Row("302 404 404 303 303 404 303", "POST", TRIAL | {"site": "SITE"}),
    ),
    "insight_steering_stop": (Row(done("302 404 404 200 200 404 200"), "POST"),),
}


def _site(world: World, owner: Organisation, name: str, place: Place, network: Network) -> Site:
    site = Site.objects.create(
        organisation=owner,
        network=network,
        place=place,
        name=name,
        slug=name.lower(),
        kind="museum",
        timezone="Europe/Paris",
        capacity=100,
        shown=Site.Shown.WORDS,
        sharing=Site.Sharing.NETWORK,
        created_at=NOW,
        updated_at=NOW,
    )
    Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
    return site


def build(world: World) -> None:
    space = Network.objects.create(name="Mesurer", slug="mesurer", kind="insight", created_at=NOW, updated_at=NOW)
    castle, museum, tower = (make_place(world.town, name, 4.42, 44.01) for name in ("Duche", "Musee", "Tour"))
    here, other, third = (_site(world, world.town, p.slug, p, space) for p in (castle, museum, tower))
    first = (NOW + timedelta(days=3)).date()
    wish = TrialWish("Calme", (here.pk,), 0.5, first, first + timedelta(days=30), "Moins à midi", None)
    trial = start_trial(wish, organisation_id=world.town.pk, by=world.people["manager"], now=NOW)
    world.args["place_busy_json"] = {"slug": castle.slug, "pk": castle.pk}
    world.args["kiosk"] = {"slug": "mesurer"}
    world.args["steering_seen"] = {"site": here.pk, "instead": f"0-{other.pk}"}
    world.args["instead"] = {"site": here.pk, "other": other.pk}
    world.args["get_busy"] = {"id": castle.pk}
    world.args["insight_steering_stop"] = {"pk": trial.pk}
    begin = ROWS["insight_steering"][1]
    assert begin.data is not None
    begin.data["site"] = str(third.pk)
