"""A report is set as a tagged PDF that says its language, its headings and what its pictures show."""

from __future__ import annotations

import re

import pytest

from allmende.formats.pdf_report import BrokenDrawing, Fact, Picture, Report, Section, Table, pdf_report

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#1f5f4a"/></svg>'


def report(**more: object) -> Report:
    section = Section(
        "Was gemessen wurde",
        ("Weniger Besucher am Mittag.",),
        facts=(Fact("−14 %", "Wirkung", "−22 bis −5"),),
        points=("Vorher gleich verlaufen", "Keine Lücken"),
        pictures=(Picture(SVG, "Ein Kasten, ganz grün.", "Verlauf"),),
        tables=(Table("Schätzungen", ("Verfahren", "Wirkung"), (("Vergleich", "−14 %"), ("Modell", "−12 %"))),),
        notes=("Quelle: Zählung der Stadt.",),
    )
    told = {"language": "de", "title": "Umleitung am Strand", "sections": (section,), "lead": ("Es hat gewirkt.",)}
    return Report(**{**told, **more})  # type: ignore[arg-type]


def test_the_pdf_is_tagged_and_says_its_language_and_its_pictures_words() -> None:
    made = pdf_report(report(label="Vorführung", author="Stadt", foot="Ende"))
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made or b"/StructTreeRoot" in made
    assert re.search(rb"/Lang\s*\(de", made)
    assert b"pdfuaid:part" in made


def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf_report(report()) == pdf_report(report())


@pytest.mark.parametrize("language", ["de", "sv", "da", "nl", "fr", "en"])
def test_every_language_of_the_pages_can_be_set(language: str) -> None:
    assert re.search(rb"/Lang\s*\(" + language.encode(), pdf_report(report(language=language, sections=())))


def test_a_drawing_that_is_none_is_refused_with_the_name_of_the_report() -> None:
    broken = Section("X", pictures=(Picture("<svg", "Nichts"),))
    with pytest.raises(BrokenDrawing, match="Umleitung am Strand"):
        pdf_report(report(sections=(broken,)))


def test_a_table_with_a_short_row_is_refused_with_its_name() -> None:
    broken = Section("X", tables=(Table("Schätzungen", ("a", "b"), (("1",),)),))
    with pytest.raises(BrokenDrawing, match="Schätzungen"):
        pdf_report(report(sections=(broken,)))
