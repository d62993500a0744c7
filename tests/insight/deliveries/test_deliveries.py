"""A delivery from its file to the figures and back: who may, what it says before, what it changes, what it puts back."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from allmende.core.models import AuditEntry
from allmende.core.uploads import UploadRefused
from allmende.engines.flows.periods import with_clock
from allmende.engines.flows.release import Release, ReleasedTable, write_release
from allmende.insight import store
from allmende.insight.deliveries import keeping
from allmende.insight.deliveries.actions import (
    DeliveryForbidden,
    DeliveryRefused,
    Supply,
    apply_delivery,
    choose_match,
    discard_delivery,
    keep_delivery,
    keep_path,
    preview_delivery,
)
from allmende.insight.deliveries.matching import match_from
from allmende.insight.deliveries.writing import UndoRefused, undo_delivery
from allmende.insight.models import Block, Counter, Delivery, FlowBetween, PresenceCell, Series
from allmende.insight.values import Quality, Resolution
from allmende.partners.models import Network
from tests.conftest import ROOT
from tests.insight.conftest import NOW, World, hours_of, make

MITMS = ROOT / "tests" / "engines" / "flows" / "deliveries" / "data" / "mitms_od_sample.csv.gz"
"""Real: 100 rows of Spain's open mobility data; credit beside it."""
COUNTER = Supply("counter", "Stadtwerke", "CC BY 4.0")
FILE = b"site;time;count\nstrand;2026-06-01 12:00;10\nstrand;2026-06-01 13:00;<5\nmond;2026-06-01 13:00;7\n"


def keep(world: World, content: bytes = FILE, supply: Supply = COUNTER, **more: Any) -> Delivery:
    told = {"by": world.editor, "now": NOW, **more}
    return keep_delivery(world.town.pk, told.pop("name", "june.csv"), [content], supply, **told)


def take_in(world: World, content: bytes = FILE, **more: Any) -> Delivery:
    delivery = keep(world, content, **more)
    preview_delivery(delivery, by=world.editor)
    apply_delivery(delivery, by=world.editor, now=more.get("now", NOW))
    return delivery


def figures(site_name: str = "strand") -> dict[str, tuple[float | None, str]]:
    series = Series.objects.get(site__slug=site_name)
    stretch = store.read_all(series)
    return {
        store.begin_of(stretch.resolution, stretch.first + at).strftime("%d. %H"): (
            None if np.isnan(stretch.figures[at]) else float(stretch.figures[at]),
            Quality(int(stretch.quality[at])).name,
        )
        for at in np.flatnonzero(stretch.quality).tolist()
    }


def test_a_file_is_read_matched_previewed_applied(world: World) -> None:
    site = make(world)
    delivery = keep(world)
    assert (delivery.state, delivery.columns["shape"], delivery.columns["resolution"]) == ("read", "figures", "hour")
    with pytest.raises(DeliveryRefused):  # never looked at
        apply_delivery(delivery, by=world.editor, now=NOW)
    match = match_from({**delivery.columns, "measure": "entries"})
    choose_match(delivery, match, by=world.editor)
    preview = preview_delivery(delivery, by=world.editor)
    assert {name: preview[name] for name in ("read", "created", "failed", "suppressed", "unknown")} == {
        "read": 3, "created": 2, "failed": 1, "suppressed": 1, "unknown": {"mond": 1},
    }  # fmt: skip
    assert not Series.objects.exists()
    assert not Block.objects.exists()
    written = apply_delivery(delivery, by=world.editor, now=NOW)
    assert (written.created, written.failed, written.sites) == (2, 1, 1)
    series = Series.objects.get()
    assert (series.site, series.measure, series.is_main, series.suppressed_below) == (site, "entries", True, 5)
    assert figures() == {"01. 10": (10, "MEASURED"), "01. 11": (None, "SUPPRESSED")}
    assert (delivery.state, delivery.created, delivery.failed, delivery.suppressed) == ("applied", 2, 1, 1)
    assert [one["code"] for one in delivery.problems] == ["unknown-site"]
    assert keeping.file_of(delivery) is None
    assert AuditEntry.objects.filter(action="insight.apply_delivery").count() == 1


