"""Published hours on the clock of the region: nights in which clocks change, local days, joins, and what the auditor makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.attack import attack
from allmende.engines.flows.attack.labels import harmless
from allmende.engines.flows.disclosure import Disclosure
from allmende.engines.flows.door import Key
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.periods import TimeZoneError, day_word, hour_word, lies_in, with_clock, zone_of
from allmende.engines.flows.publish import Published, publish
from allmende.engines.flows.release import Release, ReleasedTable, read_release, write_release
from allmende.engines.flows.report.facts import facts
from allmende.engines.flows.report.summary import RunSummary
from allmende.engines.flows.run import run
from tests.engines.flows.world import MONDAY, deliver, events

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
AUTUMN, SPRING = 20_751, 20_541
"""25 October and 29 March 2026, days since 1970: clocks go back, and forward."""


def named(*hours: int, people: int = 20) -> Release:
    rows = pa.table({"period": [hour_word(h) for h in hours], "people": [people] * len(hours)})
    return with_clock(Release((ReleasedTable("presence", rows, ("period",)),)), "Europe/Copenhagen")


def local(release: Release) -> list[str]:
    found: list[str] = release.table("presence").rows["local"].to_pylist()
    return found


def test_the_hour_that_clocks_show_twice_has_two_names() -> None:
    release = named(*range(AUTUMN * 24 - 1, AUTUMN * 24 + 3))
    assert local(release) == [
        "2026-10-25T01:00+02:00", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00",
    ]  # fmt: skip
    starts = release.table("presence").rows["starts"].to_pylist()
    assert starts[1:3] == [datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]


def test_no_period_is_called_by_the_hour_that_clocks_leave_out() -> None:
    assert local(named(SPRING * 24, SPRING * 24 + 1)) == ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"]


@pytest.mark.parametrize(("day", "hours"), [(AUTUMN, 25), (SPRING, 23), (MONDAY, 24)])
def test_a_local_day_has_as_many_hours_as_its_clocks_show(day: int, hours: int) -> None:
    tree = lies_in(range(day * 24 - 30, day * 24 + 54), [day], COPENHAGEN)
    name = str(datetime.fromtimestamp(day * 86400, UTC).date())
    assert tree["parent"].to_pylist().count(name) == hours


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(TimeZoneError, match=r"Europe/Kopenhagen.*Europe/Copenhagen"):
        zone_of("Europe/Kopenhagen")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Twelve devices from 23:30 to 3:30 UTC in June, that is until half past five the next day in Copenhagen."""
    folder = tmp_path_factory.mktemp("local")
    deliver(folder / "in", *(events((12, 14, 0, 0), (23.5, 27.5, 0, 0), device=d) for d in range(12)))
    run(folder / "in", folder / "out", key=Key(1, 2), parameters=Parameters(shards=2, timezone="Europe/Copenhagen"))
    return publish(folder / "out", wanted=Disclosure(threshold=5, lp_limit=200))


def test_days_are_those_of_the_clock_and_hours_lie_in_them(published: Published) -> None:
    release = read_release(published.folder)
    assert release.timezone == "Europe/Copenhagen"
    tree = dict(zip(*(release.hierarchies["periods"][name].to_pylist() for name in ("child", "parent")), strict=True))
    assert tree["2026-06-01T13Z"] == "2026-06-01"
    assert tree["2026-06-01T23Z"] == "2026-06-02"
    rows = release.table("presence").rows.filter(
        pc.equal(pc.field("area"), "*") & pc.equal(pc.field("visitor_class"), "*")
    )
    at = dict(zip(rows["period"].to_pylist(), rows.select(["starts", "local"]).to_pylist(), strict=True))
    assert at["2026-06-01T23Z"] == {"starts": datetime(2026, 6, 1, 23, tzinfo=UTC), "local": "2026-06-02T01:00+02:00"}
    assert at["2026-06-02"] == {"starts": datetime(2026, 6, 1, 22, tzinfo=UTC), "local": "2026-06-02T00:00+02:00"}
    for period, told in at.items():  # what joins by the hour in UTC, joins by ``starts``
        if period.endswith("Z"):
            assert told["starts"] == datetime.fromisoformat(period)


