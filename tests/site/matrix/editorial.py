"""The way of a record to the public: new records, review, history."""

from __future__ import annotations

from typing import Final

from allmende.catalogue.actions import edit_item
from allmende.catalogue.models import Submission
from tests.site.matrix.harness import EDITORS, NOW, Row, World

REVIEWERS: Final = "302 404 404 404 404 200 200"
"""Editors and coordinators of the network that wants to review, and the operator; the owner's manager is none of them."""
SENT: Final = EDITORS.replace("200", "303")

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_record_new": (
        Row("302 200 404 200 200 404 200"),
        Row("302 422 404 422 422 404 422", "POST"),
    ),
    "workspace_comment": (Row(SENT, "POST", {"text": "Thank you"}),),
    "workspace_take_back": (Row(SENT, "POST"),),
    "workspace_publication_plan": (
        Row(SENT, "POST", {"withdraw_at": "2099-01-01T10:00"}),
        Row(EDITORS.replace("200", "422"), "POST", {"withdraw_at": "soon"}),
    ),
    "workspace_typed": (
        Row(SENT, "POST"),
        Row("302 404 404 400 400 404 400", "PUT"),
    ),
    "workspace_typed_new": (Row("302 303 404 303 303 404 303", "POST"),),
    "workspace_review": (Row(REVIEWERS),),
    "workspace_review_one": (Row(REVIEWERS),),
    "workspace_review_decide": (
        Row(REVIEWERS.replace("200", "303"), "POST", {"do": "accept"}),
        Row(REVIEWERS.replace("200", "303"), "POST", {"do": "change", "word": "When?"}),
        Row(REVIEWERS.replace("200", "422"), "POST", {"do": "change"}),
    ),
    "workspace_review_comment": (Row(REVIEWERS.replace("200", "303"), "POST", {"text": "Fine"}),),
    "workspace_versions": (Row(EDITORS),),
    "workspace_version": (Row(EDITORS), Row(SENT, "POST")),
}


def build(world: World) -> None:
    edit_item("event", world.concert.pk, {"url": "https://example.org/a"}, by=world.people["editor"], now=NOW)
    world.network.policy, world.network.moderated_kinds = "reviewed", ["event"]
    world.network.save()
    edit_item("event", world.concert.pk, {"url": "https://example.org/"}, by=world.people["editor"], now=NOW)
    waiting = Submission.objects.get()
    record = {"kind": "event", "pk": world.concert.pk}
    for name in ("comment", "take_back", "publication_plan", "typed"):
        world.args[f"workspace_{name}"] = record
    world.args["workspace_versions"] = record
    world.args["workspace_version"] = record | {"number": 0}
    world.args["workspace_typed_new"] = {"kind": "event"}
    world.args["workspace_record_new"] = {"kind": "event"}
    for name in ("review_one", "review_decide", "review_comment"):
        world.args[f"workspace_{name}"] = {"pk": waiting.pk}
