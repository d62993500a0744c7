"""What subtraction gives away: parents and children, classes, origins, chains, and figures bounded by several sums at once."""

from __future__ import annotations

from pathlib import Path

from allmende.engines.flows.attack import Limits, attack
from tests.engines.flows.attack.releases import attacks_of, publish, table

AREAS = {"areas": {"north": ["c1", "c2", "c3", "c4"], "south": ["c5", "c6"]}}


def test_a_release_whose_sums_are_whole_or_wide_has_no_findings(tmp_path: Path) -> None:
    rows = [("north", 130), ("c1", 40), ("c2", 50), ("south", 60), ("c5", 30), ("c6", 30), ("*", 190)]
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}), hierarchies=AREAS)])
    assert audit.findings == ()
    assert audit.passed
    assert "Nothing could be inferred" in audit.as_text()


def test_parent_minus_children_leaves_the_withheld_child(tmp_path: Path) -> None:
    rows = [("north", 97), ("c1", 40), ("c2", 30), ("c4", 20), ("south", 60), ("c5", 30), ("c6", 30)]
    audit = attack(
        [publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}), hierarchies=AREAS)],
        limits=Limits(slack=0),
    )
    [finding] = audit.findings
    assert (finding.attack, finding.severity) == ("parent minus children", "leak")
    assert finding.place == {"cell": "c3"}
    assert (finding.low, finding.high) == (7, 7)
    assert "complementary suppression" in finding.remedy


def test_two_withheld_children_that_are_few_together_are_told_as_one(tmp_path: Path) -> None:
    rows = [("north", 78), ("c1", 40), ("c2", 30), ("south", 60), ("c5", 30), ("c6", 30)]
    audit = attack(
        [publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}), hierarchies=AREAS)],
        limits=Limits(slack=0),
    )
    [finding] = audit.findings
    assert finding.place == {"cell": "north", "rest of cell": "withheld"}
    assert (finding.low, finding.high) == (8, 8)


def test_two_withheld_children_that_are_many_together_are_safe(tmp_path: Path) -> None:
    rows = [("north", 120), ("c1", 40), ("c2", 30), ("south", 60), ("c5", 30), ("c6", 30)]
    release = publish(tmp_path / "r", table("presence", ["cell"], rows, {"cell": "areas"}), hierarchies=AREAS)
    assert attack([release]).findings == ()


def test_a_withheld_class_is_the_total_minus_the_others(tmp_path: Path) -> None:
    rows = [
        ("harbour", "resident", 40),
        ("harbour", "commuter", 30),
        ("harbour", "*", 76),
        ("museum", "resident", 20),
        ("museum", "commuter", 30),
        ("museum", "inbound_overnight", 25),
        ("museum", "*", 75),
    ]
    audit = attack([publish(tmp_path / "r", table("presence", ["site", "visitor_class"], rows))])
    [finding] = audit.findings
    assert finding.attack == "class minus total"
    assert finding.place == {"site": "harbour", "visitor_class": "inbound_overnight"}
    assert finding.low is not None
    assert finding.low <= 6 <= (finding.high or 0)


def test_a_large_class_that_follows_if_there_is_no_other_class_is_a_note(tmp_path: Path) -> None:
    rows = [("harbour", "resident", 40), ("harbour", "commuter", 30), ("harbour", "*", 120)]
    rows += [("museum", "resident", 20), ("museum", "commuter", 30), ("museum", "transit", 25), ("museum", "*", 75)]
    audit = attack([publish(tmp_path / "r", table("presence", ["site", "visitor_class"], rows))])
    assert [(finding.severity, finding.place["visitor_class"]) for finding in audit.findings] == [("note", "transit")]
    assert audit.passed


def test_a_withheld_origin_is_the_total_minus_the_others(tmp_path: Path) -> None:
    rows = [("harbour", "Kiel", 40), ("harbour", "Lund", 30), ("harbour", "*", 77)]
    audit = attack([publish(tmp_path / "r", table("presence", ["site", "origin"], rows))])
    [finding] = audit.findings
    assert finding.attack == "origin minus total"
    assert finding.place == {"site": "harbour", "origin": "*", "rest of origin": "withheld"}


