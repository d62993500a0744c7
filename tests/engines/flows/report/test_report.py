"""The report as a reader gets it: complete, by itself, and honest about what is not there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from allmende.engines.flows.release import Release, ReleaseError, write_release
from allmende.engines.flows.report import LANGUAGES, RunSummary, UnknownLanguage, Zone, write_report
from tests.engines.flows.report import sample

AXE = Path(__file__).parents[3] / "browser" / "vendor" / "axe.min.js"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.write_run(tmp_path_factory.mktemp("run"))


def html(run: Path, out: Path, language: str = "en") -> str:
    (path,) = write_report(run, out, language=language, formats=("html",))
    return path.read_text("utf-8")


def text_of(page: str) -> str:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(page)
    return " ".join(" ".join(found).split())


def test_both_formats_are_written_and_named(run: Path, tmp_path: Path) -> None:
    written = write_report(run, tmp_path / "out", language="de")
    assert [path.name for path in written] == ["report.de.html", "report.de.pdf"]
    assert written[1].read_bytes()[:5] == b"%PDF-"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.de.html", "report.de.pdf"]


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    one = [path.read_bytes() for path in write_report(run, tmp_path / "one", language="en")]
    other = [path.read_bytes() for path in write_report(run, tmp_path / "other", language="en")]
    assert one == other


def test_a_release_by_itself_will_do(run: Path, tmp_path: Path) -> None:
    assert html(run / "release", tmp_path / "a") == html(run, tmp_path / "b")


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(run: Path, tmp_path: Path) -> None:
    page = html(run, tmp_path)
    assert set(re.findall(r"https?://[^\"' <]*", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_there_in_every_language(run: Path, tmp_path: Path, language: str) -> None:
    page = html(run, tmp_path, language)
    assert f'<html lang="{language}">' in page
    assert re.findall(r'<section id="(\w+)"', page) == [
        "map", "areas", "days", "hours", "classes", "origins", "od", "lengths", "protection", "quality", "lineage",
    ]  # fmt: skip


def test_every_chart_has_a_table_beside_it(run: Path, tmp_path: Path) -> None:
    for section in re.findall(r"<section.*?</section>", html(run, tmp_path), re.S):
        if "<figure>" in section:
            assert "<table" in section


def test_headline_figures_come_from_the_tables_with_their_interval(run: Path, tmp_path: Path) -> None:
    presence = sample.presence().rows.to_pylist()
    days = [row["people"] for row in presence if row["area"] == "*" and len(row["hour"]) == 10 and row["visitor_class"] == row["origin"] == "*"]  # fmt: skip
    told = text_of(html(run, tmp_path))
    assert f"{round(sum(days) / len(days), -2):,.0f}" in told
    assert f"{round(max(days), -2):,.0f}" in told
    assert "with 95% confidence" in told


def test_simulated_data_are_labelled_on_top(run: Path, tmp_path: Path) -> None:
    assert "these people do not exist" in html(run, tmp_path / "a")
    real = sample.write_run(tmp_path / "real", told=sample.summary(simulated=False))
    assert "these people do not exist" not in html(real, tmp_path / "b")
    write_release(Release((sample.od(),), lineage={"simulated": True}), tmp_path / "by-lineage")
    assert "these people do not exist" in html(tmp_path / "by-lineage", tmp_path / "c")


def test_what_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    run = sample.write_run(tmp_path / "run", tables=(sample.od(),), told=RunSummary())
    page = html(run, tmp_path)
    assert re.findall(r'<section id="(\w+)"', page) == ["od", "protection", "lineage", "absent"]
    assert "The release has no figures by grid cell." in page
    assert "The run gave no report on cleaning." in page


def test_an_empty_release_still_makes_a_report_that_warns(tmp_path: Path) -> None:
    write_release(Release(()), tmp_path / "empty")
    written = write_report(tmp_path / "empty", tmp_path / "out", language="en")
    assert "says nothing about its protection" in written[0].read_text("utf-8")
    assert written[1].stat().st_size > 5000


def test_sums_over_areas_are_called_that(tmp_path: Path) -> None:
    rows = [row for row in sample.presence().rows.to_pylist() if row["level"] == "municipality"]
    table = sample.presence()
    zones_only = type(table)("presence", table.rows.from_pylist(rows), table.dimensions)
    run = sample.write_run(tmp_path / "run", tables=(zones_only,))
    told = text_of(html(run, tmp_path))
    assert "counted once in each area" in told
    assert "people who were in several of them count several times" in told
    assert "Map of mean presence by area" in told  # without cells the zones are coloured


def test_names_from_outside_cannot_write_into_the_page(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    zones = tuple(Zone(zone.code, evil, zone.lon, zone.lat, zone.outline) for zone in sample.zones())
    run = sample.write_run(tmp_path / "run", told=sample.summary(title=evil, area=evil, zones=zones))
    assert "<script" not in html(run, tmp_path)
    write_report(run, tmp_path, language="en", formats=("pdf",))


def test_the_pdf_is_accessible_by_its_own_word_and_has_every_language(run: Path, tmp_path: Path) -> None:
    for language in LANGUAGES:
        (path,) = write_report(run, tmp_path, language=language, formats=("pdf",))
        content = path.read_bytes()
        assert b"pdfuaid:part>1" in content
        assert content.count(b"/Alt") >= 8
        assert f"/Lang({language})".encode() in content


def test_a_folder_without_a_release_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no release in it\. Name a release, or publish the run first"):
        write_report(tmp_path, tmp_path / "out", language="en")


def test_language_and_format_are_checked_before_anything_is_written(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownLanguage):
        write_report(run, tmp_path / "out", language="xx")
    with pytest.raises(ValueError, match="no report as 'docx'"):
        write_report(run, tmp_path / "out", language="en", formats=("docx",))
    assert not (tmp_path / "out").exists()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_barrier_and_does_not_scroll_sideways(
    run: Path, tmp_path: Path, browser: Browser, width: int, scheme: str
) -> None:
    (path,) = write_report(run, tmp_path, language="de", formats=("html",))
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    for details in page.query_selector_all("details"):
        details.evaluate("part => part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(content=AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], "
        "resultTypes: ['violations']})"
    )
    assert [(entry["id"], [node["html"][:120] for node in entry["nodes"]][:3]) for entry in found["violations"]] == []
    assert asked == [path.as_uri()]
    page.close()
