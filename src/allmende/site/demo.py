"""Demo regions: real open data, loaded by the same importer that a user has."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from allmende.catalogue.actions import ImportOptions, ImportReport, match_due, open_source, refresh_derived, run_import
from allmende.catalogue.models import Source
from allmende.core.models import User
from allmende.guide.actions import set_brand
from allmende.partners.actions import (
    AreaFile,
    found_organisation,
    join_organisation,
    load_territories,
    outline_parent_from_children,
)
from allmende.partners.models import Territory
from allmende.site.demo_insight import load_insight
from allmende.site.demo_insight_indicators import load_indicators
from allmende.site.demo_insight_interventions import load_interventions
from allmende.site.demo_insight_steering import load_steering
from allmende.site.demo_networks import load_networks
from allmende.site.demo_profiles import load_profiles

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SIGN_IN_FILE = "demo-sign-in.txt"
WEEK = 7


class NoSuchRegion(Exception):
    """There is no demo region of that name, or its files are not there; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """A file of areas, or areas by name where no outlines are at hand."""

    how: AreaFile
    file: str = ""
    areas: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A file of the demo and what its partner would say about it."""

    source: str
    title: str
    organisation: str
    organisation_kind: str
    file: str
    format: str
    mapping: str = ""
    kind: str = "event"
    licence: str = ""
    licence_url: str = ""
    credit: str = ""
    season_starts: date | None = None
    """First day of the season in the file; the whole file is moved so that this day falls into the running week."""
    organisation_url: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A demo region."""

    name: str
    title: str
    claim: dict[str, str]
    language: str
    country: str
    timezone: str
    primary: str
    accent: str
    outlines: Sequence[Outlines]
    feeds: Sequence[Feed]
    coordinator_of: str
    region_code: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


LICENCE_OUVERTE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
IGN = "IGN Admin Express COG 2018, INSEE (Licence Ouverte)"

OCCITANIE = Region(
    name="occitanie",
    title="Occitanie",
    claim={
        "fr": "Ce qui se passe, près de chez vous",
        "en": "What is on, near you",
        "de": "Was los ist, ganz in der Nähe",
        "sv": "Det händer nära dig",
        "da": "Det sker nær dig",
        "nl": "Wat er te doen is, bij u in de buurt",
    },
    language="fr",
    country="FR",
    timezone="Europe/Paris",
    primary="#8a1c2f",
    accent="#b45309",
    region_code="76",
    outlines=(
        Outlines(AreaFile("FR", "region", "code", "name", credit=IGN), areas=(("76", "Occitanie"),)),
        Outlines(
            AreaFile("FR", "department", "code", "nom", parent_level="region", parent_code="76", credit=IGN),
            "outlines/fr_occitanie_departements.geojson",
        ),
        Outlines(
            AreaFile("FR", "municipality", "code", "nom", parent_level="department", parent_by_prefix=2, credit=IGN),
            "outlines/fr_occitanie_communes.geojson",
        ),
    ),
    feeds=(
        Feed(
            source="musees-de-france",
            title="Liste des Musées de France",
            organisation="Ministère de la Culture",
            organisation_kind="agency",
            organisation_url="https://www.culture.gouv.fr/",
            file="occitanie/musees_de_france_occitanie.json",
            format="json",
            mapping="mappings/musees-de-france.json",
            kind="place",
            licence="Licence Ouverte 2.0",
            licence_url=LICENCE_OUVERTE,
            credit="Ministère de la Culture",
        ),
        Feed(
            source="datatourisme",
            title="DATAtourisme",
            organisation="DATAtourisme",
            organisation_kind="agency",
            organisation_url="https://www.datatourisme.fr/",
            file="occitanie/datatourisme.json",
            format="json",
            mapping="mappings/datatourisme.json",
            kind="place",
            licence="Licence Ouverte",
            licence_url=LICENCE_OUVERTE,
            credit="DATAtourisme",
        ),
        Feed(
            source="agenda-occitanie",
            title="Agenda participatif des sorties en Occitanie",
            organisation="Région Occitanie",
            organisation_kind="region",
            organisation_url="https://www.laregion.fr/",
            file="occitanie/occitanie_400.json",
            format="json",
            mapping="mappings/occitanie-events.json",
            licence="Licence Ouverte",
            licence_url=LICENCE_OUVERTE,
            credit="Région Occitanie",
            season_starts=date(2022, 4, 25),
        ),
    ),
    coordinator_of="Région Occitanie",
)