def test_the_record_for_the_next_release_knows_no_clock(published: Published) -> None:
    (record,) = (published.folder.parent / "records").glob("presence.parquet")
    assert not {"starts", "local"} & set(pq.read_schema(record).names)


def test_the_clock_is_no_leak(published: Published) -> None:
    assert attack([published.folder]).as_dict()["findings"] == []


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("local", ["2026-06-01T10:00+02:00", "2026-06-01T11:17+02:00"]),  # the minutes say something
        ("local", ["2026-06-01T10:00+02:00", "eleven, nine of them guests"]),
        ("starts", [datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 9, 0, 0, 7, tzinfo=UTC)]),
        ("local", [None, "2026-06-01T11:00+02:00"]),  # two labels of one period
    ],
)
def test_a_label_that_says_more_than_the_time_is_found(column: str, values: list[object], tmp_path: Path) -> None:
    periods = ["2026-06-01T08Z", "2026-06-01T08Z" if values[0] is None else "2026-06-01T09Z"]
    rows = pa.table({"area": ["A", "B"], "period": periods, column: values, "people": [20, 30]})
    table = ReleasedTable("presence", rows, ("area", "period"), labels=(column,))
    write_release(Release((table,), protection={"threshold": 10}), tmp_path / "r")
    [finding] = [one for one in attack([tmp_path / "r"]).findings if one.place == {"column": column}]
    assert finding.severity == "leak"


@pytest.mark.parametrize(
    ("column", "of_day"),
    [
        ("local", lambda day: f"2026-06-{day:02d}T00:00+0{day % 3}:00"),  # a clock that says a figure each day
        ("starts", lambda day: datetime(2026, 6, day, tzinfo=UTC) - timedelta(minutes=15 * (day % 3))),
        ("local", lambda day: f"2026-06-{day:02d}T00:00+02:00" if day % 2 else None),  # and one that is silent on some
    ],
)
def test_a_clock_that_changes_as_it_pleases_is_found(
    column: str, of_day: Callable[[int], object], tmp_path: Path
) -> None:
    days = range(1, 11)
    rows = pa.table(
        {
            "area": ["A"] * 10,
            "period": [f"2026-06-{day:02d}" for day in days],
            column: [of_day(day) for day in days],
            "people": [20] * 10,
        }
    )
    table = ReleasedTable("presence", rows, ("area", "period"), labels=(column,))
    write_release(Release((table,), protection={"threshold": 10}), tmp_path / "r")
    [finding] = [one for one in attack([tmp_path / "r"]).findings if one.place == {"column": column}]
    assert finding.severity == "leak"


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "Europe/Copenhagen", "Asia/Kathmandu", "America/St_Johns"])
def test_the_clock_of_a_real_zone_is_no_leak_over_two_years(zone: str) -> None:
    names = [f"{2025 + month // 12}-{month % 12 + 1:02d}" for month in range(24)]
    names += (
        [hour_word(AUTUMN * 24 + hour) for hour in range(-30, 30)] + [day_word(AUTUMN + n) for n in (-1, 0, 1)] + ["*"]
    )
    rows = pa.table({"period": names, "people": [20] * len(names)})
    [table] = with_clock(Release((ReleasedTable("presence", rows, ("period",)),)), zone).tables
    assert [name for name in table.labels if not harmless(table, name)] == []


def test_the_report_shows_local_hours_and_counts_the_doubled_hour_twice() -> None:
    found = facts(named(*range(AUTUMN * 24 - 2, AUTUMN * 24 + 23)), RunSummary(timezone="Europe/Copenhagen"))
    assert set(found.hours[6]) == {20.0}
    assert set(found.hours[5]) == {None}
    assert found.timezone == "Europe/Copenhagen"
