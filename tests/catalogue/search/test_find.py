"""What a guest types finds what a guest means, on both databases alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from allmende.catalogue import search
from allmende.catalogue.search import Doc, Hits

Index = Callable[..., None]
Found = Callable[..., list[int]]


@pytest.mark.parametrize("query", ["Führung", "fuehrung", "fuhrung", "FÜHRUNG", "führungen", "Fuehrungen", "führ"])
def test_find_meets_every_spelling_of_an_umlaut(index: Index, found: Found, query: str) -> None:
    index("Führung durch das Museum", "Konzert im Park")
    assert found(query) == [1]


@pytest.mark.parametrize(
    ("title", "language", "queries"),
    [
        ("Le loup", "fr", ["loup", "loups", "Loups"]),
        ("Nuit des musées", "fr", ["musees", "musées", "musée", "musee", "nuit des musees", "l'musée"]),
        ("Östgöta museum", "sv", ["oestgota", "östgöta", "ostgota", "museum"]),
        ("Århus festuge", "da", ["århus", "aarhus", "arhus", "festugen"]),
        ("Aarhus festuge", "da", ["århus", "aarhus"]),
        ("Æblefestival", "da", ["æblefest", "aeblefest", "äblefestival"]),
        ("Tentoonstellingen in de oude kerk", "nl", ["tentoonstelling", "kerken"]),
        ("E-Bike tour", "en", ["ebike", "e-bike", "E-Bike Tours"]),
        ("L’été en fête", "fr", ["ete", "été", "l'ete", "fêtes"]),
    ],
)
def test_find_meets_forms_of_a_word(index: Index, found: Found, title: str, language: str, queries: list[str]) -> None:
    index(title, language=language)
    assert {query: found(query, language) for query in queries} == {query: [1] for query in queries}


def test_find_stems_in_the_language_of_the_text_whatever_the_page_speaks(index: Index, found: Found) -> None:
    index(Doc(1, 1, "fr", [("fr", "Les loups du parc"), ("de", "Die Wölfe im Park")]))
    assert found("loup", "de") == [1]
    assert found("wolf", "fr") == [1]


def test_find_wants_all_words(index: Index, found: Found) -> None:
    index("Jazz im Park", "Jazz im Keller", "Lesung im Park")
    assert found("park jazz") == [1]


def test_find_takes_the_last_word_as_a_beginning_until_a_space_follows(index: Index, found: Found) -> None:
    index("Musikfest", "Musik")
    assert found("musik") == [2, 1]
    assert found("musik ") == [2]
    assert found("mu") == [1, 2]
    assert found("fest ") == []


def test_find_does_not_insist_on_small_words(index: Index, found: Found) -> None:
    index("Nacht der Museen")
    assert found("die nacht und das museum") == [1]
    assert found("der") == [1]


def test_find_keeps_words_in_quotes_together(index: Index, found: Found) -> None:
    index(
        Doc(1, 1, "fr", "Soirée", body="La grande fête de la musique revient."),
        Doc(1, 2, "fr", "Musique et fête"),
        Doc(1, 3, "fr", "Fête de la musique"),
        Doc(1, 4, "fr", "La fête", keywords="Musique"),
    )
    assert found('"fête de la musique"', "fr") == [3, 1]
    assert found("«fete de la musique»", "fr") == [3, 1]
    assert found("fête de la musique", "fr") == [2, 3, 4, 1]


def test_find_leaves_out_what_has_a_minus(index: Index, found: Found) -> None:
    index("Jazz im Park", "Jazz-Brunch", "Jazz für Führungskräfte", "Jazz, Führung")
    assert found("jazz -park -fuehrung") == [2, 3]
    assert found('jazz -"jazz brunch"') == [4, 1, 3]
    assert found("-jazz") == []


def test_find_ranks_title_above_keywords_above_text(index: Index, found: Found) -> None:
    index(
        Doc(1, 1, "de", "Abend", body="Mit Orgel."),
        Doc(1, 2, "de", "Abend", keywords="Orgel"),
        Doc(1, 3, "de", "Orgel und Trompete am Abend"),
        Doc(1, 4, "de", "Orgel"),
    )
    assert found("orgel") == [4, 3, 2, 1]


def test_find_ranks_the_word_above_longer_words_above_stems(index: Index, found: Found) -> None:
    index("Konzert", "Konzertabend", "Konzerte")
    assert found("konzerte") == [3, 1]
    assert found("konzert") == [1, 2, 3]
    index(Doc(1, 4, "de", "A", body="Konzert"), Doc(1, 5, "de", "B", body="Konzerte"))
    assert found("konzerte") == [3, 1, 5, 4]


def test_find_keeps_to_the_kinds(index: Index, found: Found) -> None:
    index(Doc(1, 7, "de", "Orgel"), Doc(2, 7, "de", "Orgel"), Doc(3, 9, "de", "Orgel"))
    assert found("orgel", kinds=(1,)) == [7]
    assert found("orgel", kinds=(3, 1)) == [7, 9]
    assert found("orgel", kinds=(4,)) == []
    assert found("orgel", kinds=()) == []


def test_find_corrects_a_word_that_is_nowhere(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Führung durch das Museum", "Führung im Schloss")
    hits = search.find(connection, "Fürhung museum", language="de", kinds=(1,))
    assert hits == Hits([(1, 1)], 1, corrected="führung museum", terms=("fuhrung", "museum"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("misik", "musik"),  # wrong letter
        ("nusik", "musik"),  # wrong first letter
        ("musk", "musik"),  # missing
        ("musiik", "musik"),  # doubled
        ("msuik", "musik"),  # swapped
        ("weihnachtsmakt", "weihnachtsmarkt"),
        ("weinachtsmakrt", "weihnachtsmarkt"),  # two
        ("eihnachtsmarkt", "weihnachtsmarkt"),
    ],
)
def test_find_corrects_the_usual_slips(index: Index, connection: BaseDatabaseWrapper, typed: str, meant: str) -> None:
    index("Musik", "Weihnachtsmarkt", "Wochenmarkt")
    assert search.find(connection, typed, language="de", kinds=(1,)).corrected == meant


@pytest.mark.parametrize("typed", ["mnsjk", "mus1234", "msk", "weinahctmrakt", "eihnachtsmarkd"])
def test_find_does_not_guess_wildly(index: Index, connection: BaseDatabaseWrapper, typed: str) -> None:
    index("Musik", "Weihnachtsmarkt")
    assert search.find(connection, typed, language="de", kinds=(1,)) == Hits()


def test_find_corrects_to_the_most_frequent_of_the_nearest(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Wand", "Hand", "Hand", "Sand", "Sand", "Sand", "Strand")
    assert search.find(connection, "xand", language="de", kinds=(1,)).corrected == "sand"


def test_find_corrects_only_to_what_is_among_the_kinds(index: Index, connection: BaseDatabaseWrapper) -> None:
    index(Doc(1, 1, "de", "Sand"), Doc(2, 1, "de", "Wand"))
    assert search.find(connection, "xand", language="de", kinds=(2,)).corrected == "wand"


def test_find_does_not_correct_to_what_was_removed(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Sand", "Wand")
    search.remove(connection, [(1, 1)])
    assert search.find(connection, "xand", language="de", kinds=(1,)).corrected == "wand"
    search.remove(connection, [(1, 2), (1, 99)])
    assert search.find(connection, "xand", language="de", kinds=(1,)) == Hits()


def test_find_gives_most_words_where_none_has_all_and_says_so(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Jazz im Park", "Jazz im Keller", "Lesung im Park", "Lesung und Jazz", "Theater")
    hits = search.find(connection, "jazz park lesung", language="de", kinds=(1,))
    assert (hits.keys, hits.total, hits.relaxed) == ([(1, 1), (1, 4), (1, 3)], 3, True)
    hits = search.find(connection, "theater jazz", language="de", kinds=(1,))
    assert (hits.keys, hits.relaxed) == ([(1, 5), (1, 1), (1, 2), (1, 4)], True)


def test_find_leaves_out_a_word_that_is_nowhere_and_says_so(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Jazz im Park", "Lesung")
    hits = search.find(connection, "jazz qqqqqqq", language="de", kinds=(1,))
    assert hits == Hits([(1, 1)], 1, relaxed=True, terms=("jazz",))


def test_find_counts_up_to_the_cap_and_says_so(index: Index, connection: BaseDatabaseWrapper) -> None:
    index(*[f"Orgel {number}" for number in range(30)])
    hits = search.find(connection, "orgel", language="de", kinds=(1,), limit=5, cap=30)
    assert (len(hits.keys), hits.total, hits.capped) == (5, 30, False)
    hits = search.find(connection, "orgel", language="de", kinds=(1,), limit=5, cap=29)
    assert (len(hits.keys), hits.total, hits.capped) == (5, 29, True)


def test_find_beyond_the_cap_has_every_kind_and_the_best_first(index: Index, connection: BaseDatabaseWrapper) -> None:
    index(
        *[Doc(1, number, "de", "Abend", body="Orgel") for number in range(50)],
        Doc(1, 77, "de", "Orgel"),
        Doc(2, 1, "de", "Kirche", body="Mit Orgel"),
    )
    hits = search.find(connection, "orgel", language="de", kinds=(1, 2), limit=10, cap=10)
    assert (hits.keys[0], len(hits.keys), hits.total, hits.capped) == ((1, 77), 10, 10, True)
    wider = search.find(connection, "orgel", language="de", kinds=(1, 2), limit=50, cap=50)
    assert (wider.keys[:4], wider.total) == ([(1, 77), (1, 0), (1, 1), (2, 1)], 50)


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "*",
        '"',
        '""',
        "-",
        "--",
        '-"',
        "NEAR(",
        "AND",
        "a AND",
        "title:x",
        "x*",
        "(",
        ")",
        "'; DROP TABLE catalogue_search; --",
        "%s %(x)s",
        "\x00",
        "\ud800",
        "a:* & !b | <-> c",
        "\\",
        "'",
        "l'",
        "🎺",
        "½ ² ﬁ",
        '"the" -"le la"',
    ],
)
def test_find_takes_any_input(index: Index, found: Found, query: str) -> None:
    index("Orgel")
    assert found(query) == []
    assert found("orgel") == [1]


def test_find_reads_twelve_words_and_two_hundred_signs(index: Index, found: Found) -> None:
    index("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf")
    assert found("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn") == [1]
    assert found("eins" + " " * 300 + "dreizehn") == [1]


def test_find_names_the_terms_for_marking(index: Index, connection: BaseDatabaseWrapper) -> None:
    index("Die Führungen im Museum")
    hits = search.find(connection, 'Führung "im Museum"', language="de", kinds=(1,))
    assert hits.terms == ("fuhrung", "im", "museum")
    title = "Die Führungen im Museum"
    marked = [title[start:end] for start, end in search.spans(title, hits.terms, "de")]
    assert marked == ["Führungen", "im", "Museum"]


def test_spans_of_nothing_are_none() -> None:
    assert search.spans("Die Führungen im Museum", (), "de") == []
