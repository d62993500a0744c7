"""An evaluation as files: CSV for spreadsheets, JSON for programs.  They hold what the page shows and nothing more."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from allmende.catalogue.queries import safe_cell
from allmende.guide.views.insight.intervention_charts import course
from allmende.guide.views.insight.intervention_report import sentences_of
from allmende.guide.views.insight.intervention_words import unit_name
from allmende.guide.views.insight.lots_words import lot_rows, lots_as_json, lots_of
from allmende.insight.interventions.queries import Detail
from allmende.insight.models import Evaluation

VERSION: Final = 1


def as_json(detail: Detail, evaluation: Evaluation, language: str) -> dict[str, Any]:
    """Everything that was kept of the answer, with places by name where they may be seen."""
    intervention, data = detail.intervention, evaluation.data
    lots = lots_of(evaluation)

    def named(unit: int | str) -> str:
        return unit_name(detail, unit, language)

    return {
        "version": VERSION,
        "intervention": {
            "title": intervention.title,
            "slug": intervention.slug,
            "organisation": intervention.organisation.name,
            "kind": intervention.kind,
            "starts_on": intervention.starts_on.isoformat(),
            "ends_on": intervention.ends_on.isoformat() if intervention.ends_on else None,
            "is_demo": intervention.is_demo,
        },
        "locked": _locked(detail, language),
        "lock": intervention.lock,
        "lock_holds": detail.lock_holds,
        "language": language,
        "sentences": sentences_of(detail, evaluation, language),
        "verdict": evaluation.verdict,
        "percent": data["percent"],
        "main": data["main"],
        "made_at": evaluation.made_at.isoformat(),
        "data_until": evaluation.data_until.isoformat(),
        "published_at": evaluation.published_at.isoformat() if evaluation.published_at else None,
        "comment": evaluation.comment,
        "engine": data["engine"],
        "parameters": {
            **data["parameters"],
            "sites": [{**one, "site": named(one["site"])} for one in data["parameters"]["sites"]],
            "left_out": [{**one, "site": named(one["site"])} for one in data["parameters"]["left_out"]],
        },
        "estimates": [
            {
                **{key: one[key] for key in ("method", "effect", "error", "low", "high", "p", "is_relative", "note")},
                "weights": [[named(unit), weight] for unit, weight in one["weights"]],
            }
            for one in data["estimates"]
            if one["is_relative"] or detail.shows_levels
        ],
        "course": {
            "is_index": not detail.shows_levels,
            "points": [[one.day.isoformat(), one.observed, one.expected] for one in course(detail, evaluation)],
        },
        "placebos": {
            **data["placebos"],
            "in_space": [[named(unit), effect] for unit, effect in data["placebos"]["in_space"]],
        },
        "displacement": _displacement(detail, evaluation),
        "checks": data["checks"],
        "sensitivity": [
            [f"without:{named(name[8:])}" if name.startswith("without:") else name, *three]
            for name, *three in data["sensitivity"]
        ],
        **({"lots": lots_as_json(lots, named)} if lots else {}),
    }


def _rings(detail: Detail, evaluation: Evaluation) -> list[dict[str, Any]]:
    """What came to the neighbours by distance, in people: only where all of these places may be seen."""
    return (evaluation.data["displacement"] or {}).get("rings", []) if detail.shows_people else []


def _displacement(detail: Detail, evaluation: Evaluation) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = evaluation.data["displacement"]
    return {**kept, "rings": _rings(detail, evaluation)} if kept else kept


def _locked(detail: Detail, language: str) -> dict[str, Any]:
    """The locked words; whole, so that the seal can be computed again, only where every place may be seen."""
    words: dict[str, Any] = detail.intervention.locked
    if all(one.name for one in detail.sites):
        return words
    sites = [{**one, "site": None, "name": unit_name(detail, one["site"], language)} for one in words.get("sites", [])]
    return {**words, "sites": sites}


def as_csv(detail: Detail, evaluation: Evaluation, language: str) -> bytes:
    """One row for each figure: what it is, of what, effect, low, high.  UTF-8 with a byte-order mark, semicolons."""
    data = evaluation.data
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["table", "name", "value", "low", "high", "unit"])

    def row(table: str, name: str, value: Any, low: Any = None, high: Any = None, unit: str = "") -> None:
        writer.writerow([table, safe_cell(name), *("" if one is None else one for one in (value, low, high)), unit])

    row("intervention", detail.intervention.title, "")
    row("lock", detail.intervention.lock, "")
    row("data until", evaluation.data_until.isoformat(), "")
    row("engine", data["engine"], "")
    if data["percent"]:
        effect, low, high = data["percent"]
        row("answer", evaluation.verdict, effect, low, high, "%")
    for one in data["estimates"]:
        if not one["is_relative"] and not detail.shows_levels:
            continue
        unit = "share" if one["is_relative"] else "people"
        row("estimate", one["method"], one["effect"], one["low"], one["high"], unit)
    for unit_id, effect in data["placebos"]["in_space"]:
        row("placebo in space", unit_name(detail, unit_id, language), effect, unit="share")
    for day, effect in data["placebos"]["in_time"]:
        row("placebo in time", day, effect, unit="share")
    for ring in _rings(detail, evaluation):
        row("ring", f"{ring['from_km']:g}-{ring['to_km']:g} km", ring["effect"], ring["low"], ring["high"], "people")
    for check in data["checks"]:
        row("check", check["name"], int(check["is_passed"]), check["limit"], None, "passed; limit")
    for name, effect, low, high in data["sensitivity"]:
        shown = f"without:{unit_name(detail, name[8:], language)}" if name.startswith("without:") else name
        row("sensitivity", shown, effect, low, high, "share")
    if (lots := lots_of(evaluation)) is not None:
        for one in lot_rows(lots, lambda unit: unit_name(detail, unit, language)):
            row(*one)
    kind = "people" if detail.shows_levels else "index"
    for point in course(detail, evaluation):
        row("observed", point.day.isoformat(), round(point.observed, 2), unit=kind)
        row("without it", point.day.isoformat(), round(point.expected, 2), unit=kind)
    return text.getvalue().encode("utf-8-sig")