NIEDERRHEIN = Region(
    name="niederrhein",
    title="Advent am Niederrhein",
    claim={
        "de": "Weihnachtsmärkte in Moers und Krefeld",
        "en": "Christmas markets in Moers and Krefeld",
        "sv": "Julmarknader i Moers och Krefeld",
        "da": "Julemarkeder i Moers og Krefeld",
        "nl": "Kerstmarkten in Moers en Krefeld",
        "fr": "Marchés de Noël à Moers et Krefeld",
    },
    language="de",
    country="DE",
    timezone="Europe/Berlin",
    primary="#14532d",
    accent="#b91c1c",
    region_code="DEA1",
    outlines=(
        Outlines(AreaFile("DE", "region", "code", "name"), areas=(("DEA1", "Niederrhein"),)),
        Outlines(
            AreaFile("DE", "municipality", "code", "name", parent_level="region", parent_code="DEA1"),
            areas=(("05170024", "Moers"), ("05114000", "Krefeld")),
        ),
    ),
    feeds=(
        Feed(
            source="moers",
            title="Weihnachtsmärkte in Moers",
            organisation="Stadt Moers",
            organisation_kind="municipality",
            file="niederrhein/moers.json",
            format="json",
            mapping="mappings/weihnachtsmaerkte.json",
            licence="Datenlizenz Deutschland – Zero – 2.0",
            licence_url="https://www.govdata.de/dl-de/zero-2-0",
            credit="Stadt Moers",
            season_starts=date(2016, 11, 21),
        ),
        Feed(
            source="krefeld",
            title="Weihnachtsmärkte in Krefeld",
            organisation="Stadt Krefeld",
            organisation_kind="municipality",
            file="niederrhein/krefeld.json",
            format="json",
            mapping="mappings/weihnachtsmaerkte.json",
            licence="Open Data",
            credit="Stadt Krefeld",
            season_starts=date(2016, 11, 21),
        ),
    ),
    coordinator_of="Stadt Moers",
)

REGIONS = {region.name: region for region in (OCCITANIE, NIEDERRHEIN)}


def shift_for(season_starts: date | None, today: date) -> int:
    """Whole weeks, in days, that bring the season's first week into the running one; weekdays stay weekdays."""
    if season_starts is None:
        return 0
    monday = today - timedelta(days=today.weekday())
    first = season_starts - timedelta(days=season_starts.weekday())
    return (monday - first).days // WEEK * WEEK


def region_here() -> str:
    """The name of the demo region that is loaded, or ``""``."""
    here = set(Source.objects.filter(is_demo=True).values_list("slug", flat=True))
    for region in REGIONS.values():
        if here & {feed.source for feed in region.feeds}:
            return region.name
    return ""


def _region(name: str) -> Region:
    region = REGIONS.get(name or OCCITANIE.name)
    if region is None:
        raise NoSuchRegion(f"There is no demo region {name!r}; choose one of {', '.join(REGIONS)}.")
    return region


def load_outlines(name: str, *, now: datetime) -> None:
    """Load only the territories of a demo region."""
    _load_outlines(_region(name), now=now, progress=lambda what, done: None)


