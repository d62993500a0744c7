"""Random tables, naively suppressed: what brute force recovers the auditor finds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.attack import Limits, attack
from tests.engines.flows.attack.releases import publish, table

K = 3
Place = tuple[str, str]


def all_sums(values: dict[Place, int]) -> dict[Place, int]:
    """The table with its margins, as ``*``."""
    sums: dict[Place, int] = {}
    for (cell, kind), people in values.items():
        for place in product((cell, "*"), (kind, "*")):
            sums[place] = sums.get(place, 0) + people
    return sums


def completions(places: list[Place], shown: dict[Place, int]) -> Iterator[dict[Place, int]]:
    """All tables of whole numbers that agree with what is shown, one cell after the other."""
    rest = {place: people for place, people in shown.items() if "*" in place}

    def fill(at: int, chosen: dict[Place, int], left: dict[Place, int]) -> Iterator[dict[Place, int]]:
        if at == len(places):
            if not any(left.values()):
                yield chosen
            return
        place = places[at]
        above = [total for total in ((place[0], "*"), ("*", place[1]), ("*", "*")) if total in left]
        most = min((left[total] for total in above), default=0)
        options = [shown[place]] if place in shown else range(most + 1)
        for people in options:
            if people <= most:
                yield from fill(
                    at + 1, chosen | {place: people}, left | {total: left[total] - people for total in above}
                )

    yield from fill(0, {}, rest)


def recoverable(places: list[Place], shown: dict[Place, int]) -> dict[Place, int]:
    """Withheld cells with the same value, not none, in all completions."""
    options: dict[Place, set[int]] = {}
    for one in completions(places, shown):
        for place in places:
            options.setdefault(place, set()).add(one[place])
    return {
        place: found.pop()
        for place, found in options.items()
        if place not in shown and len(found) == 1 and found != {0}
    }


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 3), st.integers(2, 3), st.data())
def test_all_that_brute_force_recovers_is_found(rows: int, columns: int, data: st.DataObject) -> None:
    places = [(f"c{row}", f"k{column}") for row in range(rows) for column in range(columns)]
    people = data.draw(st.lists(st.sampled_from([0, 1, 2, 2, 4, 5, 7]), min_size=len(places), max_size=len(places)))
    values = dict(zip(places, people, strict=True))
    shown = {place: number for place, number in all_sums(values).items() if number >= K}
    if ("*", "*") not in shown:
        return
    exact = recoverable(places, shown)
    with tempfile.TemporaryDirectory() as folder:
        release = publish(
            Path(folder) / "release",
            table(
                "presence",
                ("cell", "kind"),
                [(*place, n) for place, n in shown.items()],
                {"cell": "areas", "kind": "kinds"},
            ),
            hierarchies={
                "areas": {"*": [f"c{row}" for row in range(rows)]},
                "kinds": {"*": [f"k{column}" for column in range(columns)]},
            },
            protection={"threshold": K, "interval": K},
        )
        audit = attack([release], limits=Limits(slack=0))
    found = {
        (finding.place["cell"], finding.place["kind"]): (finding.low, finding.high)
        for finding in audit.findings
        if set(finding.place) == {"cell", "kind"}
    }
    missed = {place: number for place, number in exact.items() if place not in found}
    assert missed == {}
    # Whatever is claimed of a cell holds for the real table.
    for place, (low, high) in found.items():
        real = all_sums(values)[place]
        assert low is not None
        assert high is not None
        assert low - 1e-3 <= real <= high + 1e-3
