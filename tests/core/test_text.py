"""Translated texts: states, and translations whose original changed."""

from __future__ import annotations

from allmende.core.text import fingerprint, followed, is_stale, keep_translations, with_translation

CONCERT = {"original": "fr", "texts": {"fr": "Un concert", "de": "Ein Konzert"}}


def test_a_value_without_marks_is_fresh() -> None:
    assert not is_stale(CONCERT, "de")
    assert followed(CONCERT, CONCERT) == CONCERT


def test_a_changed_original_makes_the_translation_stale_until_it_is_as_it_was_again() -> None:
    changed = followed(CONCERT, {"original": "fr", "texts": {"fr": "Deux concerts", "de": "Ein Konzert"}})
    assert changed["of"] == {"de": fingerprint("Un concert")}
    assert is_stale(changed, "de")
    again = followed(changed, CONCERT)
    assert not is_stale(again, "de")


def test_a_change_of_the_original_twice_keeps_what_the_translation_was_made_of() -> None:
    once = followed(CONCERT, {"original": "fr", "texts": {"fr": "Deux", "de": "Ein Konzert"}})
    twice = followed(once, {"original": "fr", "texts": {"fr": "Trois", "de": "Ein Konzert"}})
    assert twice["of"] == {"de": fingerprint("Un concert")}


def test_a_translation_that_changed_with_its_original_is_fresh() -> None:
    changed = followed(CONCERT, {"original": "fr", "texts": {"fr": "Deux concerts", "de": "Zwei Konzerte"}})
    assert not is_stale(changed, "de")


def test_white_space_and_composed_accents_are_no_change() -> None:
    before = {"original": "fr", "texts": {"fr": "Fête  d’été\n", "de": "Sommerfest"}}
    after = followed(before, {"original": "fr", "texts": {"fr": "Fe\u0302te d’e\u0301te\u0301", "de": "Sommerfest"}})
    assert not is_stale(after, "de")


def test_a_translation_by_machine_and_its_review() -> None:
    by_machine = with_translation(CONCERT, "sv", "En konsert", by_machine=True)
    assert by_machine["machine"] == ["sv"]
    reviewed = with_translation(by_machine, "sv", "En konsert", by_machine=False)
    assert "machine" not in reviewed
    assert reviewed["texts"]["sv"] == "En konsert"
    assert with_translation(reviewed, "sv", "", by_machine=False) == CONCERT


def test_what_was_translated_here_stays_beside_what_the_source_delivers() -> None:
    stored = with_translation(CONCERT, "sv", "En konsert", by_machine=True)
    delivered = {"original": "fr", "texts": {"fr": "Deux concerts", "de": "Zwei Konzerte"}}
    kept = keep_translations(delivered, stored, ["sv"])
    assert kept["texts"] == {"fr": "Deux concerts", "de": "Zwei Konzerte", "sv": "En konsert"}
    assert kept["machine"] == ["sv"]
    assert is_stale(kept, "sv")
    assert not is_stale(kept, "de")


def test_a_person_at_the_source_outweighs_a_machine_here_but_not_a_person_here() -> None:
    delivered = {"original": "fr", "texts": {"fr": "Un concert", "sv": "Konsert i kyrkan"}}
    by_machine = with_translation(CONCERT, "sv", "En konsert", by_machine=True)
    assert keep_translations(delivered, by_machine, ["sv"])["texts"]["sv"] == "Konsert i kyrkan"
    by_person = with_translation(CONCERT, "sv", "En konsert", by_machine=False)
    assert keep_translations(delivered, by_person, ["sv"])["texts"]["sv"] == "En konsert"
