"""Measured places of a demo region: real places with simulated figures, marked as simulated wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zlib import crc32

from allmende.catalogue.models import Place
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.insight.crowding.actions import refresh_summaries
from allmende.insight.crowding.simulated import Counting, count_on, fill_sites, months_before, release_simulated
from allmende.insight.models import Series, Site
from allmende.partners.models import Network, NetworkOrganisation, Organisation, Territory
from allmende.partners.networks import actions as networks
from allmende.site.demo_insight_weather import load_weather, weather_goes_on
from allmende.site.demo_words import SPACE_ABOUT, say_in_all

DAYS: Final = 913
"""Two and a half years."""
SECONDS: Final = 30.0
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "space": "Observatoire des visites (démo)",
        "area": "Estimé d’après la surface\u00a0: 4\u00a0m² par personne sur la partie accessible.",
        "counted": "Effectif maximal admis d’après l’exploitant (simulé).",
        "past": "Fixé d’après les heures les plus chargées des deux dernières années.",
    },
    "de": {
        "space": "Besucherbeobachtung (Demo)",
        "area": "Nach der Fläche geschätzt: 4 m² je Person auf dem zugänglichen Teil.",
        "counted": "Vom Betreiber zugelassene Höchstzahl (simuliert).",
        "past": "Nach den vollsten Stunden der letzten zwei Jahre festgelegt.",
    },
}


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A real place, and how its figures are made up."""

    name: str
    kind: str
    lon: float
    lat: float
    municipality: str
    """Official code."""
    pattern: str
    measure: str
    peak: float
    capacity: int | None
    basis: str = "counted"
    place: str = ""
    """Slug of the place in the guide's demo data."""
    sharing: str = "public"
    shown: str = "figures"
    below: float = 0.0
    """Figures below it are withheld."""


OCCITANIE: Final[Sequence[DemoSite]] = (
    DemoSite("Plage de la Corniche", "beach", 3.6612, 43.3895, "34301", "beach", "presence", 2600, 2000, "area"),
    DemoSite(
        "Musée Paul Valéry", "museum", 3.6912, 43.3955, "34301", "museum", "entries", 190, 240, place="musee-paul-valery"
    ),
    DemoSite(
        "Musée Fabre", "museum", 3.8807, 43.6114, "34172", "museum", "entries", 520, 600, place="musee-fabre"
    ),
    DemoSite(
        "Musée de la Romanité", "museum", 4.3628, 43.8376, "30189", "museum", "entries", 640, 600,
        place="musee-de-la-romanite",
    ),
    DemoSite(
        "Carré d’Art", "museum", 4.3562, 43.8379, "30189", "museum", "entries", 210, 500,
        place="carre-d-art-musee-d-art-contemporain",
    ),
    DemoSite("Rue de l’Aspic, Nîmes", "street", 4.3597, 43.8366, "30189", "street", "passages", 2100, 2800, "area"),
    DemoSite(
        "Musée Toulouse-Lautrec", "museum", 2.1436, 43.9281, "81004", "museum", "entries", 430, 450,
        place="musee-toulouse-lautrec",
    ),
    DemoSite("Musée Soulages", "museum", 2.568, 44.3531, "12202", "museum", "entries", 380, 480, place="musee-soulages"),
    DemoSite(
        "Musée Narbo Via", "museum", 3.0262, 43.1759, "11262", "museum", "entries", 260, 520, place="musee-narbo-via",
        shown="words",
    ),
    DemoSite(
        "Grotte et musée du Mas-d’Azil", "sight", 1.3604, 43.0798, "09181", "outing", "entries", 150, 180,
        place="musee-de-la-prehistoire", sharing="network", shown="words", below=5,
    ),
    DemoSite(
        "Voie verte Sète – Agde", "path", 3.62, 43.36, "34301", "path", "bicycles", 310, 450, "past", sharing="network",
    ),
    DemoSite(
        "Parking du musée de Tautavel", "parking", 2.7475, 42.8136, "66205", "outing", "parked", 92, 120,
        place="musee-de-prehistoire", sharing="network", shown="nothing",
    ),
)  # fmt: skip
NIEDERRHEIN: Final[Sequence[DemoSite]] = (
    DemoSite("Weihnachtsmarkt Moers", "event", 6.6262, 51.4513, "05170024", "advent", "presence", 2600, 2400, "area"),
    DemoSite("Weihnachtsmarkt Krefeld", "event", 6.5655, 51.3331, "05114000", "advent", "presence", 3900, 4200, "area"),
    DemoSite("Steinstraße, Moers", "street", 6.6277, 51.4522, "05170024", "street", "passages", 1500, 2200, "area"),
    DemoSite("Schlosspark Moers", "nature", 6.6232, 51.4496, "05170024", "outing", "presence", 420, 900, "area"),
    DemoSite("Bettenkamper Meer", "beach", 6.6057, 51.4406, "05170024", "lake", "presence", 1900, 1600, "area"),
    DemoSite("Elfrather See", "beach", 6.6266, 51.3853, "05114000", "lake", "presence", 900, 2500, "area"),
    DemoSite("Burg Linn", "sight", 6.6362, 51.3335, "05114000", "museum", "entries", 140, 200, shown="words", below=5),
    DemoSite(
        "Rheinufer Uerdingen", "path", 6.6503, 51.3537, "05114000", "path", "bicycles", 260, 400, "past",
        sharing="network", shown="nothing",
    ),
)  # fmt: skip
SITES: Final[Mapping[str, Sequence[DemoSite]]] = {"occitanie": OCCITANIE, "niederrhein": NIEDERRHEIN}


