"""Text as delivered, made fit to show."""

from __future__ import annotations

import pytest

from allmende.formats.text import MAX_TEXT, clean_url, one_line, plain_text, strip_control


def test_entities_are_decoded() -> None:
    assert plain_text("ainsi qu’une&nbsp;(...) &amp; plus") == "ainsi qu’une (...) & plus"


def test_blocks_become_paragraphs_and_breaks_become_lines() -> None:
    assert plain_text("<p>Ein\nAbend</p><p>mit<br>Musik</p>") == "Ein Abend\n\nmit\nMusik"


def test_lists_keep_their_points() -> None:
    assert plain_text("<ul><li>Brot</li><li>Käse</li></ul>") == "• Brot\n• Käse"


def test_scripts_and_styles_leave_nothing() -> None:
    assert plain_text("a<script>alert(1)</script><style>p{}</style><b onclick=x>b</b>") == "ab"


def test_markup_that_was_escaped_twice_is_still_markup() -> None:
    assert plain_text("&lt;p&gt;Ein&amp;nbsp;Fest&lt;/p&gt;") == "Ein Fest"
    assert plain_text("&lt;script&gt;alert(1)&lt;/script&gt;ok") == "ok"


def test_a_sign_of_comparison_is_no_tag() -> None:
    assert plain_text("Kinder < 6 Jahre, Gruppen > 10") == "Kinder < 6 Jahre, Gruppen > 10"


def test_plain_text_keeps_its_lines() -> None:
    assert plain_text("Zeile eins  \r\nZeile zwei\n\n\n\nEnde ") == "Zeile eins\nZeile zwei\n\nEnde"


def test_markup_made_to_be_slow_is_still_read() -> None:
    assert plain_text("<x>" * 30_000 + "Text") == "Text"


def test_an_endless_text_is_cut() -> None:
    assert len(plain_text("<b>" + "a" * 3 * MAX_TEXT + "</b>")) <= MAX_TEXT


def test_hidden_characters_go() -> None:
    assert strip_control("a\x00b\u202ec\ud800d\u200b") == "abcd"
    assert plain_text("a\x00\u202eb") == "ab"


def test_joiners_that_letters_need_stay() -> None:
    assert plain_text("👩\u200d🌾") == "👩\u200d🌾"


def test_one_line_has_no_breaks() -> None:
    assert one_line("Konzert\nim <br>Park") == "Konzert im Park"


@pytest.mark.parametrize(
    ("delivered", "clean"),
    [
        ("https://www.laregion.fr/a?b=c#d", "https://www.laregion.fr/a?b=c#d"),
        ("www.saint-lizier.com/loisirs/", "http://www.saint-lizier.com/loisirs/"),
        ("HTTP://Museum.Example/Ä b", "http://museum.example/%C3%84%20b"),
        ('https://a.example/"><script>', "https://a.example/%22%3E%3Cscript"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://bank.example@evil.example/", ""),
        ("//evil.example", ""),
        ("http:///x", ""),
        ("https://[::1", ""),
        ("kein link", ""),
        ("", ""),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_only_web_addresses_that_are_safe_to_follow_stay(delivered: str, clean: str) -> None:
    assert clean_url(delivered) == clean


def test_halves_of_surrogate_pairs_beside_markup_are_dropped() -> None:
    assert plain_text("<p>a\ud800b</p>") == "ab"