def test_the_same_file_again_changes_nothing_and_says_so(world: World) -> None:
    make(world)
    take_in(world)
    again = keep(world)
    assert again.message == "This very file was taken in on 2026-11-29 already."
    preview = preview_delivery(again, by=world.editor)
    assert (preview["created"], preview["changed"], preview["unchanged"]) == (0, 0, 2)


def test_an_operators_figures_are_estimates_and_again_nothing_new(world: World) -> None:
    make(world)
    take_in(world, supply=Supply("operator"))
    assert figures()["01. 10"] == (10, "ESTIMATED")
    assert preview_delivery(keep(world, supply=Supply("operator")), by=world.editor)["unchanged"] == 2


def test_a_preview_shows_what_changes(world: World) -> None:
    make(world)
    take_in(world)
    preview = preview_delivery(keep(world, FILE.replace(b";10", b";12")), by=world.editor)
    assert preview["changes"] == [
        {
            "site": "Strand",
            "period": "2026-06-01T10:00",
            "before": {"figure": 10, "quality": "measured"},
            "after": {"figure": 12, "quality": "measured"},
        }
    ]


@pytest.mark.parametrize("who", ["member", "colleague", "stranger"])
def test_nobody_else_takes_figures_in(world: World, who: str) -> None:
    make(world)
    by = getattr(world, who)
    with pytest.raises(DeliveryForbidden):
        keep(world, by=by)
    delivery = keep(world)
    with pytest.raises(DeliveryForbidden):
        preview_delivery(delivery, by=by)
    preview_delivery(delivery, by=world.editor)
    with pytest.raises(DeliveryForbidden):
        apply_delivery(delivery, by=by, now=NOW)
    with pytest.raises(DeliveryForbidden):
        discard_delivery(delivery, by=by, now=NOW)
    apply_delivery(delivery, by=world.editor, now=NOW)
    with pytest.raises(PermissionError):
        undo_delivery(delivery, by=by, now=NOW)


def test_figures_go_only_to_places_of_the_organisation(world: World) -> None:
    make(world, "Strand", organisation=world.museum)
    preview = preview_delivery(keep(world), by=world.editor)
    assert preview["created"] == 0
    assert preview["unknown"] == {"strand": 2, "mond": 1}


def test_it_is_taken_back_as_if_it_had_never_been(world: World) -> None:
    site = make(world)
    old = hours_of(site, [1.0, 2.0, 3.0], until=datetime(2026, 6, 1, 12, tzinfo=UTC))
    delivery = take_in(world)
    assert figures() == {
        "01. 09": (1, "MEASURED"), "01. 10": (10, "MEASURED"), "01. 11": (None, "SUPPRESSED"),
    }  # fmt: skip
    undo_delivery(delivery, by=world.editor, now=NOW)
    assert delivery.state == "undone"
    assert figures() == {"01. 09": (1, "MEASURED"), "01. 10": (2, "MEASURED"), "01. 11": (3, "MEASURED")}
    assert list(Series.objects.all()) == [old]
    with pytest.raises(UndoRefused):
        undo_delivery(delivery, by=world.editor, now=NOW)


def test_a_series_that_it_made_goes_with_it(world: World) -> None:
    make(world)
    undo_delivery(take_in(world), by=world.editor, now=NOW)
    assert not Series.objects.exists()


def test_what_was_built_upon_it_is_taken_back_first(world: World) -> None:
    make(world)
    first = take_in(world)
    second = take_in(world, FILE.replace(b";10", b";12"), name="july.csv", now=NOW + timedelta(hours=1))
    with pytest.raises(UndoRefused, match=r"july\.csv"):
        undo_delivery(first, by=world.editor, now=NOW)
    undo_delivery(second, by=world.editor, now=NOW)
    assert figures()["01. 10"] == (10, "MEASURED")
    undo_delivery(first, by=world.editor, now=NOW)
    assert not Block.objects.exists()


def test_what_a_counter_reported_since_is_not_destroyed_when_its_readings_are_forgotten(world: World) -> None:
    series = hours_of(make(world), [1.0, 2.0, 3.0], until=datetime(2026, 11, 1, 12, tzinfo=UTC))
    delivery = take_in(world, b"site;time;count\nstrand;2026-11-01 12:00;10\n")
    Counter.objects.create(
        series=series, organisation=world.town, key="door", created_at=NOW, last_seen=NOW + timedelta(days=1)
    )
    with pytest.raises(UndoRefused):
        undo_delivery(delivery, by=world.editor, now=NOW + timedelta(days=90))
    undo_delivery(delivery, by=world.editor, now=NOW + timedelta(days=89))
    assert delivery.state == "undone"


