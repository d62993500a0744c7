"""Indicators: figures of the town are for its people; what it shares, and the season, for everybody in the workspace."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from allmende.insight.indicators.actions import Entry, save_figures
from allmende.insight.models import IndicatorBatch, PublicFigures
from allmende.partners.models import Territory
from tests.site.matrix.harness import EDITORS, MANAGERS, NOW, OPEN, SIGNED_IN, Row, World

MEMBERS: Final = "302 404 200 200 200 404 200"
"""The people of the town, and the operator."""
COORDINATOR: Final = "302 404 404 404 404 200 200"
YEAR: Final = NOW.year - 1


def done(statuses: str) -> str:
    """The same, with a way on in place of a page."""
    return statuses.replace("200", "303")


ROWS: dict[str, tuple[Row, ...]] = {
    "insight_indicators": (Row(SIGNED_IN),),
    "insight_definitions": (Row(SIGNED_IN),),
    "insight_define": (
        Row(COORDINATOR),
        Row(COORDINATOR.replace("200", "404"), "POST", {"network": "0"}),
    ),
    "insight_report": (Row(MEMBERS),),
    "insight_report_pdf": (Row(MEMBERS),),
    "insight_report_xlsx": (Row(MEMBERS),),
    "insight_portrait": (Row(MEMBERS),),
    "insight_purpose": (Row(EDITORS), Row(done(EDITORS), "POST", {"text.en": "To be there."})),
    "insight_share": (Row(done(EDITORS), "POST", {"year": str(YEAR), "do": "share"}),),
    "insight_publish_figures": (Row(done(MANAGERS), "POST", {"do": "publish"}),),
    "figures": (Row(OPEN),),
    "figures_file": (Row(OPEN),),
    "insight_undo": (Row(done(EDITORS), "POST", {"batch": "0"}),),
    "insight_upload": (Row(done(EDITORS), "POST"),),
    "insight_compare_choose": (Row(done(MEMBERS), query="?code=beds&year=2025"),),
    "insight_compare": (Row(MEMBERS),),
    "insight_sheet": (
        Row(EDITORS),
        Row(done(EDITORS), "POST", {"beds.value": "12"}),
        Row(EDITORS.replace("200", "422"), "POST", {"beds.value": "many"}),
    ),
    "insight_sheet_typed": (Row(done(EDITORS), "POST", {"tab": "0123456789"}),),
    "insight_sheet_csv": (Row(EDITORS),),
    "insight_sheet_xlsx": (Row(EDITORS),),
    "insight_season": (Row(SIGNED_IN),),
    "insight_season_csv": (Row(SIGNED_IN),),
}


def build(world: World) -> None:
    """The town keeps the figures of its area."""
    area = Territory.objects.create(country="FR", level="region", code="R1", name="Région", slug="region")
    entries = [Entry("beds", date(YEAR, 1, 1), 120.0), Entry("residents", date(YEAR, 1, 1), 4000.0)]
    save_figures(world.town, entries, by=None, now=NOW, trusted=True)
    assert IndicatorBatch.objects.filter(organisation=world.town).count() == 1
    assert area.pk
    shared = [Entry("museum_visits", date(YEAR, 1, 1), 1200.0, is_shared=True)]
    save_figures(world.other, shared, by=None, now=NOW, trusted=True)
    PublicFigures.objects.create(organisation=world.other, published_at=NOW)
    world.args["figures"] = {"pk": world.other.pk}
    world.args["figures_file"] = {"pk": world.other.pk, "form": "xlsx"}
    town: dict[str, Any] = {"pk": world.town.pk}
    year = {**town, "year": YEAR}
    report = {**town, "kind": "organisation"}
    world.args |= {
        **{
            f"insight_{name}": town
            for name in ("portrait", "purpose", "share", "publish_figures", "undo", "upload", "compare_choose")
        },
        **{f"insight_{name}": year for name in ("sheet", "sheet_typed", "sheet_csv", "sheet_xlsx")},
        **{f"insight_{name}": report for name in ("report", "report_pdf", "report_xlsx")},
        "insight_compare": {**town, "code": "beds"},
    }
