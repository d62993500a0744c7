"""Several batches in one transaction: all of it or nothing, and each batch is told."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from allmende.catalogue.actions import ImportOptions, imports, open_source, run_import
from allmende.catalogue.models import Event, SourceRecord
from allmende.core.content import content_stamp

from .conftest import MAPPING, Deliver, event

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "TOGETHER", 2)
    monkeypatch.setattr(imports, "TRANSACTION", 4)


def test_batches_share_a_transaction_and_each_is_told(small: None, towns: None, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "delivery.json"
    path.write_text(json.dumps([event(f"e{n}") for n in range(7)]))
    source = open_source("agenda", defaults={"title": "Agenda", "language": "fr"}, now=now)
    stamp = content_stamp()
    told: list[tuple[int, str]] = []
    report = run_import(
        source,
        path,
        options=ImportOptions(format="json", mapping=MAPPING),
        by=None,
        now=now,
        trusted=True,
        progress=lambda done, phase: told.append((done, phase)),
    )
    assert report.created == Event.objects.count() == 7
    assert [done for done, phase in told if phase == "apply"] == [2, 4, 6, 7]
    # One touch for each transaction and one at the end.
    assert content_stamp() - stamp == (3 if connection.vendor == "sqlite" else 5)


def test_a_transaction_ends_when_it_kept_others_waiting(
    small: None, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "TRANSACTION_SECONDS", 0.0)
    report = deliver([event(f"e{n}") for n in range(5)])
    assert report.created == Event.objects.count() == 5


def test_records_are_kept_to_the_byte_short_or_long(deliver: Deliver) -> None:
    rows = [event("short"), event("long", text="La fête du village. " * 400)]
    deliver(rows)
    kept = {record.key: bytes(record.raw) for record in SourceRecord.objects.all()}
    assert {key: json.loads(zlib.decompress(raw)) for key, raw in kept.items()} == {row["id"]: row for row in rows}
    assert len(kept["long"]) < 1000 < len(json.dumps(rows[1]))