def test_nobody_shares_figures_in_a_space_that_they_are_not_in(world: World) -> None:
    elsewhere = Network.objects.create(name="Berge", slug="berge", kind="insight", created_at=NOW, updated_at=NOW)
    with pytest.raises(DeliveryForbidden):
        keep(world, supply=Supply("operator", network_id=elsewhere.pk))
    assert keep(world, supply=Supply("operator", network_id=world.space.pk)).network == world.space


def test_figures_that_were_matched_anew_meanwhile_are_looked_at_first(world: World) -> None:
    make(world)
    mine = keep(world)
    preview_delivery(mine, by=world.editor)
    theirs = Delivery.objects.get(pk=mine.pk)
    choose_match(theirs, match_from({**theirs.columns, "measure": "entries"}), by=world.editor)
    preview_delivery(theirs, by=world.editor)
    with pytest.raises(DeliveryRefused):
        apply_delivery(mine, by=world.editor, now=NOW)
    assert not Series.objects.exists()


def test_what_is_no_table_is_refused_with_its_reason(world: World) -> None:
    with pytest.raises(UploadRefused, match="picture"):
        keep(world, b"\x89PNG\r\n\x1a\n0000")
    with pytest.raises(DeliveryRefused, match="column names"):
        keep(world, b"1;2;3\n4;5;6\n")
    assert not Delivery.objects.exists()
    assert list(keeping.root().iterdir()) == []


def test_a_match_that_makes_no_sense_is_refused(world: World) -> None:
    make(world)
    delivery = keep(world)
    with pytest.raises(DeliveryRefused, match="No column says when"):
        choose_match(delivery, match_from({**delivery.columns, "columns": {"count": "value"}}), by=world.editor)


def test_what_nobody_comes_back_to_is_thrown_away(world: World) -> None:
    make(world)
    old = keep(world)
    keep(world, now=NOW + timedelta(days=31))
    assert not Delivery.objects.filter(pk=old.pk).exists()
    assert keeping.file_of(old) is None


def test_a_real_delivery_of_moves_is_summed_up_to_months(world: World) -> None:
    delivery = keep_path(world.town.pk, MITMS, Supply("operator", "MITMS"), by=world.editor, now=NOW)
    preview_delivery(delivery, by=world.editor)
    apply_delivery(delivery, by=world.editor, now=NOW)
    assert delivery.columns == {"shape": "mitms_od"}
    assert (delivery.read, delivery.failed) == (100, 0)
    rows = {(row.origin, row.destination): row for row in FlowBetween.objects.all()}
    assert {row.period for row in rows.values()} == {date(2022, 2, 1)}
    assert rows["01001", "01001"].visitor_class == "all"
    lines = gzip.decompress(MITMS.read_bytes()).decode().splitlines()[1:]
    same = [line.split(",") for line in lines if ",01001,01001," in line]
    assert rows["01001", "01001"].trips == pytest.approx(sum(float(line[14]) for line in same))
    assert "1 of 28 days" in " ".join(one["message"] for one in delivery.problems)
    undo_delivery(delivery, by=world.editor, now=NOW)
    assert not FlowBetween.objects.exists()


def test_moves_that_were_held_back_are_no_zeros(world: World) -> None:
    head = "day,origin,destination,trips\n"
    first = "2026-06-01,A,B,100\n2026-06-02,A,B,<5\n2026-06-01,A,C,<10\n2026-06-01,A,D,10\n2026-06-02,A,D,*\n"
    one = take_in(world, (head + first).encode(), supply=Supply("operator"))
    trips = {row.destination: row.trips for row in FlowBetween.objects.all()}
    assert trips == {"B": 100, "C": None, "D": None}  # under 5 beside 100 hardly matters; an unknown beside 10 does
    assert {problem["code"] for problem in one.problems} == {"partly-held-back", "held-back", "days-of-month"}
    two = take_in(
        world, (head + "2026-06-01,A,C,50\n").encode(), supply=Supply("operator"), now=NOW + timedelta(hours=1)
    )
    assert (two.created, two.changed) == (0, 1)
    with pytest.raises(UndoRefused):
        undo_delivery(one, by=world.editor, now=NOW)
    undo_delivery(two, by=world.editor, now=NOW)
    assert {row.destination: row.trips for row in FlowBetween.objects.all()} == trips


