"""The vocabulary is complete in every language and understands the words of real sources."""

from __future__ import annotations

import pytest

from allmende.catalogue.vocabulary import (
    LANGUAGES,
    access_facts,
    audiences,
    categories,
    category,
    guess_categories,
    match_audiences,
    match_categories,
    statuses,
)
from allmende.catalogue.vocabulary.matching import fold
from allmende.formats.records import ACCESS_FACTS, AUDIENCES, STATUSES

KINDS = {"event", "place", "offer"}


def test_every_category_has_a_label_in_every_language() -> None:
    for item in categories():
        assert set(item.labels) == set(LANGUAGES), item.key
        for language in LANGUAGES:
            assert item.label(language).strip() == item.label(language) != "", item.key
            assert item.label(language, many=True) != "", item.key


def test_category_keys_are_unique_and_their_fields_are_in_range() -> None:
    keys = [item.key for item in categories()]
    assert len(keys) == len(set(keys))
    for item in categories():
        assert set(item.kinds) <= KINDS
        assert item.kinds
        assert 0 <= item.hue <= 360
        assert item.icon.isalnum()
        assert item.schema_type.isalpha()


def test_each_kind_ends_with_other() -> None:
    for kind in KINDS:
        assert [item.key for item in categories() if kind in item.kinds][-1] == "other"


def test_labels_within_a_kind_differ_so_that_a_filter_is_clear() -> None:
    for kind in KINDS:
        for language in LANGUAGES:
            labels = [item.label(language, many=True) for item in categories() if kind in item.kinds]
            assert len(labels) == len(set(labels)), (kind, language)


def test_audiences_access_facts_and_statuses_follow_the_records() -> None:
    assert tuple(item.key for item in audiences()) == AUDIENCES
    assert tuple(item.key for item in access_facts()) == ACCESS_FACTS
    assert tuple(item.key for item in statuses()) == STATUSES


def test_audiences_access_facts_and_statuses_have_labels_in_every_language() -> None:
    for texts in (
        [item.labels for item in audiences()]
        + [item.labels for item in statuses()]
        + [item.labels for item in access_facts()]
        + [words for item in access_facts() for words in item.states.values()]
    ):
        assert set(texts) == set(LANGUAGES)
        assert all(texts.values())
    assert all(set(item.states) == {"yes", "no", "partly"} for item in access_facts())


@pytest.mark.parametrize(
    ("terms", "kind", "language", "keys"),
    [
        (["schema:Event", "schema:ExhibitionEvent", "CulturalEvent", "Exhibition"], "event", "fr", ["exhibition"]),
        (["https://schema.org/MusicEvent"], "event", "en", ["music"]),
        (["CulturalSite", "PlaceOfInterest"], "place", "fr", ["castle-monument"]),
        (["CulturalSite", "Museum"], "place", "fr", ["museum"]),
        (["Abbey"], "place", "fr", ["church"]),
        (["schema:FoodEstablishment", "schema:Restaurant"], "place", "fr", ["food"]),
        (["WineCellar"], "place", "fr", ["farm-shop"]),
        (["Vides Grenier / Brocantes / Foires et salons"], "event", "fr", ["market-fair"]),
        (["Education / Formation / Métiers  / Emploi"], "event", "fr", ["talk-learning"]),
        (["Environnement"], "event", "fr", ["nature-outdoor"]),
        (["Weihnachtsmarkt"], "event", "de", ["market-fair"]),
        (["Weinachtsmarkt"], "event", "de", ["market-fair"]),
        (["Kirchenkonzerte"], "event", "de", ["music"]),
        (["Einzelhandel"], "place", "de", ["craft-shop"]),
        (["Loppemarked"], "event", "da", ["market-fair"]),
        (["UTSTÄLLNING"], "event", "sv", ["exhibition"]),
        (["Autres"], "event", "fr", ["other"]),
        (["Autres", "Concert"], "event", "fr", ["music"]),
        (["Culture"], "event", "fr", []),
        (["schema:LocalBusiness"], "place", "en", []),
        (["Restaurant"], "event", "en", []),
        (["", "   ", "://"], "event", "en", []),
    ],
)
def test_terms_of_sources_are_understood(terms: list[str], kind: str, language: str, keys: list[str]) -> None:
    assert match_categories(terms, kind, language) == keys


@pytest.mark.parametrize(
    ("title", "language", "keys"),
    [
        ("Orgelkonzert in der Marienkirche", "de", ["music"]),
        ("Exposition collective « Afric'Art »", "fr", ["exhibition"]),
        ("Konstutställning på slottet", "sv", ["exhibition"]),
        ("Julemarked i Ribe", "da", ["market-fair"]),
        ("Rondleiding door het kasteel", "nl", ["guided-tour"]),
        ("Guided tour of the exhibition", "en", ["guided-tour", "exhibition"]),
        ("Tête à Tête", "fr", []),
    ],
)
def test_a_title_tells_its_category(title: str, language: str, keys: list[str]) -> None:
    assert guess_categories(title, "", language) == keys


def test_the_description_is_asked_only_where_the_title_tells_nothing() -> None:
    assert guess_categories("Les Idiots", "Un concert au château, puis une exposition.", "fr") == ["music"]
    assert guess_categories("Exposition", "Un concert ouvre la soirée.", "fr") == ["exhibition"]


def test_audiences_are_matched_in_any_language() -> None:
    assert match_audiences(["Familien", "jeune public", "pensionärer", "Marsmenschen"]) == [
        "families",
        "children",
        "seniors",
    ]


def test_no_telling_word_belongs_to_two_categories() -> None:
    for language in LANGUAGES:
        seen: dict[str, str] = {}
        for item in categories():
            for word in item.telling_words.get(language, ()):
                assert seen.setdefault(fold(word), item.key) == item.key, (language, word)


def test_the_category_of_a_key() -> None:
    found = category("museum")
    assert found is not None
    assert found.label("fr", many=True) == "Musées"
    assert category("no-such") is None