def test_a_withheld_figure_follows_once_the_others_of_its_row_followed(tmp_path: Path) -> None:
    # a/x is alone in its column and falls first; then a/y is alone in its row, then b/y in its column.
    # The columns' totals add up to the withheld total of all, which gives the total of b.
    rows = [
        ("b", "x", 25),
        ("c", "x", 50),
        ("*", "x", 90),
        ("a", "z", 30),
        ("a", "*", 60),
        ("c", "y", 60),
        ("*", "y", 79),
        ("b", "z", 40),
        ("c", "z", 70),
        ("*", "z", 140),
    ]
    sides = {"rows": {"*": ["a", "b", "c"]}, "columns": {"*": ["x", "y", "z"]}}
    release = publish(
        tmp_path / "r", table("presence", ["i", "j"], rows, {"i": "rows", "j": "columns"}), hierarchies=sides
    )
    audit = attack([release], limits=Limits(slack=0))
    assert {tuple(finding.place.values()): (finding.attack, finding.low) for finding in audit.findings} == {
        ("a", "x"): ("parent minus children", 15),
        ("a", "y"): ("one withheld figure in a row", 15),
        ("b", "y"): ("one withheld figure in a row", 4),
        ("b", "*"): ("one withheld figure in a row", 69),
    }


def test_figures_that_only_several_sums_together_bound_are_found(tmp_path: Path) -> None:
    # No sum has fewer than two withheld figures, and no rest is small.  Withheld: a/x, a/y, b/x, b/y, b/z.
    # Rows: a/x + a/y = 40, b/x + b/y + b/z = 60.  Columns: a/x + b/x = 30, a/y + b/y = 62.  So b/z = 40 + 60 - 30 - 62 = 8.
    shown = [
        ("a", "z", 50),
        ("c", "x", 50),
        ("c", "y", 60),
        ("a", "*", 90),
        ("b", "*", 60),
        ("*", "x", 80),
        ("*", "y", 122),
    ]
    sides = {"rows": {"*": ["a", "b", "c"]}, "columns": {"*": ["x", "y", "z"]}}
    release = publish(
        tmp_path / "r",
        table("presence", ["i", "j"], shown, {"i": "rows", "j": "columns"}),
        hierarchies=sides,
    )
    audit = attack([release], limits=Limits(slack=0))
    [finding] = audit.findings
    assert finding.attack == "bounds by linear programming"
    assert finding.place == {"i": "b", "j": "z"}
    assert (finding.low, finding.high) == (8, 8)


def test_distinct_people_bound_a_withheld_child_from_both_sides(tmp_path: Path) -> None:
    # 30 people in the day, at most 12 + 13 of them at 10 and 11 h: at least 5 were there at 12 h, and at most 30.
    rows = [("day", 30), ("h10", 12), ("h11", 13), ("other", 60), ("h20", 50), ("h21", 40)]
    hours = {"times": {"day": ["h10", "h11", "h12"], "other": ["h20", "h21"]}}
    release = publish(
        tmp_path / "r", table("presence", ["hour"], rows, {"hour": "times"}, False), hierarchies=hours,
        protection={"threshold": 10, "interval": 30},
    )  # fmt: skip
    [finding] = [finding for finding in attack([release]).findings if finding.severity == "leak"]
    assert finding.place == {"hour": "h12"}
    assert finding.low is not None
    assert finding.low >= 3
    assert (finding.high or 0) <= 31


def test_a_promise_to_one_is_not_a_promise_to_all(tmp_path: Path) -> None:
    # The same rest is safe with an interval of 25 devices and too tight with one of 26.
    rows = [("c", "x", 30), ("c", "y", 30), ("c", "*", 60), ("a", "*", 100), ("b", "*", 25)]
    rows += [("*", "x", 130), ("*", "y", 55), ("*", "*", 185)]
    sides = {"rows": {"*": ["a", "b", "c"]}, "columns": {"*": ["x", "y"]}}

    def found(interval: int) -> set[str]:
        release = publish(
            tmp_path / str(interval),
            table("presence", ["i", "j"], rows, {"i": "rows", "j": "columns"}),
            hierarchies=sides,
            protection={"threshold": 5, "interval": interval},
        )
        return attacks_of(attack([release], limits=Limits(slack=0)))

    assert found(25) == set()
    assert found(26) == {"bounds by linear programming"}
