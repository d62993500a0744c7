"""What is wrong with a delivery is kept as a key and facts, and told in the language of whoever reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from allmende.engines.flows.deliveries import read_delivery, read_schema
from allmende.insight.bridges.operators import read_operator
from allmende.insight.bridges.tables import read_columns
from allmende.insight.deliveries.areas import understand_areas
from allmende.insight.deliveries.foreign import add_foreign, refusal
from allmende.insight.deliveries.problems import ROW, Problems
from allmende.insight.deliveries.saying import Said, problem_told
from tests.insight.deliveries.test_understanding import read

LANGUAGES = ("de", "sv", "da", "nl", "fr")


def test_a_problem_is_told_in_six_languages(tmp_path: Path) -> None:
    found = read(tmp_path, "site;time;count\nmond;2026-06-01 12:00;7\nstrand;noon;7\nstrand;2026-06-01 13:00;many\n")
    problems = found.problems.found
    assert {one["code"] for one in problems} == {"unknown-site", "bad-time", "bad-figure"}
    for problem in problems:
        english = problem_told(problem)
        assert (english.where, english.message, english.remedy) == (
            problem["where"], problem["message"], problem["remedy"],
        )  # fmt: skip
        for language in LANGUAGES:
            with override(language):
                told = problem_told(problem)
            assert (told.message == english.message, told.language) == (False, ""), language
            assert told.where.split()[-1] == english.where.split()[-1]  # the number of the row


def test_figures_and_lists_are_written_as_the_language_writes_them() -> None:
    said = Said("%(a)s, %(b)s", {"a": 1234567, "b": [6.5, None]})
    assert str(said) == "1,234,567, 6.5 and held back"
    with override("de"):
        assert str(said) == "1.234.567, 6,5 und zurückgehalten"
    with override("fr"):
        assert str(Said(ROW, {"row": "12345"})).endswith("12345")  # no separators in the number of a row


def test_a_problem_of_an_earlier_program_stays_english_and_says_so() -> None:
    old = {"where": "row 3", "message": "100 % of it", "code": "x", "severity": "error", "remedy": "Do it."}
    with override("de"):
        told = problem_told(old)
    assert (told.where, told.message, told.is_error, told.language) == ("row 3", "100 % of it", True, "en")


OPERATOR = """day,origin,destination,trips
2026-06-01,A,B,100
2026-06-01,A,B,100
never,A,B,100
2026-06-01,A,C,many
2026-06-01,A,D
"""


def test_what_the_flow_engine_says_is_known_sentence_by_sentence(tmp_path: Path) -> None:
    path = tmp_path / "od.csv"
    path.write_text(OPERATOR, "utf-8")
    assert len(read_delivery(path, read_schema("od")).violations) == 4
    found = understand_areas(read_operator(path, "od"), []).understood.problems.found
    for problem in (one for one in found if one["code"] == "operator"):
        assert "said" in problem, problem
        with override("de"):
            assert problem_told(problem).message != problem["message"]


def test_a_reader_says_what_is_known_and_the_rest_stays_english(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("site;count\na;1;2;3\n", "utf-8")
    problems = Problems()
    for one in read_columns(path).problems:
        add_foreign(problems, one)
    assert [one["said"]["facts"] for one in problems.found] == [{"row": "2", "cells": "4", "width": "2"}]
    problems.add_as_it_is("row 1", "Quite new.", "new", severity="note", n=1)
    assert problem_told(problems.found[-1]).language == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_refused_is_refused_in_the_readers_language(language: str) -> None:
    said = refusal("The Parquet file is damaged and cannot be read. Export it again.")
    with override(language):
        assert str(said) != said.key
    assert str(refusal("Something new.")) == "Something new."
