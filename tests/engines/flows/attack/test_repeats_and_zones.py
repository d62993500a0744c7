"""Figures told twice, releases after each other, zones across zones, windows beside windows."""

from __future__ import annotations

from pathlib import Path

from allmende.engines.flows.attack import Limits, attack
from tests.engines.flows.attack.releases import attacks_of, publish, table

ZONES = {"areas": {"north": ["c1", "c2", "c3", "c4"], "bay": ["c1", "c2", "c3"]}}


def test_a_zone_inside_another_leaves_a_strip(tmp_path: Path) -> None:
    rows = [("north", 104), ("bay", 100), ("other", 50)]
    audit = attack(
        [publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}, False), hierarchies=ZONES)]
    )
    [finding] = audit.findings
    assert finding.attack == "overlapping zones"
    assert finding.place == {"cell": "north", "without": "bay"}
    assert finding.low is not None
    assert finding.low <= 4 <= (finding.high or 0)


def test_zones_that_differ_by_enough_are_safe(tmp_path: Path) -> None:
    rows = [("north", 140), ("bay", 100), ("other", 50)]
    release = publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}, False), hierarchies=ZONES)
    assert attack([release]).findings == ()


def test_a_zone_that_was_shifted_between_two_releases_leaves_a_strip(tmp_path: Path) -> None:
    before = publish(
        tmp_path / "may",
        table("presence", ["cell"], [("bay", 100), ("town", 70)], {"cell": "areas"}),
        hierarchies={"areas": {"bay": ["c1", "c2"], "town": ["c8", "c9"]}},
    )
    after = publish(
        tmp_path / "june",
        table("presence", ["cell"], [("bay", 105), ("town", 70)], {"cell": "areas"}),
        hierarchies={"areas": {"bay": ["c1", "c2", "c3"], "town": ["c8", "c9"]}},
    )
    assert attack([before]).findings == attack([after]).findings == ()
    [finding] = attack([before, after]).findings
    assert finding.attack == "overlapping zones"
    assert finding.place["without"] == "bay"


def test_windows_that_differ_by_a_day_leave_the_day(tmp_path: Path) -> None:
    rows = [("2026-07-01/2026-07-07", 500), ("2026-07-01/2026-07-08", 506)]
    audit = attack([publish(tmp_path / "r", table("presence", ["period"], rows, additive=False))])
    [finding] = audit.findings
    assert finding.attack == "adjacent windows"
    assert finding.low is not None
    assert finding.low <= 6 <= (finding.high or 0)


def test_a_grid_inside_a_grid_is_a_hierarchy_without_being_told(tmp_path: Path) -> None:
    def cell(size: int, north: int, east: int) -> str:
        return f"CRS3035RES{size}mN{north}E{east}"

    rows = [(cell(1000, 3_000_000 + 1000 * n, 4_000_000), 100) for n in range(5)]
    rows += [(cell(100, 3_000_000 + 1000 * n + 100 * part, 4_000_000), 50) for n in range(4) for part in range(2)]
    rows += [(cell(100, 3_004_000, 4_000_000), 93)]
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], rows))])
    [finding] = audit.findings
    assert finding.attack == "parent minus children"
    assert finding.place["cell"] == cell(1000, 3_004_000, 4_000_000)


def test_late_data_of_a_few_people_show_between_two_releases(tmp_path: Path) -> None:
    rows = [(f"c{number}", 100 + number) for number in range(10)]
    first = publish(tmp_path / "first", table("presence", ["cell"], rows))
    second = publish(tmp_path / "second", table("presence", ["cell"], [("c0", 103), *rows[1:]]))
    [finding] = attack([first, second]).findings
    assert finding.attack == "re-run after late data"
    assert finding.table == "second/presence"
    assert (finding.place, finding.low) == ({"cell": "c0"}, 3)


def test_the_same_release_twice_tells_nothing_new(tmp_path: Path) -> None:
    rows = [(f"c{number}", 100 + number) for number in range(10)]
    both = [publish(tmp_path / name, table("presence", ["cell"], rows)) for name in ("first", "second")]
    assert attack(both).findings == ()


def test_what_one_release_withholds_another_shows(tmp_path: Path) -> None:
    # Each withholds two of four; together only c1 is withheld, and it is the total minus the rest.
    areas = {"areas": {"north": ["c1", "c2", "c3", "c4"]}}
    shown = {"c2": 40, "c3": 30, "c4": 20}
    folders = []
    for name, partner in (("first", "c4"), ("second", "c3")):
        rows = [("north", 97), *((cell, people) for cell, people in shown.items() if cell != partner)]
        folders.append(
            publish(tmp_path / name, table("presence", ["cell"], rows, {"cell": "areas"}), hierarchies=areas)
        )
    limits = Limits(slack=0)
    assert attack(folders[:1], limits=limits).findings == attack(folders[1:], limits=limits).findings == ()
    [finding] = attack(folders, limits=limits).findings
    assert (finding.place, finding.low, finding.high) == ({"cell": "c1"}, 7, 7)


def test_noise_drawn_anew_is_averaged_out(tmp_path: Path) -> None:
    noise = {"method": "noise", "threshold": 10, "noise": 3}
    folders = []
    for name, shift in (("a", 1), ("b", -1), ("c", 2)):
        rows = [(f"c{number}", 100 + number + shift * (-1) ** number) for number in range(10)]
        folders.append(publish(tmp_path / name, table("presence", ["cell"], rows), protection=noise))
    audit = attack(folders)
    assert attacks_of(audit) == {"the same query twice"}
    assert "1.7 times as exact" in audit.findings[0].inferred


def test_two_tables_of_one_release_must_not_disagree(tmp_path: Path) -> None:
    release = publish(
        tmp_path / "r",
        table("presence", ["cell", "visitor_class"], [("c1", "*", 100), ("c2", "*", 120)]),
        table("presence_total", ["cell"], [("c1", 101), ("c2", 120)]),
    )
    [finding] = attack([release]).findings
    assert finding.attack == "the same query twice"
    assert finding.place["cell"] == "c1"
