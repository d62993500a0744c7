"""The catalogue's pages of the workspace."""

from __future__ import annotations

from typing import Final

from allmende.catalogue.actions import edit_item, report_mistake
from allmende.catalogue.models import Event, ImportRun, Match, MistakeReport
from allmende.partners.keys.actions import make_key
from tests.guide.workspace.conftest import calendar, event, upload
from tests.site.matrix.harness import EDITORS, MANAGERS, NOW, SIGNED_IN, Row, World

ANY_MANAGER: Final = "302 200 404 404 200 404 200"
REGION: Final = "302 404 404 404 200 404 200"
"""Managers of the region's destination organisation."""


def done(statuses: str) -> str:
    """The answers of a form that was sent, where its page answers ``statuses``."""
    return statuses.replace("200", "303")


ROWS: dict[str, tuple[Row, ...]] = {
    "workspace": (Row(SIGNED_IN),),
    "workspace_sign_in": (Row("200 303 303 303 303 303 303"),),
    "workspace_sign_out": (Row(done(SIGNED_IN), "POST"),),
    "workspace_records": (Row(SIGNED_IN),),
    "workspace_record": (Row(EDITORS), Row(EDITORS.replace("200", "422"), "POST")),
    "workspace_release": (Row(done(EDITORS), "POST", {"field": "url"}),),
    "workspace_publication": (Row(done(EDITORS), "POST", {"state": "withdrawn"}),),
    "workspace_copy": (Row(done(EDITORS), "POST"),),
    "workspace_sources": (Row(SIGNED_IN),),
    "workspace_source_new": (Row(ANY_MANAGER),),
    "workspace_source": (Row(MANAGERS),),
    "workspace_upload": (Row(MANAGERS.replace("200", "422"), "POST"),),
    "workspace_run": (Row(MANAGERS),),
    "workspace_problems": (Row(MANAGERS),),
    "workspace_schedule": (Row(MANAGERS.replace("200", "422"), "POST"),),
    "workspace_fetch": (Row(done(MANAGERS), "POST"),),
    "workspace_health": (Row(ANY_MANAGER),),
    "workspace_delivery": (Row(MANAGERS),),
    "workspace_state": (Row(MANAGERS),),
    "workspace_mapping": (Row(done(MANAGERS), "POST"),),
    # What is applied or thrown away is gone with its file, which no savepoint brings back: the operator comes last.
    "workspace_apply": (Row("302 404 404 404 303 404 404", "POST"),),
    "workspace_abort": (Row("302 404 404 404 303 404 404", "POST"),),
    "workspace_duplicates": (Row(ANY_MANAGER),),
    "workspace_duplicate": (Row(MANAGERS),),
    "workspace_duplicate_answer": (Row(done(MANAGERS), "POST", {"answer": "later"}),),
    "workspace_joined": (Row(ANY_MANAGER),),
    "workspace_separate": (Row("302 404 404 404 404 404 404", "POST"),),
    "workspace_parallel": (Row(ANY_MANAGER),),
    "workspace_keys": (Row(ANY_MANAGER),),
    "workspace_key_revoke": (Row(done(MANAGERS), "POST"),),
    "workspace_reports": (Row(SIGNED_IN),),
    "workspace_settle": (Row(done(EDITORS), "POST", {"state": "done"}),),
    "workspace_plan": (Row(SIGNED_IN),),
    "workspace_clashes": (Row(SIGNED_IN),),
    "workspace_season": (Row(SIGNED_IN),),
    "workspace_season_csv": (Row(SIGNED_IN),),
    "workspace_gaps": (Row(SIGNED_IN),),
    "workspace_gaps_csv": (Row(SIGNED_IN),),
    "workspace_gap_set_aside": (Row(REGION.replace("200", "404"), "POST"),),
    "workspace_gap_take_back": (Row(REGION.replace("200", "404"), "POST"),),
    "workspace_federation": (Row(REGION),),
    "workspace_brand": (Row(REGION),),
    "workspace_brand_preview": (Row(REGION),),
}


def build(world: World) -> None:
    manager = world.clients["manager"]
    applied = ImportRun.objects.get()
    manager.post("/en/workspace/sources/agenda/upload/", {"file": upload(calendar(event("c")))})
    manager.post("/en/workspace/sources/agenda/upload/", {"file": upload(calendar(event("d")))})
    delivery, other = ImportRun.objects.exclude(pk=applied.pk).order_by("pk")
    edit_item("event", world.concert.pk, {"url": "https://example.org/"}, by=world.people["editor"], now=NOW)
    report_mistake("event", world.concert.pk, "Wrong time", "", "en", now=NOW)
    key, _ = make_key(world.town, "x", may_write=False, by=world.people["manager"], now=NOW)
    left, right = Event.objects.order_by("pk").values_list("pk", flat=True)
    match = Match.objects.create(
        kind="event", left_id=left, right_id=right, band="ask", probability=0.5, reasons=[], decided_at=NOW
    )
    record = {"kind": "event", "pk": world.concert.pk}
    for name in ("record", "release", "publication", "copy", "separate"):
        world.args[f"workspace_{name}"] = record
    for name in ("source", "upload", "schedule", "fetch"):
        world.args[f"workspace_{name}"] = {"slug": "agenda"}
    for name in ("run", "problems"):
        world.args[f"workspace_{name}"] = {"slug": "agenda", "pk": applied.pk}
    for name in ("delivery", "mapping", "apply", "state"):
        world.args[f"workspace_{name}"] = {"pk": delivery.pk}
    world.args["workspace_abort"] = {"pk": other.pk}
    for name in ("duplicate", "duplicate_answer"):
        world.args[f"workspace_{name}"] = {"pk": match.pk}
    world.args["workspace_key_revoke"] = {"pk": key.pk}
    world.args["workspace_settle"] = {"pk": MistakeReport.objects.get().pk}
