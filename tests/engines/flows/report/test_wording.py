"""Six languages, complete, with the same places to fill in; numbers and dates as each writes them."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from allmende.engines.flows import report
from allmende.engines.flows.report.countries import COUNTRY_OF
from allmende.engines.flows.report.wording import LANGUAGES, UnknownLanguage, Words, texts
from allmende.engines.flows.words import VisitorClass

FOLDER = Path(report.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]


def used() -> tuple[set[str], set[str]]:
    """Keys that the code asks for by name, and the prefixes of those it puts together."""
    names: set[str] = set()
    prefixes: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name) and node.func.id in ("words", "add"):  # fmt: skip
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and "{" not in part.value:
                        names.add(part.value)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "absent":
                key = node.args[0]
                assert isinstance(key, ast.Constant)
                names |= {f"{key.value}.title", f"{key.value}.absent"}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "known":
                prefix = node.args[0]
                assert isinstance(prefix, ast.Constant)
                prefixes.add(str(prefix.value))
    names |= set(re.findall(r'words\("([a-z_.]+)"', (FOLDER / "templates" / "page.html").read_text("utf-8")))
    return {name for name in names if not name.startswith(".")}, prefixes


def test_every_text_that_is_asked_for_is_there_and_none_is_left_over() -> None:
    names, prefixes = used()
    there = set(texts("en"))
    assert names - there == set()
    free = {key for key in there if key.partition(".")[0] in prefixes and "." in key}
    assert there - names - free - {"page_of"} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_every_text_with_the_same_places(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert list(other) == list(english)
    places = re.compile(r"\{\w+\}")
    assert [key for key in english if sorted(places.findall(english[key])) != sorted(places.findall(other[key]))] == []
    assert [key for key, text in other.items() if not text.strip()] == []


@pytest.mark.parametrize("language", OTHERS)
def test_hardly_a_text_is_still_english(language: str) -> None:
    same = [key for key, text in texts(language).items() if text == texts("en")[key] and len(text) > 12]
    assert set(same) <= {"interval"}  # the same word in Danish and Dutch


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_of_visitor_has_a_name(language: str) -> None:
    assert {f"class.{entry.word}" for entry in VisitorClass} <= set(texts(language))


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(UnknownLanguage, match=r"no report in 'xx'\. Choose one of en, de, sv, da, nl, fr"):
        Words("xx")("title")


@pytest.mark.parametrize(
    ("language", "number", "percent", "day", "country"),
    [
        ("en", "23,500", "6.1%", "Saturday 4 July 2026", "Germany"),
        ("de", "23.500", "6,1 %", "Samstag, 4. Juli 2026", "Deutschland"),
        ("sv", "23 500", "6,1 %", "lördag 4 juli 2026", "Tyskland"),
        ("da", "23.500", "6,1 %", "lørdag den 4. juli 2026", "Tyskland"),
        ("nl", "23.500", "6,1%", "zaterdag 4 juli 2026", "Duitsland"),
        ("fr", "23 500", "6,1 %", "samedi 4 juillet 2026", "Allemagne"),
    ],
)
def test_figures_are_written_as_the_language_does(
    language: str, number: str, percent: str, day: str, country: str
) -> None:
    words = Words(language)

    def plain(text: str) -> str:
        return re.sub(r"[\u00a0\u202f]", " ", text)

    assert plain(words.about(23_481)) == number
    assert plain(words.percent(0.0612)) == percent
    assert plain(words.day(date(2026, 7, 4))).replace(",", "") == day.replace(",", "")
    assert words.country(COUNTRY_OF[262]) == country


def test_an_estimate_is_whole_with_three_digits_and_a_number_below_ten_has_one_decimal() -> None:
    words = Words("en")
    assert [words.about(value) for value in (0, 4.56, 12.34, 129_700)] == ["0", "5", "12", "130,000"]
    assert [words.number(value) for value in (3.75, 3.0, 12.6)] == ["3.8", "3", "13"]


def test_a_word_that_is_not_known_is_shown_as_it_is() -> None:
    assert Words("de").known("dropped", "solar_flare") == "solar flare"
