"""The report of figures is a PDF that a screen reader can read, the same for the same words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from allmende.formats.indicator_report import ReportLine, ReportPart, ReportText, write_pdf

MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REPORT = ReportText(
    language="fr",
    title="Chiffres : Musée du Pont",
    subtitle="Établi le 2 mars 2026",
    label="Démonstration",
    purpose_title="Notre raison d’être",
    purpose="Garder la mémoire.",
    purpose_language="fr",
    parts=[
        ReportPart(
            "Musées",
            "",
            ["2024", "2025", "Unité"],
            "Indicateur",
            [
                ReportLine("Visites", "Caisse", ["6 950", "–", "visites"]),
                ReportLine("Groupe anonyme", "", ["", "9 285 – 25 336", "visites"], is_group=True),
            ],
        )
    ],
    notes_title="Comment lire",
    notes=["Un tiret signifie qu’il n’y a pas de chiffre."],
    page_of="Page {page} sur {pages}",
    author="Occitanie",
)


def test_the_pdf_is_tagged_for_screen_readers_and_names_its_language() -> None:
    content = write_pdf(REPORT, made=MADE)
    assert content.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in content
    assert b"pdfuaid" in content
    assert b"(fr)" in content


def test_the_same_report_is_the_same_file() -> None:
    assert write_pdf(REPORT, made=MADE) == write_pdf(REPORT, made=MADE)


@pytest.mark.parametrize("text", ["#panic()", "*bold* _x_ $y$", "\\ ] [ #", "<label>", "“%(x)s”", "=1+1", "שלום"])
def test_no_text_is_taken_for_markup(text: str) -> None:
    line = ReportLine(text, text, [text, text, text])
    part = ReportPart(text, text, [text, text, text], text, [line])
    assert write_pdf(replace(REPORT, title=text or "x", purpose=text, parts=[part], notes=[text]), made=MADE)


def test_a_report_without_figures_is_still_one() -> None:
    assert write_pdf(replace(REPORT, parts=[], notes=[], purpose="", label=""), made=MADE)
