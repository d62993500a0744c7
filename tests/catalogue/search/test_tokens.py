"""Words are compared without case, accents and endings, and however they are spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.catalogue.search import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Führung durch die Straße", ["fuhrung", "durch", "die", "strasse"]),
        ("Ærø, Ørsted & Århus", ["aero", "orsted", "arhus"]),
        ("L’été à l'œuvre, jusqu’au bout", ["ete", "a", "oeuvre", "au", "bout"]),
        ("Łódź İstanbul", ["lodz", "istanbul"]),
        ("e\u0301te\u0301 Schiff\xadfahrt", ["ete", "schifffahrt"]),
        ("19h30_Concert (E-Bike)", ["19h30", "concert", "e", "bike"]),
        ("Μουσείο 博物館", ["μουσειο", "博物館"]),
        ("… – !?", []),
    ],
)
def test_tokenize_folds_words(text: str, words: list[str]) -> None:
    assert tokens.tokenize(text) == words


def test_fold_keeps_what_is_no_letter() -> None:
    assert tokens.fold("Grüße aus Malmö!") == "grusse aus malmo!"


@pytest.mark.parametrize(
    ("text", "language", "stems"),
    [
        ("loups musées", "fr", ["loup", "muse"]),
        ("Führungen Häuser", "de", ["fuhrung", "haus"]),
        ("museerna utställningar", "sv", ["muse", "utstallning"]),
        ("udstillinger", "da", ["udstilling"]),
        ("tentoonstellingen", "nl", ["tentoonstel"]),
        ("walking tours", "en", ["walk", "tour"]),
        ("musei civici", "it", []),
    ],
)
def test_stems_are_given_where_they_differ(text: str, language: str, stems: list[str]) -> None:
    assert tokens.stems(text, language) == stems


@pytest.mark.parametrize(
    ("typed", "indexed"),
    [
        ("fuehrung", "Führung"),
        ("führung", "Führung"),
        ("fuhrung", "Führung"),
        ("oestgota", "Östgöta"),
        ("Östgöta", "oestgota"),
        ("aarhus", "Århus"),
        ("århus", "Aarhus"),
        ("æble", "äble"),
        ("äble", "æble"),
        ("roedovre", "Rødovre"),
        ("rødovre", "Roedovre"),
        ("oeuvre", "œuvre"),
        ("strasse", "Straße"),
    ],
)
def test_spellings_meet_the_indexed_word(typed: str, indexed: str) -> None:
    assert tokens.tokenize(indexed)[0] in tokens.spellings(typed)


def test_joined_gives_compounds_as_one_word() -> None:
    assert tokens.joined("E-Bike nach Saint-Gaudens, 10 - 12 Uhr") == ["ebike", "saintgaudens"]


def test_long_texts_are_indexed_without_fillers() -> None:
    assert tokens.tokenize_long("Le thé et la fête de l’été") == ["the", "fete", "ete"]


def test_shown_gives_a_word_back_as_it_was_written() -> None:
    tokens.tokenize("Schlösserführung")
    assert tokens.shown("schlosserfuhrung") == "schlösserführung"


@given(st.text())
def test_tokens_are_safe_for_both_databases(text: str) -> None:
    for word in tokens.tokenize(text) + tokens.joined(text) + tokens.spellings(text):
        assert word.isalnum()
        assert len(word) <= tokens.LONGEST
        assert word.encode()
