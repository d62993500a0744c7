"""Cells that no spreadsheet takes for a formula, and that come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.formats.outgoing.cells import safe_cell
from allmende.formats.tabular import _unsafed

SIGNS = "=+-@\t\r\n"
TEXTS = st.text(alphabet=st.sampled_from("='+-@\t\r\nab 1.,é"), max_size=8)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+33 5 61", "'+33 5 61"),
        ("-5 degrees", "'-5 degrees"),
        ("-4.5", "-4.5"),
        ("+33561", "+33561"),
        ("'=1+1", "''=1+1"),
        ("'t Hof", "'t Hof"),
        ("d’été", "d’été"),
        ("", ""),
    ],
)
def test_cell_is_what_a_person_expects(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
    assert _unsafed(cell) == text


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert _unsafed(safe_cell(text)) == text


@given(TEXTS)
def test_no_cell_begins_like_a_formula_unless_it_is_a_number(text: str) -> None:
    cell = safe_cell(text)
    if cell[:1] in tuple(SIGNS):
        float(cell)
