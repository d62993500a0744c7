"""The search box completes what is being typed."""

from __future__ import annotations

from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue import search
from allmende.catalogue.search import Doc, Suggestion

Index = Callable[..., None]


def test_suggest_gives_words_then_titles(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Musée Fabre", "Nuit des musées", "Musique au musée", "Marché", language="fr")
    assert search.suggest(connection, "mus", "fr", 6) == [
        Suggestion("musée"),
        Suggestion("musées"),
        Suggestion("Musée Fabre", (1, 1)),
        Suggestion("Musique au musée", (1, 3)),
        Suggestion("Nuit des musées", (1, 2)),
    ]


def test_suggest_goes_on_with_several_words(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Marché de Noël", "Marché de nuit", "Noël en fête", language="fr")
    assert search.suggest(connection, "marche de no", "fr") == [Suggestion("Marché de Noël", (1, 1))]


def test_suggest_speaks_the_guests_language(index: Index, connection: BaseDatabaseWrapper) -> None:
    index(Doc(2, 5, "fr", [("fr", "Musée du textile"), ("de", "Textilmuseum"), ("en", "Textile museum")]))
    assert search.suggest(connection, "textile m", "de", kinds=(2,)) == []
    assert search.suggest(connection, "textil", "de", kinds=(2,)) == [Suggestion("textilmuseum")]
    assert search.suggest(connection, "textile museum", "de", kinds=(2,)) == [Suggestion("Textile museum", (2, 5))]
    assert search.suggest(connection, "musée du", "de", 3, kinds=(2,)) == [Suggestion("Musée du textile", (2, 5))]


def test_suggest_names_a_title_once(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Wochenmarkt am Rathaus", "Wochenmarkt am Rathaus", "Wochenmarkt")
    assert search.suggest(connection, "woch", "de") == [
        Suggestion("wochenmarkt"),
        Suggestion("Wochenmarkt am Rathaus", (1, 1)),
    ]


def test_suggest_waits_for_two_letters(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Wochenmarkt")
    assert [search.suggest(connection, typed, "de") for typed in ("", " ", "w", "*", "xyz")] == [[], [], [], [], []]
