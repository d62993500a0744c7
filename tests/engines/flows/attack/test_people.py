"""Small figures, weights, groups, trajectories and membership."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from allmende.engines.flows.attack import Limits, Truth, attack
from allmende.engines.flows.attack.hours import hour_of
from allmende.engines.flows.attack.knowledge import guess_weight
from allmende.engines.flows.attack.membership import auc
from tests.engines.flows.attack.releases import attacks_of, publish, table

FIRST_HOUR = 490_008  # a midnight
WEIGHT = 5.13


def test_small_figures_are_named(tmp_path: Path) -> None:
    [finding] = attack([publish(tmp_path / "r", table("presence", ["cell"], [("c1", 9), ("c2", 10)]))]).findings
    assert (finding.attack, finding.place, finding.high) == ("small figures", {"cell": "c1"}, 9)


def test_figures_that_passed_the_threshold_by_scaling_are_named_with_their_devices(tmp_path: Path) -> None:
    devices = [2, *range(10, 60)]
    rows = [(f"c{number}", round(count * WEIGHT)) for number, count in enumerate(devices)]
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], rows))])
    assert attacks_of(audit) == {"devices behind the figures", "rounding undone"}
    [leak] = audit.leaks
    assert leak.place == {"cell": "c0"}
    assert (leak.low, leak.devices_low) == (10, 2)


def test_a_weight_shows_in_figures_that_are_large_enough(tmp_path: Path) -> None:
    rows = [(f"c{number}", round(count * WEIGHT)) for number, count in enumerate(range(10, 60))]
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], rows))])
    [note] = audit.findings
    assert (note.attack, note.severity) == ("rounding undone", "note")
    assert audit.passed
    assert audit.assumed["people per device"] == pytest.approx(WEIGHT, rel=0.005)


def test_figures_rounded_to_a_declared_base_hide_the_weight(tmp_path: Path) -> None:
    rows = [(f"c{number}", 5 * round(count * WEIGHT / 5)) for number, count in enumerate(range(10, 60))]
    protection = {"method": "rounding", "threshold": 10, "base": 5}
    assert attack([publish(tmp_path / "r", table("presence", ["cell"], rows), protection=protection)]).findings == ()


def test_a_base_that_the_figures_do_not_keep_is_not_believed(tmp_path: Path) -> None:
    rows = [(f"c{number}", round(count * WEIGHT)) for number, count in enumerate(range(10, 60))]
    protection = {"method": "rounding", "threshold": 10, "base": 5}
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], rows), protection=protection)])
    assert attacks_of(audit) == {"rounding undone"}


def test_differential_privacy_is_judged_by_its_noise(tmp_path: Path) -> None:
    rows = [("a", "resident", 4), ("a", "commuter", 30), ("a", "*", 36), ("b", "resident", 20), ("b", "commuter", 0)]
    protection = {"method": "dp", "threshold": 10, "interval": 0, "base": 1, "noise": {"scale": 3.0, "epsilon": 1.0}}
    release = publish(tmp_path / "r", table("presence", ["site", "visitor_class"], rows), protection=protection)
    assert attack([release]).findings == ()


@pytest.mark.parametrize("weight", [1.7, 2.0, 3.3, 5.13, 8.0, 21.4])
def test_weights_are_guessed_from_their_multiples(weight: float) -> None:
    counts = np.unique(np.random.default_rng(5).integers(10, 140, 80))
    assert guess_weight(np.rint(counts * weight)) == pytest.approx(weight, rel=0.003)


def test_figures_of_different_weights_show_none() -> None:
    generator = np.random.default_rng(6)
    for _ in range(20):
        assert guess_weight(np.rint(generator.integers(10, 200, 300) * generator.uniform(2, 7, 300))) is None


def test_a_total_hardly_larger_than_its_largest_part_is_noted(tmp_path: Path) -> None:
    rows = [("day", 100), ("h10", 97), ("h11", 60), ("h12", 50)]
    hours = {"times": {"day": ["h10", "h11", "h12", "h13"]}}
    release = publish(tmp_path / "r", table("presence", ["hour"], rows, {"hour": "times"}, False), hierarchies=hours)
    [finding] = attack([release]).findings
    assert (finding.attack, finding.severity) == ("dominance", "note")
    assert attack([release], limits=Limits(strict=True)).leaks[0].attack == "dominance"


def test_a_home_seen_with_one_destination_only_is_noted(tmp_path: Path) -> None:
    rows = [("Kiel", "harbour", 40), ("Kiel", "museum", 30), ("Lund", "harbour", 30), ("Lund", "museum", 60)]
    rows += [("Wollbach", "museum", 12)]
    [finding] = attack([publish(tmp_path / "r", table("od", ["o", "d"], rows))]).findings
    assert (finding.attack, finding.severity) == ("rare home and destination", "note")
    assert finding.place == {"o": "Wollbach", "d": "museum"}


@pytest.mark.parametrize(
    "label",
    [
        "490010",
        490010,
        "2025-11-25T02",
        "2025-11-25 02:00",
        "2025-11-25 02:00:00.000000Z",
        "2025-11-25T03:00+01:00",
        datetime(2025, 11, 25, 2, tzinfo=UTC),
    ],
)
def test_an_hour_is_read_from_what_a_release_writes(label: object) -> None:
    assert hour_of(label) == 490_010


@pytest.mark.parametrize("label", ["*", "42", "2025-11-24", "harbour", "2025-13-99T02:00"])
def test_what_is_no_hour_is_none(label: object) -> None:
    assert hour_of(label) is None


def walkers(people: int, hours: int, seed: int) -> dict[str, list[tuple[object, object]]]:
    """People who walk one cell an hour, each in a row of cells of its own, kilometres apart."""
    generator = np.random.default_rng(seed)
    paths = {}
    for person in range(people):
        east = 4000 + np.cumsum(generator.integers(0, 2, hours))
        paths[f"p{person}"] = [
            ((int(x) * 100_000 + 3000 + 20 * person), FIRST_HOUR + hour) for hour, x in enumerate(east)
        ]
    return paths


def counts_of(paths: dict[str, list[tuple[object, object]]], scale: float = 1.0) -> list[tuple[object, object, int]]:
    found: dict[tuple[object, object], int] = {}
    for points in paths.values():
        for point in points:
            found[point] = found.get(point, 0) + 1
    return [(*point, round(number * scale)) for point, number in found.items()]


def test_single_devices_are_followed_from_hour_to_hour(tmp_path: Path) -> None:
    paths = walkers(5, 12, 3)
    release = publish(tmp_path / "r", table("presence", ["cell", "hour"], counts_of(paths, 12.0), additive=False))
    audit = attack([release], truth=Truth(paths), limits=Limits(weight=12.0))
    # One device of 12 people passes the threshold by scaling, which is found as well.
    assert attacks_of(audit) == {"devices behind the figures", "trajectories"}
    chains = [finding for finding in audit.findings if finding.attack == "trajectories"]
    assert len(chains) == 5
    assert "followed for 12 hours" in chains[0].inferred
    assert "100% of their hours are those of one real person" in chains[0].how


def test_crowds_are_not_followed(tmp_path: Path) -> None:
    rows = [(400_003_000 + place * 100_000, FIRST_HOUR + hour, 20 + place) for place in range(4) for hour in range(12)]
    release = publish(tmp_path / "r", table("presence", ["cell", "hour"], rows, additive=False))
    assert attack([release], limits=Limits(weight=1.0)).findings == ()


def crowd(seed: int, people: int, habits: int, days: int) -> dict[str, list[tuple[object, object]]]:
    """People with a few habitual places by hour, and a random one each day."""
    generator = np.random.default_rng(seed)
    paths: dict[str, list[tuple[object, object]]] = {}
    for person in range(people):
        points: set[tuple[object, object]] = set()
        for day in range(days):
            for hour in generator.choice(24, habits, replace=False):
                points.add((f"c{int(generator.integers(0, 40))}", FIRST_HOUR + 24 * day + int(hour)))
        paths[f"p{person}"] = sorted(points, key=str)
    return paths


def test_members_of_unprotected_counts_are_told_from_others(tmp_path: Path) -> None:
    inside, outside = crowd(1, 30, 6, 5), {f"q{name}": path for name, path in crowd(2, 30, 6, 5).items()}
    truth = Truth(members=dict.fromkeys(inside, True) | dict.fromkeys(outside, False))
    release = publish(
        tmp_path / "r",
        table("presence", ["cell", "hour"], counts_of(inside, 12.0), additive=False),
    )
    audit = attack([release], known=inside | outside, truth=truth, limits=Limits(weight=12.0, chained_hours=99))
    assert attacks_of(audit) == {"devices behind the figures", "membership"}
    [finding] = [finding for finding in audit.leaks if finding.attack == "membership"]
    assert float(finding.inferred.split("curve ")[1][:4]) > 0.9
    without_truth = attack([release], known=inside | outside, limits=Limits(weight=12.0, chained_hours=99))
    [note] = [finding for finding in without_truth.findings if finding.attack == "membership"]
    assert note.severity == "note"


def test_members_of_counts_of_ten_or_more_are_not_told_from_others(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    rows = [(f"c{place}", FIRST_HOUR + hour, int(generator.poisson(60))) for place in range(40) for hour in range(120)]
    inside, outside = crowd(1, 30, 6, 5), {f"q{name}": path for name, path in crowd(2, 30, 6, 5).items()}
    truth = Truth(members=dict.fromkeys(inside, True) | dict.fromkeys(outside, False))
    release = publish(tmp_path / "r", table("presence", ["cell", "hour"], rows, additive=False))
    assert attack([release], known=inside | outside, truth=truth, limits=Limits(weight=1.0)).findings == ()


def test_area_under_the_curve_and_its_error_agree_with_the_paper() -> None:
    # Hanley and McNeil (1982), table I: 58 normal and 51 abnormal images, area 0.893, standard error 0.032.
    normal = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [33, 6, 6, 11, 2])
    abnormal = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [3, 2, 2, 11, 33])
    area, error = auc(abnormal, normal)
    assert area == pytest.approx(0.893, abs=0.001)
    assert error == pytest.approx(0.032, abs=0.001)


def test_an_audit_is_told_as_plain_values_and_as_text(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    release = publish(tmp_path / "r", table("presence", ["cell"], [("c1", 9), ("c2", 10)]))
    audit = attack([release], progress=lambda name, done, total: seen.append((name, done, total)))
    told = audit.as_dict()
    assert told["passed"] is False
    assert told["counts"] == {"small figures": 1}
    assert told["findings"][0]["place"] == {"cell": "c1"}
    assert "leak: presence (cell c1): 9 people, fewer than 10 devices" in audit.as_text()
    assert [done for _, done, _ in seen] == list(range(len(audit.tried)))
    assert {total for *_, total in seen} == {len(audit.tried)}


def test_more_findings_than_are_named_are_counted(tmp_path: Path) -> None:
    audit = attack([publish(tmp_path / "r", table("presence", ["cell"], [(f"c{n}", 5) for n in range(450)]))])
    assert audit.counts == {"small figures": 450}
    assert len(audit.findings) == 201
