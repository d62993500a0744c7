"""Real events, museums, markets and associations are found by what a guest would type."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue import search
from allmende.catalogue.search import Doc

SHARED = Path(os.environ.get("ALLMENDE_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="set ALLMENDE_SHARED_DATA to the folder of real files")
EVENT, PLACE = 1, 2


def _load(path: str) -> Any:
    return json.loads((SHARED / path).read_text())


def _docs() -> Iterator[tuple[str, Doc]]:
    """(title, document) of everything, in the order of the files."""
    number = 0
    for row in _load("events_fr_occitanie/occitanie_400.json"):
        fields = row["fields"]
        number += 1
        keywords = f"{fields.get('thematique', '')} {fields.get('commune', '')}"
        yield fields["titre"], Doc(EVENT, number, "fr", fields["titre"], keywords, fields.get("description") or "")
    for row in _load("places_fr_occitanie/musees_de_france_occitanie.json"):
        fields = row["fields"]
        number += 1
        title = fields["nom_officiel_du_musee"]
        yield title, Doc(PLACE, number, "fr", title, fields["commune"], fields.get("adresse") or "")
    for town in ("krefeld", "moers"):
        for row in _load(f"events_de_licensed/{town}.json"):
            number += 1
            texts = [value for key, value in row.items() if isinstance(value, str) and not key[:2].isdigit()]
            yield texts[0], Doc(EVENT, number, "de", texts[0], town.title(), " ".join(texts[1:]))
    for row in _load("village_de_wollbach/data/vereine.json") + _load("village_de_wollbach/data/gewerbe.json"):
        number += 1
        yield row["name"], Doc(PLACE, number, "de", row["name"], "Wollbach", " ".join(row.get("categories") or []))


@pytest.fixture
def titles(connection: BaseDatabaseWrapper) -> dict[int, str]:
    """The real documents in the index, by number."""
    pairs = list(_docs())
    search.index(connection, (doc for _, doc in pairs))
    return {doc.id: title for title, doc in pairs}


def _first(connection: BaseDatabaseWrapper, titles: dict[int, str], query: str, language: str) -> str:
    hits = search.find(connection, query, language=language, kinds=(EVENT, PLACE))
    return titles[hits.keys[0][1]] if hits.keys else ""


@pytest.mark.parametrize(
    ("query", "language", "title"),
    [
        ("festival du polar", "fr", "18ème Festival du Polar"),
        ("festval polar", "fr", "18ème Festival du Polar"),
        ("musee departemental ariege", "de", "musée départemental de l'Ariège"),
        ("musée de l'ariege foix", "fr", "musée départemental de l'Ariège"),
        ("dilettantenmusk", "de", "Dilettantenmusik"),
        ("antiquitaeten", "de", "Antiquitäten Graf"),
    ],
)
def test_a_guest_finds_the_real_thing(
    connection: BaseDatabaseWrapper, titles: dict[int, str], query: str, language: str, title: str
) -> None:
    assert _first(connection, titles, query, language) == title


def test_every_title_finds_its_document(connection: BaseDatabaseWrapper, titles: dict[int, str]) -> None:
    missed = []
    for number, title in list(titles.items())[::7]:
        hits = search.find(connection, title, language="fr", kinds=(EVENT, PLACE))
        if number not in [found for _, found in hits.keys]:
            missed.append(title)
    assert missed == []


def test_every_suggestion_finds_something(connection: BaseDatabaseWrapper, titles: dict[int, str]) -> None:
    for beginning in ("fe", "mus", "concert", "exposition de", "st"):
        suggestions = search.suggest(connection, beginning, "fr", kinds=(EVENT, PLACE))
        assert suggestions
        for suggestion in suggestions:
            assert search.find(connection, suggestion.text, language="fr", kinds=(EVENT, PLACE)).total > 0