def _slug(one: DemoSite) -> str:
    return slugify(one.name)


def _counting(one: DemoSite) -> Counting:
    return Counting(one.pattern, one.peak, crc32(one.name.encode()), one.below)


HOW: Final[Mapping[str, Counting]] = {_slug(one): _counting(one) for sites in SITES.values() for one in sites}


def load_insight(
    region: str, organisation_name: str, coordinator: User, language: str, timezone: str, *, now: datetime
) -> list[Site]:
    """Found the insight space with its places, and simulate their figures; nothing where it is there already."""
    words = TEXTS.get(language, TEXTS["de"])
    if Site.objects.filter(is_demo=True).exists():
        return []
    owner = Organisation.objects.get(name=organisation_name)
    space = _space(words, owner, coordinator, language, now)
    areas = {area.code: area for area in Territory.objects.filter(level="municipality").filter(
        code__in=[one.municipality for one in SITES[region]]
    ).defer("outline")}  # fmt: skip
    sites = []
    for one in SITES[region]:
        sites.append(
            Site(
                organisation=owner,
                network=space,
                place=_same_spot(one),
                territory=areas.get(one.municipality),
                name=one.name,
                slug=_slug(one),
                kind=one.kind,
                lon=one.lon,
                lat=one.lat,
                timezone=timezone,
                capacity=one.capacity,
                capacity_basis=one.basis,
                capacity_note=words[one.basis],
                capacity_set_on=date(now.year, 1, 15),
                sharing=one.sharing,
                shown=one.shown,
                is_demo=True,
                created_by=coordinator,
                created_at=now,
                updated_at=now,
            )
        )
    Site.objects.bulk_create(sites)
    series = [
        Series(
            site=site,
            measure=one.measure,
            resolution="hour",
            is_main=True,
            suppressed_below=one.below or None,
            most_plausible=8 * one.peak,
        )
        for site, one in zip(sites, SITES[region], strict=True)
    ]
    Series.objects.bulk_create(series)
    wanted = list(zip(series, map(_counting, SITES[region]), strict=True))
    fill_sites(wanted, since=now - timedelta(days=DAYS), now=now)
    release_simulated(owner, space, sites, months=months_before(now.date(), 2), now=now)
    load_weather(region, owner, space, sites, language, since=now - timedelta(days=DAYS), now=now)
    refresh_summaries(now=now, seconds=SECONDS)
    return sites


def _space(words: Mapping[str, str], owner: Organisation, coordinator: User, language: str, now: datetime) -> Network:
    there = Network.objects.filter(name=words["space"]).first()
    if there:
        return there
    space = networks.found_network(
        words["space"], kind="insight", language=language, about=SPACE_ABOUT[language], by=coordinator, now=now
    )
    say_in_all(space, SPACE_ABOUT, language)
    # Nobody is there to answer an invitation for the organisations of open data, so they are simply put in.
    NetworkOrganisation.objects.get_or_create(network=space, organisation=owner, defaults={"since": now})
    return space


def _same_spot(one: DemoSite) -> Place | None:
    """The place of the guide; several have the same slug, the one meant lies where the site lies."""
    if not one.place:
        return None
    return Place.objects.filter(
        slug=one.place, lon__range=(one.lon - 0.02, one.lon + 0.02), lat__range=(one.lat - 0.02, one.lat + 0.02)
    ).first()


def count_demo_on(now: datetime) -> int:
    """Let the simulated counters count on: nothing to do where there are none."""
    weather_goes_on(now)
    return count_on(dict(HOW), now=now)