def test_presence_on_the_grid_is_the_mean_of_its_hours(world: World) -> None:
    cell = "CRS3035RES1000mN3029000E4040000"
    rows = "".join(f"2026-06-01,{hour},{cell},{people}\n" for hour, people in enumerate((10, 20, 60)))
    delivery = take_in(world, f"day,hour,cell,people\n{rows}".encode(), supply=Supply("operator"))
    assert delivery.columns == {"shape": "presence"}
    row = PresenceCell.objects.get()
    assert (row.cell, row.period, row.people) == (cell, date(2026, 6, 1), 30)


def test_a_packed_file_of_this_machine_is_taken(world: World, tmp_path: Path) -> None:
    make(world)
    path = tmp_path / "june.csv.gz"
    path.write_bytes(gzip.compress(FILE))
    delivery = keep_path(world.town.pk, path, COUNTER, by=world.editor, now=NOW)
    assert preview_delivery(delivery, by=world.editor)["created"] == 2
    path.write_bytes(gzip.compress(FILE)[:-20])
    with pytest.raises(UploadRefused):
        keep_path(world.town.pk, path, COUNTER, by=world.editor, now=NOW)


def test_a_release_of_the_flow_engine_fills_sites_squares_and_flows(world: World, tmp_path: Path) -> None:
    site = make(world)
    cell = "CRS3035RES1000mN3029000E4040000"

    def table(name: str, rows: dict[str, list[Any]]) -> ReleasedTable:
        return ReleasedTable(name, pa.table(rows), tuple(key for key in rows if key != "people"))

    hours = ["2026-06-01T08Z", "2026-06-01T10Z", "2026-06-01"]
    tables = (
        table("sites", {"area": ["strand"] * 3, "period": hours, "visitor_class": ["*"] * 3, "origin": ["*"] * 3,
                        "people": [50, 70, 90]}),
        table("presence", {"area": [cell, cell], "period": ["2026-06", "2026-06-01"], "visitor_class": ["*"] * 2,
                           "origin": ["*"] * 2, "people": [33, 44]}),
        table("od", {"o": ["A"], "d": ["B"], "period": ["2026-06"], "visitor_class": ["resident"], "people": [12]}),
    )  # fmt: skip
    # with the local hours beside those in UTC: what is read stays the same
    write_release(with_clock(Release(tables), "Europe/Copenhagen"), tmp_path / "run" / "release")
    delivery = keep_path(world.town.pk, tmp_path / "run", Supply("flows"), by=world.editor, now=NOW)
    preview = preview_delivery(delivery, by=world.editor)
    assert (preview["created"], preview["flows"], preview["cells"]) == (3, 1, 1)
    apply_delivery(delivery, by=world.editor, now=NOW)
    assert Series.objects.get().site == site
    assert figures() == {
        "01. 08": (50, "ESTIMATED"), "01. 09": (None, "SUPPRESSED"), "01. 10": (70, "ESTIMATED"),
    }  # fmt: skip
    assert PresenceCell.objects.values_list("cell", "people", "visitor_class").get() == (cell, 33, "all")
    assert FlowBetween.objects.values_list("origin", "destination", "trips", "visitor_class").get() == ("A", "B", 12, "resident")  # fmt: skip


def test_hundred_thousand_rows_take_as_many_questions_as_blocks(
    world: World, django_assert_max_num_queries: Any
) -> None:
    make(world)
    begin = datetime(2016, 1, 1, tzinfo=UTC)
    rows = "".join(f"{begin + timedelta(hours=n):%Y-%m-%dT%H:%MZ},{n % 97}\n" for n in range(87_600))
    delivery = keep(world, f"time,count\n{rows}".encode(), site="strand")
    preview_delivery(delivery, by=world.editor)
    with django_assert_max_num_queries(8 * 121 + 40):  # ten years of hours are 120 blocks
        written = apply_delivery(delivery, by=world.editor, now=NOW)
    assert written.created == 87_600
    assert Series.objects.get().resolution == Resolution.HOUR