def load_demo(
    name: str, *, now: datetime, progress: Callable[[str, int], None] = lambda what, done: None
) -> dict[str, ImportReport]:
    """Load a demo region into this installation; say for each feed what became of it."""
    region = _region(name)
    missing = [feed.file for feed in region.feeds if not (EXAMPLES / feed.file).exists()]
    if missing:
        raise NoSuchRegion(f"The files of the demo region are not here ({missing[0]}); run from a full checkout.")
    _load_outlines(region, now=now, progress=progress)
    reports = {feed.source: _load_feed(region, feed, now=now, progress=progress) for feed in region.feeds}
    set_brand(
        {
            "name": region.title,
            "claim": {"original": region.language, "texts": dict(region.claim)},
            "primary": region.primary,
            "accent": region.accent,
            "default_language": region.language,
            "region_code": region.region_code,
            "timezone": region.timezone,
            "is_demo": True,
        },
        by=None,
        now=now,
        trusted=True,
    )
    load_profiles(region.name, now=now)
    coordinator = _coordinator(region, now=now)
    load_networks(coordinator, region.language, now=now)
    load_insight(region.name, region.coordinator_of, coordinator, region.language, region.timezone, now=now)
    load_indicators(coordinator, region.language, now=now)
    load_interventions(region.language, coordinator, today=now.date(), now=now)
    load_steering(by=coordinator, now=now)
    match_due(now=now, progress=lambda done, phase: progress(phase, done))
    refresh_derived(now=now)
    return reports


def _load_outlines(region: Region, *, now: datetime, progress: Callable[[str, int], None]) -> None:
    for outlines in region.outlines:
        if outlines.file:
            features = json.loads((EXAMPLES / outlines.file).read_bytes())["features"]
        else:
            features = [
                {"properties": {outlines.how.code: code, outlines.how.name: name}} for code, name in outlines.areas
            ]
        load_territories(features, outlines.how, by=None, now=now, progress=lambda done: progress("outlines", done))
    for area in Territory.objects.filter(country=region.country, level="region", outline__isnull=True):
        outline_parent_from_children(area)


def _load_feed(region: Region, feed: Feed, *, now: datetime, progress: Callable[[str, int], None]) -> ImportReport:
    found_organisation(
        feed.organisation,
        kind=feed.organisation_kind,
        by=None,
        now=now,
        language=region.language,
        url=feed.organisation_url,
    )
    source = open_source(
        feed.source,
        defaults={
            "title": feed.title,
            "organisation": feed.organisation,
            "format": feed.format,
            "language": region.language,
            "timezone": region.timezone,
            "country": region.country,
            "kind": feed.kind,
            "licence": feed.licence,
            "licence_url": feed.licence_url,
            "credit": feed.credit,
            "is_demo": True,
            "shift_days": shift_for(feed.season_starts, now.date()),
        },
        now=now,
    )
    mapping = json.loads((EXAMPLES / feed.mapping).read_bytes()) if feed.mapping else None
    return run_import(
        source,
        EXAMPLES / feed.file,
        options=ImportOptions(format=feed.format, mapping=mapping, allow_vanish=True),
        by=None,
        now=now,
        trusted=True,
        location=feed.file,
        progress=lambda done, phase: progress(feed.title, done),
    )


def _coordinator(region: Region, *, now: datetime) -> User:
    """A coordinator to sign in with; the password is made here and kept in the data folder alone."""
    path = settings.ALLMENDE_DATA / SIGN_IN_FILE
    email = f"coordinator@{region.name}.example"
    user = User.objects.filter(email=email).first()
    if path.exists() and user:
        return user
    password = secrets.token_urlsafe(9)
    user = user or User.objects.create_user(email, name="Demo coordinator")
    user.set_password(password)
    user.save()
    for organisation in {feed.organisation for feed in region.feeds}:
        join_organisation(user, found_organisation(organisation, by=None, now=now), "manager", by=None, now=now)
    path.touch(mode=0o600)
    path.write_text(f"{email}\n{password}\n")
    return user


def is_outdated(now: datetime) -> bool:
    """Whether the demo's season has moved on by more than two weeks since it was loaded."""
    shifted = Source.objects.filter(is_demo=True).exclude(shift_days=0)
    for slug, days in shifted.values_list("slug", "shift_days"):
        for region in REGIONS.values():
            for feed in region.feeds:
                if feed.source == slug and shift_for(feed.season_starts, now.date()) - days > 2 * WEEK:
                    return True
    return False
