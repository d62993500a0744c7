"""All reports on paper have one base: type, page numbers, language with its hyphenation, tags for screen readers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from allmende.formats.indicator_report import ReportLine, ReportPart, ReportText, write_pdf
from allmende.formats.paper import CannotSet, set_pdf
from allmende.formats.pdf_report import Report, Section, Table, pdf_report
from tests.conftest import ROOT

MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG = "Übernachtungsstatistikveröffentlichungszeitpunktsbestimmungsverfahrensordnungsänderung"


def of_figures(language: str, word: str) -> bytes:
    line = ReportLine(word, "", ["1"] * 6)
    part = ReportPart("Teil", "", ["Jahr der Zählung"] * 6, "Kennzahl", [line])
    return write_pdf(
        ReportText(language, "Zahlen", "heute", "", "", "", language, [part], "", [], "{page}", "Stadt"), made=MADE
    )


def of_sections(language: str, word: str) -> bytes:
    table = Table("Zahlen", ("Kennzahl", *["Jahr"] * 6), ((word, *["1"] * 6),))
    return pdf_report(Report(language, "Zahlen", (Section("Teil", tables=(table,)),)), made=MADE)


@pytest.mark.parametrize("made", [of_figures, of_sections])
def test_both_reports_are_tagged_say_their_language_and_break_long_words(made: object) -> None:
    content = made("de", LONG)  # type: ignore[operator]
    assert re.search(rb"/Lang\s*\(de", content)
    assert b"/MarkInfo" in content
    assert b"pdfuaid:part" in content
    # In a language without such words they are broken elsewhere or not at all: the files differ by more than their names.
    assert len(made("en", LONG)) != len(content)  # type: ignore[operator]


def test_no_report_has_a_page_of_its_own() -> None:
    for template in (ROOT / "src/allmende/formats").glob("*/templates/report.typ"):
        text = template.read_text("utf-8")
        assert '#import "base.typ": *' in text, template
        assert "#show: paper.with(report" in text, template
        assert not re.search(r"set (page|document)\b|font:", text), template


def test_what_cannot_be_set_says_why() -> None:
    with pytest.raises(CannotSet, match="purpose"):
        set_pdf("allmende.formats.indicator_report", {"language": "de"}, made=MADE)
